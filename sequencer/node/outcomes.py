"""The one answer to each signed message, however often it is sent."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct, field

from sequencer.batch.epoch import Epoch
from sequencer.chain.receipts import Promise, ReceiptSigner, SignedReceipt
from sequencer.engine.events import Cancelled
from sequencer.history.store import HistoryStore
from sequencer.history.types import MessageRecord, OrderRecord, Projection
from sequencer.model.codes import Verdict
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer
from sequencer.node.errors import NonceUsedError
from sequencer.node.machine import Machine
from sequencer.node.signatures import Verified
from sequencer.node.work import Result
from sequencer.records.update import Update

Waiter = Callable[[Result], None]
"""Called once with what became of a message; it must not block."""

_Name = tuple[int, int]
_EPOCHS_KEPT: Final = 64
# So many take less time than handing them to a thread.
_INLINE_MAX: Final = 2


class _Expected(Struct):
    """A message that is sequenced and not yet durable; the first waiter is who sent it first."""

    verified: Verified
    waiters: list[Waiter] = field(default_factory=list)


class _Met(Struct, frozen=True):
    """A message that is durable, and those who wait for its receipt."""

    record: MessageRecord
    order: OrderRecord | None
    waiters: Sequence[Waiter]


class Outcomes:
    """Answers that wait for the disk, and those that the history has."""

    def __init__(self, machine: Machine, history: HistoryStore, receipts: ReceiptSigner) -> None:
        self._machine, self._history, self._receipts = machine, history, receipts
        self._expected: dict[_Name, _Expected] = {}
        self._signing: set[asyncio.Task[None]] = set()
        self._epochs: dict[int, Epoch] = {}

    def known(self, verified: Verified, waiter: Waiter) -> bool:
        """Tell whether a message was sequenced before; its answer then goes to the waiter, now or later.

        Raises
        ------
        NonceUsedError
            If another message of the account has its nonce.
        """
        name = _name(verified.signed)
        if name in self._expected:
            expected = self._expected[name]
            if expected.verified.hash != verified.hash:
                raise _used(name)
            expected.waiters.append(waiter)
            return True
        record = self._history.message(*name)
        # A message that was refused after its batch was undone has no sequence: it may be sent again.
        if record is None or not record.sequence:
            return False
        if record.message_hash != verified.hash:
            raise _used(name)
        receipt = self._receipts.issue(*self._promise(record))
        waiter(Answer(record, self._history.order(*name), receipt, repeated=True))
        return True

    def keep_epoch(self) -> None:
        """Keep the epoch of the open batch, which is about to be closed.

        The history has it once that is durable; a receipt that somebody asks for before must be the same.
        """
        batch = self._machine.open_batch
        if batch.has_messages:
            self._epochs[batch.number] = batch.epoch
        while len(self._epochs) > _EPOCHS_KEPT:
            del self._epochs[min(self._epochs)]

    def expect(self, verified: Verified, waiter: Waiter | None = None) -> None:
        """Have a waiter told of a message, which was just sequenced, once it is durable."""
        self._expected[_name(verified.signed)] = _Expected(verified, [] if waiter is None else [waiter])

    def meet(self, durable: Sequence[tuple[SignedMessage, Projection]]) -> None:
        """Answer messages that are durable now, as soon as their receipts are signed."""
        met = [each for signed, projection in durable if (each := self._met(signed, projection)) is not None]
        promises = [self._promise(each.record) for each in met]
        if len(met) <= _INLINE_MAX:
            _tell(met, self._receipts.issue_many(promises))
            return
        signing = asyncio.ensure_future(self._sign(met, promises))
        self._signing.add(signing)
        signing.add_done_callback(self._signing.discard)

    async def settled(self) -> None:
        """Return once what was met is answered."""
        await asyncio.gather(*self._signing)

    def fail(self, error: ProofbookError) -> None:
        """Tell those who wait that their message may be lost."""
        for expected in self._expected.values():
            for waiter in expected.waiters:
                waiter(error)
        self._expected.clear()

    async def _sign(self, met: Sequence[_Met], promises: Sequence[Promise]) -> None:
        _tell(met, await asyncio.to_thread(self._receipts.issue_many, promises))

    def _met(self, signed: SignedMessage, projection: Projection) -> _Met | None:
        name = _name(signed)
        expected = self._expected.pop(name, None)
        if expected is None or not expected.waiters:
            return None
        record = projection.answer
        assert record is not None, "an entry that sequences a message has its answer"
        order = next((each for each in projection.orders if (each.account, each.nonce) == name), None)
        return _Met(record, order, expected.waiters)

    def _promise(self, record: MessageRecord) -> Promise:
        epoch = self._epochs.get(record.batch) or self._epoch(record.batch)
        return epoch, record.sequence, record.message_hash

    def _epoch(self, number: int) -> Epoch:
        batch = self._machine.batch
        if batch is not None and batch.number == number:
            return batch.epoch
        closed = self._history.batch(number)
        assert closed is not None, "a message's batch is in the history"
        assert closed.state is not None, "the epoch of a batch that is closed was kept until this is durable"
        return Epoch(number, closed.timestamp, closed.requests_end, closed.epoch_hash)


def has_cancelled(update: Update) -> bool:
    """Tell whether a message that was just sequenced is a cancel that found its order."""
    return any(isinstance(event, Cancelled) for event in update.events)


def was_cancel(result: Result) -> bool:
    """Tell whether a message is a cancel that found its order."""
    return isinstance(result, Answer) and result.record.verdict == Verdict.CANCELLED.name.lower()


def _tell(met: Sequence[_Met], receipts: Sequence[SignedReceipt]) -> None:
    for each, receipt in zip(met, receipts, strict=True):
        first, *others = each.waiters
        first(Answer(each.record, each.order, receipt, repeated=False))
        for waiter in others:
            waiter(Answer(each.record, each.order, receipt, repeated=True))


def _name(signed: SignedMessage) -> _Name:
    return signed.message.account, signed.message.nonce


def _used(name: _Name) -> NonceUsedError:
    return NonceUsedError(f"another message of account {name[0]} has nonce {name[1]}")
