"""A node in a process of its own, under load until it is killed: it prints each acknowledged message."""

import asyncio
import sys
from pathlib import Path
from random import Random

from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from tests.node.venue import PRICE, START, Time, Trader, running

POLICY = NodePolicy(batch_seconds=1)
_HOUR_MS = 3_600_000


async def trade(data: Path, seed: int) -> None:
    random, time = Random(seed), Time(START * 1_000 + seed * _HOUR_MS)
    async with running(Directories(data), time, policy=POLICY) as node:
        traders = [Trader(1), Trader(2)]
        for trader in traders:
            trader.nonce = node.state().account(trader.account).nonce
        while True:
            time.pass_seconds(random.choice((0.0, 0.0, 0.5)))
            trader = random.choice(traders)
            orders = [
                trader.order(random.choice(list(Side)), random.randint(10, 90), PRICE + random.randint(-3, 3))
                for _ in range(random.randint(1, 4))
            ]
            for answer in await node.submit(orders):
                if isinstance(answer, Answer):
                    record = answer.record
                    print(record.account, record.nonce, record.sequence, record.message_hash, flush=True)


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), int(sys.argv[2])))
