"""Collecting the commands of one batch, as long as they fit its size."""

from sequencer.batch.draft import Draft
from sequencer.batch.epoch import Epoch, epoch_hash
from sequencer.batch.errors import BatchSealedError, CapacityError, EpochOpenError, RequestAfterMessageError
from sequencer.batch.footprint import Footprint
from sequencer.batch.plan import BatchPlan, plan
from sequencer.batch.sealed import SealedBatch, seal
from sequencer.batch.sizes import BatchSize
from sequencer.engine.apply import apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import Event
from sequencer.engine.state import State
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.state.ledger import Ledger


class BatchBuilder:
    """One open batch. Opening it moves the engine's time, marks and indices; sealing it moves the ledger.

    Parameters
    ----------
    ledger
        The state as of the last batch.
    state
        The engine's state at the same point, `ledger.state()` or what the last builder left; it runs ahead of
        the ledger until the batch is sealed.
    opening
        The batch's timestamp and oracle round.

    Raises
    ------
    EpochError
        If the round cannot be used.
    """

    def __init__(self, ledger: Ledger, state: State, size: BatchSize, opening: OpenEpoch) -> None:
        self._ledger, self._state, self._size, self._opening = ledger, state, size, opening
        self._messages: list[SignedMessage] = []
        self._sealed = False
        self._events = apply(state, opening)
        self._opened = tuple(state.markets)
        self._plan = BatchPlan(Footprint(), (), ())

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened so far."""
        return tuple(self._events)

    @property
    def is_empty(self) -> bool:
        """Whether neither a request nor a message is in the batch."""
        return self._plan.footprint.requests == self._plan.footprint.messages == 0

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
        if not self._plan.footprint.messages:
            raise EpochOpenError("the batch has no message")
        end = self._state.requests_consumed
        number = self._ledger.counters.batch_number + 1
        return Epoch(number, self._opening.timestamp, end, epoch_hash(self._opening, end))

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
        if self._plan.footprint.messages:
            return None
        return self._add(ProcessRequest(request))

    def add_message(self, signed: SignedMessage) -> list[Event] | None:
        """Sequence an admitted message; None if the batch is full: seal it, add the message to the next.

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

    def seal(self) -> SealedBatch:
        """Charge what the insurance fund is short of, fill the circuit's tables and move the ledger."""
        self._require_open()
        self._events += apply(self._state, CloseEpoch())
        batch = seal(
            Draft(
                size=self._size,
                ledger=self._ledger,
                state=self._state,
                opening=self._opening,
                opened=self._opened,
                messages=tuple(self._messages),
                events=self.events,
                plan=self._plan,
            )
        )
        self._ledger.apply(batch.change)
        self._state.commit()
        self._sealed = True
        return batch

    def _add(self, command: Command) -> list[Event] | None:
        self._require_open()
        token = self._state.checkpoint()
        events = apply(self._state, command)
        grown = self._plan_with(events)
        if grown.fits(self._size):
            self._plan = grown
            self._events += events
            return events
        self._state.rollback(token)
        if self.is_empty:
            raise CapacityError(f"the command does not fit an empty batch of size {self._size.name}")
        return None

    def _plan_with(self, events: list[Event]) -> BatchPlan:
        first_sequence = self._ledger.counters.next_sequence
        return plan(self._plan.footprint.extended(events), self._ledger.layout, self._state, first_sequence)

    def _require_open(self) -> None:
        if self._sealed:
            raise BatchSealedError("no command can join it")
