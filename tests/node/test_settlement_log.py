"""A node whose settlement log is lost acknowledges nothing until a settler has made it anew."""

import asyncio
import shutil
from pathlib import Path

import pytest

from sequencer.chain.queue import QueueHashes
from sequencer.journal.reader import read_log
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import NotReadyError
from sequencer.settler.rebuilding import restore_settlement
from tests.node.venue import START, Time, Trader, create, onboarding, running, started, until

pytestmark = pytest.mark.anyio

LATER, SWITCH = 60, 100


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_node_without_its_settlement_log_stays_up_and_goes_on_once_the_log_is_there(
    tmp_path: Path, is_closed: bool
) -> None:
    ada, time, directories = Trader(1), Time(), create(tmp_path)
    async with running(directories, time) as node:
        (first,) = await node.submit([ada.order(Side.SELL, 10)])
        await node.arm(ada.cancel_all(SWITCH), (START + LATER // 2) * 1_000)
        if is_closed:
            time.pass_seconds(6)
            await until(lambda: node.status().closed_batch == 1)
    shutil.rmtree(directories.settlement)
    entries = len(list(read_log(directories.journal)))
    async with started(directories, time) as node:
        time.pass_seconds(LATER)
        for message in (ada.sent[0], ada.order(Side.SELL, 20)):
            with pytest.raises(NotReadyError, match="settlement log"):
                await node.submit([message])
        await asyncio.sleep(0.2)
        assert node.failure is None
        assert "settlement_log" in node.status().causes
        assert len(list(read_log(directories.journal))) == entries

        restore_settlement(directories.settlement, directories.journal)
        await until(lambda: node.status().is_ready)
        await until(lambda: not node.armed(1))
        ada.nonce = SWITCH
        again, second = await node.submit([ada.sent[0], ada.order(Side.SELL, 30)])
        assert isinstance(first, Answer)
        assert isinstance(again, Answer)
        assert isinstance(second, Answer)
        assert (again.receipt, again.repeated) == (first.receipt, True)
        assert second.record.batch > first.record.batch
        assert second.receipt.receipt.queue_hash == whole_queue()


def whole_queue() -> int:
    """The hash over all requests of the venue."""
    hashes = QueueHashes()
    hashes.extend(entry.request for entry in onboarding(2))
    return hashes.at(len(hashes))
