"""When batches are undone on L1, the node starts anew: messages are sequenced again, or told why not."""

from pathlib import Path

import pytest

from sequencer.chain.queue import QueueHashes
from sequencer.engine.errors import MessageExpiredError
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import UnwoundError
from sequencer.records.entries import Unwound
from tests.node.venue import PRICE, Time, Trader, create, onboarding, running, settle, until

pytestmark = pytest.mark.anyio


async def test_messages_of_undone_batches_come_again_in_their_order(tmp_path: Path) -> None:
    ada, bob, time = Trader(1), Trader(2), Time()
    directories = create(tmp_path)
    async with running(directories, time) as node:
        await node.submit([ada.order(Side.SELL, 500)])
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 1 and node.status().is_ready)
        await node.submit([ada.order(Side.SELL, 300, PRICE + 1), bob.order(Side.BUY, 100)])
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 2 and node.status().is_ready)
        await node.submit([bob.order(Side.BUY, 50)])
        before = node.status().entry
        settle(directories, Unwound(1, "a request vanished"), *onboarding(2))
        await until(lambda: node.failure is not None)
        assert isinstance(node.failure, UnwoundError)
    async with running(directories, time) as node:
        await node.barrier()
        assert node.status().closed_batch >= 1
        again = [node.history.message(*name) for name in ((1, 2), (2, 1), (2, 2))]
        assert all(record is not None and record.entry > before for record in again)
        sequences = [record.sequence for record in again if record is not None]
        assert sequences == [2, 3, 4]
        assert [level.size for level in node.projector.levels(0, Side.SELL, 5)] == [350, 300]
        assert len(node.history.fills(2, None, 10).rows) == 2
        (answer,) = await node.submit([ada.sent[1]])
        assert isinstance(answer, Answer)
        assert answer.repeated
    async with running(directories, time) as node:
        assert node.failure is None
        assert [level.size for level in node.projector.levels(0, Side.SELL, 5)] == [350, 300]


async def test_another_queue_may_take_the_place_of_the_one_that_vanished(tmp_path: Path) -> None:
    ada, bob, time = Trader(1), Trader(2), Time()
    directories = create(tmp_path)
    async with running(directories, time) as node:
        await node.submit([ada.order(Side.SELL, 500), bob.order(Side.BUY, 100)])
        settle(directories, Unwound(0, "a deposit vanished"), *onboarding(1))
        await until(lambda: node.failure is not None)
    async with running(directories, time) as node:
        await node.barrier()
        orders = [node.history.message(*name) for name in ((1, 1), (2, 1))]
        assert [record and record.verdict for record in orders] == ["accepted", "unknown_account"]
        (answer,) = await node.submit([ada.order(Side.SELL, 300)])
        assert isinstance(answer, Answer)
        queue = QueueHashes()
        queue.extend(entry.request for entry in onboarding(1))
        assert answer.receipt.receipt.queue_hash == queue.at(2)


async def test_a_message_that_is_not_admitted_again_is_refused_with_its_cause(tmp_path: Path) -> None:
    ada, time = Trader(1), Time()
    directories = create(tmp_path)
    async with running(directories, time) as node:
        await node.submit([ada.order(Side.SELL, 500, expiry=time.now_ms // 1_000 + 2)])
        settle(directories, Unwound(0, "the deposit vanished"), *onboarding(2))
        await until(lambda: node.failure is not None)
    time.pass_seconds(10)
    async with running(directories, time) as node:
        await node.barrier()
        record = node.history.message(1, 1)
        assert record is not None
        assert (record.sequence, record.verdict) == (0, "message_expired")
        (result,) = await node.submit([ada.sent[0]])
        assert isinstance(result, MessageExpiredError)


async def test_a_start_that_finds_batches_undone_gives_the_directory_back(tmp_path: Path) -> None:
    directories = create(tmp_path)
    async with running(directories):
        pass
    settle(directories, Unwound(0, "a deposit vanished"), *onboarding(1))
    # What is raised keeps the node alive.
    with pytest.raises(UnwoundError) as found:
        async with running(directories):
            pass
    async with running(directories) as node:
        assert node.failure is None
    assert "a deposit vanished" in str(found.value)
