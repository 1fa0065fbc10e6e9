"""What a trader gets from the node: one durable answer to each signed message, with its receipt."""

import asyncio
from pathlib import Path

import pytest

from sequencer.chain.receipts import ReceiptDomain
from sequencer.history.types import OrderStatus, Projection
from sequencer.journal.reader import read_log
from sequencer.model.codes import Side
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer
from sequencer.node.errors import NonceUsedError, NotReplacedError, OverloadedError, SettlementBehindError
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from sequencer.records.entries import Progressed, Sequenced
from sequencer.records.entry_codec import decode_entry
from sequencer.store.life import BatchState
from tests.node.venue import (
    DOMAIN,
    PRICE,
    RECEIPT_KEY,
    ROLLUP,
    Signers,
    Time,
    Trader,
    create,
    running,
    settle,
    until,
)

pytestmark = pytest.mark.anyio


async def answered(node: Node, *messages: SignedMessage) -> list[Answer]:
    answers = await node.submit(messages)
    for answer in answers:
        assert isinstance(answer, Answer), answer
    return [answer for answer in answers if isinstance(answer, Answer)]


def refused(result: Answer | ProofbookError) -> str:
    assert isinstance(result, ProofbookError)
    return result.code


async def test_an_order_that_crosses_is_filled_and_both_sides_are_told(tmp_path: Path) -> None:
    ada, bob = Trader(1), Trader(2)
    async with running(create(tmp_path)) as node:
        (resting,) = await answered(node, ada.order(Side.SELL, 500))
        assert resting.order is not None
        assert resting.order.status is OrderStatus.RESTING
        (taken,) = await answered(node, bob.order(Side.BUY, 200))
        assert taken.order is not None
        assert (taken.order.status, taken.order.filled) == (OrderStatus.FILLED, 200)
        maker = node.history.order(1, 1)
        assert maker is not None
        assert (maker.status, maker.filled, maker.remaining) == (OrderStatus.RESTING, 200, 300)
        (level,) = node.projector.levels(0, Side.SELL, 5)
        assert (level.price, level.size, level.orders) == (PRICE, 300, 1)


async def test_a_receipt_is_signed_for_the_very_message_its_batch_and_its_place(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path)) as node:
        first, second = await answered(node, ada.order(Side.SELL, 500), ada.order(Side.SELL, 300))
        signer = ReceiptDomain(31337, ROLLUP)
        for answer, sent in zip((first, second), ada.sent, strict=True):
            assert signer.signer_of(answer.receipt) == RECEIPT_KEY.address
            assert answer.receipt.receipt.message_hash == sent.message.hash(DOMAIN)
        assert second.receipt.receipt.sequence == first.receipt.receipt.sequence + 1
        assert first.receipt.receipt.batch_number == node.status().open_batch


async def test_what_is_acknowledged_is_on_disk(tmp_path: Path) -> None:
    ada = Trader(1)
    directories = create(tmp_path)
    async with running(directories) as node:
        await answered(node, ada.order(Side.SELL, 500))
        entries = [decode_entry(payload) for _, payload in read_log(directories.journal)]
        assert [entry.signed for entry in entries if isinstance(entry, Sequenced)] == ada.sent


async def test_the_same_message_twice_is_one_order_and_one_answer(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path)) as node:
        order = ada.order(Side.SELL, 500)
        first, at_once = await answered(node, order, order)
        (later,) = await answered(node, order)
        assert first.receipt == at_once.receipt == later.receipt
        assert (first.repeated, later.repeated) == (False, True)
        assert [level.size for level in node.projector.levels(0, Side.SELL, 5)] == [500]


async def test_an_answer_is_the_same_after_its_batch_is_closed_and_the_node_started_again(
    tmp_path: Path,
) -> None:
    ada, time = Trader(1), Time()
    directories = create(tmp_path)
    async with running(directories, time) as node:
        order = ada.order(Side.SELL, 500)
        (first,) = await answered(node, order)
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 1 and node.status().is_ready)
        (closed,) = await answered(node, order)
    async with running(directories, time) as node:
        (again,) = await answered(node, order)
    assert first.receipt == closed.receipt == again.receipt


