"""A node under load until it is killed: it writes down each message that it has acknowledged."""

import asyncio
from contextlib import suppress
from pathlib import Path
from random import Random

from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import UnwoundError
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from tests.node.venue import PRICE, START, Time, Trader, running

SIZE = batch_size("reference")
POLICY = NodePolicy(batch_seconds=1)
_HOUR_MS = 3_600_000


def trade(data: Path, said: Path, seed: int, size: BatchSize = SIZE) -> None:
    """Trade for ever, an hour later for each seed; start anew where batches were undone."""
    random, time = Random(seed), Time(START * 1_000 + seed * _HOUR_MS)
    while True:
        with suppress(UnwoundError):
            asyncio.run(_trade(data, said, random, time, size))


def acknowledged(said: Path) -> list[list[int]]:
    """Account, nonce, sequence and hash of each message that nodes wrote down, all but a torn line."""
    lines = said.read_text().splitlines(keepends=True) if said.exists() else []
    return [[int(word) for word in line.split()] for line in lines if line.endswith("\n")]


async def _trade(data: Path, said: Path, random: Random, time: Time, size: BatchSize) -> None:
    async with running(Directories(data), time, size, POLICY) as node:
        traders = [Trader(1), Trader(2)]
        for trader in traders:
            trader.nonce = node.state().account(trader.account).nonce
        with said.open("a") as file:
            while node.failure is None:
                time.pass_seconds(random.choice((0.0, 0.0, 0.5)))
                print(*await _ordered(node, random, random.choice(traders)), sep="", end="", file=file)
                file.flush()
        raise node.failure


async def _ordered(node: Node, random: Random, trader: Trader) -> list[str]:
    """What is to be written down of some orders."""
    orders = [
        trader.order(random.choice(list(Side)), random.randint(10, 90), PRICE + random.randint(-3, 3))
        for _ in range(random.randint(1, 4))
    ]
    answers = [answer.record for answer in await node.submit(orders) if isinstance(answer, Answer)]
    return [f"{each.account} {each.nonce} {each.sequence} {each.message_hash}\n" for each in answers]
