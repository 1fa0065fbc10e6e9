"""Collecting the commands of one batch, as long as they fit its size."""

from sequencer.batch.epoch import Epoch, epoch_hash
from sequencer.batch.errors import BatchSealedError, CapacityError, EpochOpenError, RequestAfterMessageError
from sequencer.batch.footprint import Footprint
from sequencer.batch.occupancy import Occupancy
from sequencer.batch.plan import BatchPlan, plan
from sequencer.batch.sizes import BatchSize
from sequencer.engine.apply import apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import Event
from sequencer.engine.state import State
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.state.layout import PageLayout


class OpenBatch:
    """One open batch. Opening it moves the engine's time, marks and indices; no tree is needed for it.

    Parameters
    ----------
    state
        The engine's state as the last batch left it; it moves with each command.
    layout
        The pages as of the last batch.
    number
        Of the batch, from 1 up.
    opening
        The batch's timestamp and oracle round.

    Raises
    ------
    EpochError
        If the round cannot be used.
    """

    def __init__(
        self, state: State, layout: PageLayout, number: int, size: BatchSize, opening: OpenEpoch
    ) -> None:
        self.number, self.size, self.opening = number, size, opening
        self._state, self._layout = state, layout
        self._first_sequence = state.next_sequence
        self._before = state.checkpoint()
        self._messages: list[SignedMessage] = []
        self._is_open = True
        self._epoch: Epoch | None = None
        self._events = apply(state, opening)
        self._opened = tuple(state.markets)
        self._footprint = Footprint()
        self._occupancy = self._occupied()

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened so far."""
        return tuple(self._events)

    @property
    def is_empty(self) -> bool:
        """Whether neither a request nor a message is in the batch."""
        return self._footprint.requests == self._footprint.messages == 0

    @property
    def has_messages(self) -> bool:
        """Whether its epoch is fixed."""
        return self._footprint.messages > 0

    @property
    def epoch(self) -> Epoch:
        """What no longer changes since the batch has a message: what its receipts promise.

        Raises
        ------
        EpochOpenError
            If there is no message yet.
        BatchSealedError
            If the engine may be at work on the next batch.
        """
        self._require_open()
        if not self.has_messages:
            raise EpochOpenError("the batch has no message")
        if self._epoch is None:
            end = self._state.requests_consumed
            self._epoch = Epoch(self.number, self.opening.timestamp, end, epoch_hash(self.opening, end))
        return self._epoch

    def add_request(self, request: Request) -> list[Event] | None:
        """Consume the next request of the L1 queue; None if the batch has no room for it.

        A forced message is the first of its batch, so it is the last request that the batch takes; nor does
        one follow a liquidation.

        Raises
        ------
        RequestAfterMessageError
            If the batch has a message of a trader already.
        """
        if self._messages:
            raise RequestAfterMessageError(f"the batch holds {len(self._messages)} messages")
        if self.has_messages:
            return None
        return self._add(ProcessRequest(request))

    def add_message(self, signed: SignedMessage) -> list[Event] | None:
        """Sequence an admitted message; None if the batch is full: close it, add the message to the next.

        Raises
        ------
        CapacityError
            If the message does not even fit an empty batch; it has not been sequenced then.
        """
        events = self._add(SequenceMessage(signed.message))
        if events is not None:
            self._messages.append(signed)
        return events

    def add_unsigned(self, message: Message) -> list[Event] | None:
        """Sequence a liquidation or an unwinding, which nobody signs; None if the batch is full.

        Raises
        ------
        CapacityError
            If it does not even fit an empty batch; it has not been sequenced then.
        """
        assert message.is_unsigned, "anything else needs a signature"
        return self._add(SequenceMessage(message))

    def abandon(self) -> None:
        """Undo the opening of an empty batch: another may be opened at a newer round in its place."""
        self._require_open()
        assert self.is_empty, "what is in a batch may have been acknowledged"
        self._state.rollback(self._before)
        self._is_open = False

    def close(self) -> BatchPlan:
        """Charge what the insurance fund is short of; nothing joins the batch any more. Return its shape."""
        self._require_open()
        self._events += apply(self._state, CloseEpoch())
        self._state.commit()
        self._is_open = False
        return plan(self._footprint, self._layout, self._state, self._first_sequence)

    def _add(self, command: Command) -> list[Event] | None:
        self._require_open()
        token = self._state.checkpoint()
        events = apply(self._state, command)
        part = Footprint.of(events)
        self._occupancy.add(part)
        if self._occupancy.fits(self.size):
            self._footprint.include(part)
            self._events += events
            return events
        self._state.rollback(token)
        self._occupancy = self._occupied()
        if self.is_empty:
            raise CapacityError(f"the command does not fit an empty batch of size {self.size.name}")
        return None

    def _occupied(self) -> Occupancy:
        """Return what the batch takes as it stands, counted at once."""
        occupancy = Occupancy(self._layout, self._state, self._first_sequence)
        occupancy.add(self._footprint)
        return occupancy

    def _require_open(self) -> None:
        if not self._is_open:
            raise BatchSealedError("no command can join it")