async def test_after_a_restart_an_answer_is_the_same_while_its_batch_is_being_closed(tmp_path: Path) -> None:
    time, order = Time(), Trader(1).order(Side.SELL, 500)
    directories = create(tmp_path)
    async with running(directories, time) as node:
        (first,) = await answered(node, order)
    async with running(directories, time) as node:
        assert node.status().open_batch == first.record.batch
        time.pass_seconds(6)
        # The batch is closed at once, and before the disk has that the message is looked up.
        (again,) = await answered(node, order)
        assert node.status().closed_batch == first.record.batch
    assert first.receipt == again.receipt


async def test_another_message_with_a_used_nonce_is_refused(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path)) as node:
        await answered(node, ada.order(Side.SELL, 500))
        ada.nonce = 0
        (result,) = await node.submit([ada.order(Side.SELL, 600)])
        assert isinstance(result, NonceUsedError)


async def test_a_refusal_of_one_message_does_not_stop_the_others(tmp_path: Path) -> None:
    ada, ghost = Trader(1), Trader(9)
    async with running(create(tmp_path)) as node:
        forged = SignedMessage(ada.order(Side.SELL, 500).message, ada.order(Side.SELL, 501).signature)
        results = await node.submit(
            [forged, ghost.order(Side.BUY, 500), ada.order(Side.SELL, 1), ada.order(Side.SELL, 500)]
        )
        assert [refused(result) for result in results[:3]] == [
            "bad_signature",
            "bad_signature",
            "size_out_of_range",
        ]
        assert isinstance(results[3], Answer)


async def test_a_replacement_whose_cancel_finds_nothing_places_nothing(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path)) as node:
        order = ada.order(Side.SELL, 500)
        (placed,) = await answered(node, order)
        cancel = ada.cancel(order, placed.record.sequence)
        first = await node.replace(cancel, ada.order(Side.SELL, 400, PRICE + 100))
        assert all(isinstance(result, Answer) for result in first)
        again = ada.cancel(order, placed.record.sequence)
        _, second = await node.replace(again, ada.order(Side.SELL, 300, PRICE + 200))
        assert isinstance(second, NotReplacedError)
        levels = node.projector.levels(0, Side.SELL, 5)
        assert [(level.price, level.size) for level in levels] == [(PRICE + 100, 400)]


async def test_a_replacement_that_is_sent_again_has_the_answers_of_the_first_time(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path)) as node:
        order = ada.order(Side.SELL, 500)
        (placed,) = await answered(node, order)
        cancel = ada.cancel(order, placed.record.sequence)
        renewed = ada.order(Side.SELL, 400, PRICE + 100)
        await answered(node, cancel)
        first = await node.replace(cancel, renewed)
        again = await node.replace(cancel, renewed)
        assert [answer.record for answer in first if isinstance(answer, Answer)] == [
            answer.record for answer in again if isinstance(answer, Answer)
        ]
        assert len(first) == len(again) == 2
        assert [level.size for level in node.projector.levels(0, Side.SELL, 5)] == [400]


async def test_a_full_batch_is_closed_and_the_message_joins_the_next(tmp_path: Path) -> None:
    ada, time = Trader(1), Time()
    async with running(create(tmp_path), time) as node:
        orders = [ada.order(Side.SELL, 10 + k, PRICE + k) for k in range(40)]
        pending = asyncio.create_task(node.submit(orders))
        while not pending.done():
            time.pass_seconds(1)
            await asyncio.sleep(0.1)
        batches = [answer.record.batch for answer in pending.result() if isinstance(answer, Answer)]
        assert len(batches) == 40
        assert batches == sorted(batches)
        assert set(batches) == set(range(1, batches[-1] + 1))
        assert batches[-1] > 1


