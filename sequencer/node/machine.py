"""The replicated state machine: the same entries, carried out in the same order, lead to the same state."""

from collections import deque
from itertools import pairwise

from sequencer.batch.open_batch import OpenBatch
from sequencer.batch.risk import reduce_risk
from sequencer.batch.sizes import BatchSize
from sequencer.engine.events import Event, MessageSequenced
from sequencer.model.message import SignedMessage
from sequencer.node.errors import ReplayError
from sequencer.records.entries import (
    Armed,
    Closed,
    Consumed,
    Decided,
    Disarmed,
    JournalEntry,
    Opened,
    Progressed,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.records.update import Update
from sequencer.snapshot.snapshot import Snapshot
from sequencer.store.life import BatchState

Events = tuple[Event, ...]


class Machine:
    """The engine's state, the open batch, and what else the journal decides.

    Attributes
    ----------
    state : State
        The engine's.
    batch : OpenBatch or None
        None before the first one, between two, and where the last opening failed.
    closed : int
        Number of the last closed batch.
    proven, final : int
        Numbers of the last batches that were proven, and are final on L1.
    returned : deque of SignedMessage
        Messages of undone batches, to be sequenced before all others.
    armed : dict of int to Armed
        The cancel-all that is kept for an account.
    """

    def __init__(self, snapshot: Snapshot, size: BatchSize) -> None:
        self.state, self._layout, self.size = snapshot.state(), snapshot.layout(), size
        self.batch: OpenBatch | None = None
        self.closed = self.proven = self.final = snapshot.batch
        self.returned: deque[SignedMessage] = deque()
        self.armed: dict[int, Armed] = {}

    def carry_out(self, entry: JournalEntry) -> Events | None:
        """Do what an entry says; None if the open batch has no room for it, and nothing has changed then.

        Raises
        ------
        EpochError
            If a batch cannot be opened at its round; no batch is open then.
        CapacityError
            If a message does not fit any batch; nothing has changed then.
        """
        match entry:
            case Opened(batch, opening):
                if batch != self.closed + 1:
                    raise ReplayError(f"batch {batch} follows batch {self.closed}")
                self.abandon()
                self.batch = OpenBatch(self.state, self._layout, batch, self.size, opening)
                return self.batch.events
            case Consumed(request):
                return _found(self.open_batch.add_request(request))
            case Sequenced(signed, _):
                return self._sequence(signed)
            case Decided(message):
                return _found(self.open_batch.add_unsigned(message))
            case Closed(batch):
                return self._close(batch)
            case Armed(signed, _):
                self.armed[signed.message.account] = entry
            case Disarmed(account):
                self.armed.pop(account, None)
            case Progressed(batch, state):
                self._progress(batch, state)
            case Refused(signed):
                self._take_returned(signed)
            case Unwound():
                raise ReplayError("what an unwinding leaves is found before it is carried out")
        return ()

    @property
    def open_batch(self) -> OpenBatch:
        """The batch that is open; there must be one."""
        if self.batch is None:
            raise ReplayError("no batch is open")
        return self.batch

    @property
    def number(self) -> int:
        """Of the open batch, or of the last one where none is open."""
        return self.closed if self.batch is None else self.batch.number

    def abandon(self) -> None:
        """Undo the opening of the open batch, which must be empty; nothing if none is open."""
        if self.batch is not None:
            self.batch.abandon()
            self.batch = None

    def reduce_risk(self) -> tuple[list[tuple[Decided, Events]], bool]:
        """Liquidate and unwind as far as due; return each message, and whether the open batch had room."""
        known = len(self.open_batch.events)
        had_room = reduce_risk(self.open_batch, self.state)
        events = self.open_batch.events[known:]
        starts = [place for place, event in enumerate(events) if isinstance(event, MessageSequenced)]
        decided = []
        for start, end in pairwise([*starts, len(events)]):
            first = events[start]
            assert isinstance(first, MessageSequenced)
            decided.append((Decided(first.message), events[start:end]))
        return decided, had_room

    def update(
        self, number: int, entry: JournalEntry, events: Events, message_hash: int | None = None
    ) -> Update:
        """Return what became of an entry that was just carried out.

        Parameters
        ----------
        message_hash
            Of the message that it sequences; computed here if the caller does not know it.
        """
        state = self.state
        if message_hash is None:
            message_hash = entry.signed.message.hash(state.domain) if isinstance(entry, Sequenced) else 0
        return Update(
            number=number,
            batch=self.number,
            timestamp=state.timestamp,
            entry=entry,
            events=events,
            markets=tuple(state.markets),
            premiums=state.premiums,
            period=state.period,
            message_hash=message_hash,
        )

    def _sequence(self, signed: SignedMessage) -> Events | None:
        events = self.open_batch.add_message(signed)
        if events is not None:
            self._take_returned(signed)
            kept = self.armed.get(signed.message.account)
            if kept is not None and kept.signed == signed:
                del self.armed[signed.message.account]
        return _found(events)

    def _take_returned(self, signed: SignedMessage) -> None:
        if self.returned and self.returned[0] == signed:
            self.returned.popleft()

    def _close(self, batch: int) -> Events:
        open_batch = self.open_batch
        if batch != open_batch.number:
            raise ReplayError(f"batch {batch} is closed, {open_batch.number} is open")
        known = len(open_batch.events)
        self._layout.replace(open_batch.close().changed_pages())
        self.batch, self.closed = None, batch
        return open_batch.events[known:]

    def _progress(self, batch: int, state: BatchState) -> None:
        if state >= BatchState.PROVEN:
            self.proven = max(self.proven, batch)
        if state is BatchState.FINAL:
            self.final = max(self.final, batch)


def _found(events: list[Event] | None) -> Events | None:
    return None if events is None else tuple(events)
