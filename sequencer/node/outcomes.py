"""The one answer to each signed message, however often it is sent."""

import asyncio
from typing import Final

from sequencer.batch.epoch import Epoch
from sequencer.chain.receipts import ReceiptSigner, SignedReceipt
from sequencer.engine.events import Cancelled
from sequencer.history.store import HistoryStore
from sequencer.history.types import MessageRecord, OrderRecord, Projection
from sequencer.model.codes import Verdict
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer
from sequencer.node.errors import NonceUsedError
from sequencer.node.machine import Machine
from sequencer.records.update import Update

_Name = tuple[int, int]
_EPOCHS_KEPT: Final = 64


class Outcomes:
    """Answers that wait for the disk, and those that the history has."""

    def __init__(self, machine: Machine, history: HistoryStore, receipts: ReceiptSigner) -> None:
        self._machine, self._history, self._receipts = machine, history, receipts
        self._expected: dict[_Name, tuple[SignedMessage, asyncio.Future[Answer]]] = {}
        self._epochs: dict[int, Epoch] = {}

    def known(self, signed: SignedMessage) -> "asyncio.Future[Answer] | None":
        """Return the answer to a message that was sequenced before; None if it was not.

        Raises
        ------
        NonceUsedError
            If another message of the account has its nonce.
        """
        name = _name(signed)
        if name in self._expected:
            first, answer = self._expected[name]
            if first.message != signed.message:
                raise _used(name)
            return answer
        record = self._history.message(*name)
        # A message that was refused after its batch was undone has no sequence: it may be sent again.
        if record is None or not record.sequence:
            return None
        if record.message_hash != signed.message.hash(self._machine.state.domain):
            raise _used(name)
        again: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        again.set_result(self._answer(record, self._history.order(*name), repeated=True))
        return again

    def expect(self, signed: SignedMessage, update: Update) -> "asyncio.Future[Answer]":
        """Return where the answer to a message will be, which an update has just sequenced."""
        batch = self._machine.open_batch
        self._epochs[update.batch] = batch.epoch
        while len(self._epochs) > _EPOCHS_KEPT:
            del self._epochs[min(self._epochs)]
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._expected[_name(signed)] = signed, answer
        return answer

    def meet(self, signed: SignedMessage, projection: Projection) -> None:
        """Give the answer to a message that is durable now."""
        name = _name(signed)
        _, answer = self._expected.pop(name, (signed, None))
        if answer is None or answer.done():
            return
        record = projection.answer
        assert record is not None, "an entry that sequences a message has its answer"
        order = next((each for each in projection.orders if (each.account, each.nonce) == name), None)
        answer.set_result(self._answer(record, order, repeated=False))

    def fail(self, error: ProofbookError) -> None:
        """Tell those who wait that their message may be lost."""
        for _, answer in self._expected.values():
            if not answer.done():
                answer.set_exception(error)
        self._expected.clear()

    def _answer(self, record: MessageRecord, order: OrderRecord | None, *, repeated: bool) -> Answer:
        return Answer(record, order, self._receipt(record), repeated)

    def _receipt(self, record: MessageRecord) -> SignedReceipt:
        epoch = self._epochs.get(record.batch) or self._epoch(record.batch)
        return self._receipts.issue(epoch, record.sequence, record.message_hash)

    def _epoch(self, number: int) -> Epoch:
        batch = self._machine.batch
        if batch is not None and batch.number == number:
            return batch.epoch
        closed = self._history.batch(number)
        assert closed is not None, "a message's batch is in the history"
        return Epoch(number, closed.timestamp, closed.requests_end, closed.epoch_hash)


def has_cancelled(update: Update) -> bool:
    """Tell whether a message that was just sequenced is a cancel that found its order."""
    return any(isinstance(event, Cancelled) for event in update.events)


def was_cancel(answer: Answer) -> bool:
    """Tell whether a message is a cancel that found its order."""
    return answer.record.verdict == Verdict.CANCELLED.name.lower()


def _name(signed: SignedMessage) -> _Name:
    return signed.message.account, signed.message.nonce


def _used(name: _Name) -> NonceUsedError:
    return NonceUsedError(f"another message of account {name[0]} has nonce {name[1]}")