async def test_too_many_waiting_messages_are_pushed_back(tmp_path: Path) -> None:
    ada = Trader(1)
    async with running(create(tmp_path), policy=NodePolicy(waiting_max=3)) as node:
        with pytest.raises(OverloadedError):
            await node.submit([ada.order(Side.SELL, 10) for _ in range(4)])


async def test_no_message_is_taken_while_too_many_batches_wait_for_proofs(tmp_path: Path) -> None:
    ada, time = Trader(1), Time()
    directories = create(tmp_path)
    policy = NodePolicy(batch_seconds=5, unproven_max=0)
    async with running(directories, time, policy=policy) as node:
        await answered(node, ada.order(Side.SELL, 500))
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 1)
        with pytest.raises(SettlementBehindError):
            await node.submit([ada.order(Side.SELL, 500)])
        settle(directories, Progressed(1, BatchState.PROVEN))
        await until(lambda: node.status().is_ready)
        await answered(node, ada.order(Side.SELL, 400))
        progress = node.history.batch(1)
        assert progress is not None
        assert progress.state is BatchState.PROVEN


async def test_progress_that_comes_before_the_batch_is_shown_as_closed_is_not_lost(tmp_path: Path) -> None:
    ada, time = Trader(1), Time()
    directories = create(tmp_path)
    async with running(directories, time) as node:
        await answered(node, ada.order(Side.SELL, 500))
        settle(directories, Progressed(1, BatchState.PROVING), Progressed(1, BatchState.PROVEN))
        await asyncio.sleep(0.2)
        assert node.status().proven_batch == 0
        time.pass_seconds(6)
        await until(lambda: node.status().proven_batch == 1)
        await node.barrier()
        progress = node.history.batch(1)
        assert progress is not None
        assert progress.state is BatchState.PROVEN


async def test_a_dead_man_switch_cancels_when_it_is_not_renewed(tmp_path: Path) -> None:
    ada, time = Trader(1), Time()
    async with running(create(tmp_path), time) as node:
        await answered(node, ada.order(Side.SELL, 500))
        fire_at_ms = time.now_ms + 2_000
        await node.arm(ada.cancel_all(nonce=1_000), fire_at_ms)
        await node.arm(ada.cancel_all(nonce=2_000), fire_at_ms + 1_000)
        time.pass_seconds(2.5)
        await asyncio.sleep(0.2)
        assert node.projector.levels(0, Side.SELL, 5)
        time.pass_seconds(1)
        await until(lambda: not node.projector.levels(0, Side.SELL, 5))
        assert node.armed(1) is None


async def test_listeners_see_every_durable_entry_once_and_in_order(tmp_path: Path) -> None:
    ada = Trader(1)
    seen: list[Projection] = []
    async with running(create(tmp_path)) as node:
        start = node.status().entry
        end = node.listen(seen.append)
        await asyncio.gather(*(node.submit([ada.order(Side.SELL, 10 + k)]) for k in range(20)))
        await node.barrier()
        end()
        numbers = [projection.number for projection in seen]
        assert numbers == list(range(start + 1, start + 1 + len(numbers)))
        assert node.recent(start) == seen
        assert len([each for each in seen if each.answer]) == 20


async def test_a_clock_that_went_back_opens_no_batch_until_it_has_caught_up(tmp_path: Path) -> None:
    ada, time, signers = Trader(1), Time(), Signers()
    directories = create(tmp_path)
    async with running(directories, time, signers=signers) as node:
        await answered(node, ada.order(Side.SELL, 500))
        signers.are_silent = True
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 1)
    time.pass_seconds(-3_600)
    early = asyncio.create_task(opened(directories, time))
    await asyncio.sleep(0.5)
    assert not early.done()
    time.pass_seconds(3_600)
    assert await early == 2


async def opened(directories: Directories, time: Time) -> int:
    """The first batch that a node opens."""
    async with running(directories, time) as node:
        return node.status().open_batch
