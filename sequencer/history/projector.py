"""What each entry of the journal changed, told from the engine's events alone."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from msgspec.structs import replace

from sequencer.batch.epoch import epoch_hash
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.events import Event, MessageSequenced, RequestProcessed, ShortfallCharged
from sequencer.history.draft import ProjectionDraft
from sequencer.history.errors import UnknownBatchError
from sequencer.history.live import LiveOrders
from sequencer.history.sequencing import Sequencing, name_of
from sequencer.history.types import (
    BatchProgress,
    FundingRate,
    Level,
    Mark,
    MessageRecord,
    OrderRecord,
    OrderStatus,
    Projection,
    Transfer,
)
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, RequestStatus, Side, Verdict
from sequencer.records.entries import (
    Armed,
    Closed,
    Consumed,
    Decided,
    Disarmed,
    Opened,
    Progressed,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.records.update import Update
from sequencer.store.life import BatchState

_OF_ACCOUNTS: Final = (
    RequestKind.DEPOSIT,
    RequestKind.REGISTER_KEY,
    RequestKind.WITHDRAW,
    RequestKind.MESSAGE,
)
_MILLISECONDS: Final = 1_000


class Projector:
    """Live orders, books and batches as of the last entry; pure, in memory.

    An order is live while it can trade: neither after a cancel-all of its account nor once it has expired.
    After an error nothing more can be projected.

    Parameters
    ----------
    domain
        Of the venue: message hashes depend on it.
    live_orders
        Those of the state on which the first entry is carried out; none at the genesis.
    next_sequence, requests_consumed, period
        Of that state.
    batches
        Closed and not final yet.
    """

    def __init__(
        self,
        domain: int,
        live_orders: Iterable[OrderRecord] = (),
        *,
        next_sequence: int = c.FIRST_SEQUENCE,
        requests_consumed: int = 0,
        period: int = 0,
        batches: Iterable[BatchProgress] = (),
    ) -> None:
        self._domain = domain
        self._live = LiveOrders(live_orders)
        self._next_sequence, self._requests, self._period = next_sequence, requests_consumed, period
        self._first_request = requests_consumed
        self._batches = {progress.number: progress for progress in batches}
        self._opening: OpenEpoch | None = None
        self._batch = self._time_ms = 0

    def apply(self, update: Update) -> Projection:
        """Return what an entry changed.

        Raises
        ------
        UnknownOrderError, UnknownBatchError
            If the update does not follow those before.
        """
        draft = ProjectionDraft(update, self._now(update), self._live)
        match update.entry:
            case Sequenced(received_ms=received_ms):
                draft.answer = self._sequence(draft, update.events, update.message_hash, received_ms)
            case Opened(opening=opening):
                self._opening = opening
                self._open(draft)
            case Consumed():
                self._consume(draft)
            case Decided():
                self._sequence(draft, update.events, 0, draft.time_ms)
            case Closed(batch=number):
                self._close(draft, number)
            case Progressed():
                self._progress(draft, update.entry)
            case Refused():
                draft.answer = self._refusal(draft, update.entry)
            case Armed() | Disarmed() | Unwound():
                pass
        return draft.projection()

    def skip(self, number: int) -> Projection:
        """Return that an entry changed nothing: its batch was undone later."""
        return Projection(number=number, time_ms=self._time_ms, batch=self._batch)

    def order(self, sequence: int) -> OrderRecord | None:
        """Return the live order with a sequence."""
        return self._live.find(sequence)

    def open_orders(self, account: int) -> list[OrderRecord]:
        """Return an account's live orders, newest first."""
        return self._live.of_account(account)[::-1]

    def levels(self, market: int, side: int, depth: int) -> list[Level]:
        """Return the best price levels of a side of a book, best first."""
        return self._live.levels(market, side, depth)

    def best(self, market: int) -> tuple[Level | None, Level | None]:
        """Return the best bid and the best ask."""
        bid, ask = (next(iter(self.levels(market, side, 1)), None) for side in Side)
        return bid, ask

    def _now(self, update: Update) -> int:
        """Return the time of an entry, UTC: no earlier than its batch, nor than the entry before there."""
        before = self._time_ms if update.batch == self._batch else 0
        received_ms = update.entry.received_ms if isinstance(update.entry, Sequenced) else 0
        self._batch = update.batch
        self._time_ms = max(before, update.timestamp * _MILLISECONDS, received_ms)
        return self._time_ms

    def _open(self, draft: ProjectionDraft) -> None:
        update = draft.update
        for record in self._live.due(update.timestamp):
            draft.end_order(record, OrderStatus.EXPIRED, name_of(Verdict.EXPIRED))
        live = [(slot, market) for slot, market in enumerate(update.markets) if market.exists]
        draft.marks = tuple(
            Mark(slot, market.mark, market.status, draft.time_ms, update.number) for slot, market in live
        )
        if update.period != self._period:
            self._period = update.period
            rates = [premium.rate_ppm for premium in update.premiums]
            draft.funding = tuple(
                FundingRate(slot, update.period, rates[slot], market.mark, draft.time_ms, update.number)
                for slot, market in live
            )
        self._first_request = self._requests
        opened = BatchProgress(
            number=update.batch,
            timestamp=update.timestamp,
            first_sequence=self._next_sequence,
            messages=0,
            requests=0,
            state=None,
            transaction=b"",
            updated_ms=draft.time_ms,
            entry=update.number,
        )
        self._put_progress(draft, opened)

    def _consume(self, draft: ProjectionDraft) -> None:
        processed, *events = draft.update.events
        assert isinstance(processed, RequestProcessed)
        request, outcome = processed.request, processed.outcome
        draft.touched.add(request.account)
        if request.kind in _OF_ACCOUNTS:
            asked = Transfer(
                account=request.account,
                kind=RequestKind(request.kind).name.lower(),
                amount=request.amount,
                paid=outcome.paid,
                refused=outcome.status == RequestStatus.REFUSED,
                place=self._requests,
                batch=draft.update.batch,
                time_ms=draft.time_ms,
                entry=draft.update.number,
            )
            draft.transfers = (asked,)
        self._requests += 1
        if events:
            message_hash = _sequenced(events).message.hash(self._domain)
            self._sequence(draft, events, message_hash, draft.time_ms)

    def _sequence(
        self, draft: ProjectionDraft, events: Sequence[Event], message_hash: int, received_ms: int
    ) -> MessageRecord:
        sequenced = _sequenced(events)
        sequencing = Sequencing(draft, sequenced, message_hash, received_ms)
        sequencing.read(islice(events, 1, None))
        self._next_sequence = sequenced.sequence + 1
        return sequencing.answer()

    def _close(self, draft: ProjectionDraft, number: int) -> None:
        if any(isinstance(event, ShortfallCharged) for event in draft.update.events):
            draft.touched.add(c.INSURANCE_ACCOUNT)
        opened = self._batches.get(number)
        if opened is None or opened.state is not None or self._opening is None:
            raise UnknownBatchError(f"entry {draft.update.number} closes batch {number}, which is not open")
        closed = replace(
            opened,
            messages=self._next_sequence - opened.first_sequence,
            requests=self._requests - self._first_request,
            state=BatchState.SEQUENCED,
            requests_end=self._requests,
            epoch_hash=epoch_hash(self._opening, self._requests),
        )
        self._put_progress(draft, closed)

    def _progress(self, draft: ProjectionDraft, entry: Progressed) -> None:
        """Let a batch be as far as it is now; nothing is to be said of one that is final, or was undone."""
        progress = self._batches.get(entry.batch)
        if progress is not None and progress.state is not None:
            self._put_progress(draft, replace(progress, state=entry.state, transaction=entry.transaction))

    def _put_progress(self, draft: ProjectionDraft, progress: BatchProgress) -> None:
        changed = replace(progress, updated_ms=draft.time_ms, entry=draft.update.number)
        self._batches[changed.number] = changed
        if changed.state is BatchState.FINAL:
            del self._batches[changed.number]
        draft.progress = (changed,)

    def _refusal(self, draft: ProjectionDraft, entry: Refused) -> MessageRecord:
        """Return the answer to a message that got no sequence, so that it has none."""
        message = entry.signed.message
        return MessageRecord(
            account=message.account,
            nonce=message.nonce,
            kind=message.kind,
            message_hash=message.hash(self._domain),
            sequence=0,
            batch=draft.update.batch,
            received_ms=draft.time_ms,
            entry=draft.update.number,
            verdict=entry.code,
        )


def _sequenced(events: Sequence[Event]) -> MessageSequenced:
    first = events[0]
    assert isinstance(first, MessageSequenced)
    return first
