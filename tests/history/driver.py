"""A venue without trees: commands go through an open batch, and each becomes one update of a journal."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from sequencer.batch.errors import CapacityError
from sequencer.batch.open_batch import OpenBatch
from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import Event
from sequencer.engine.state import State
from sequencer.history.projector import Projector
from sequencer.history.types import OrderRecord, OrderStatus, Projection
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Request
from sequencer.records.entries import Closed, Consumed, Decided, JournalEntry, Opened, Sequenced
from sequencer.records.update import Update
from tests import strategies as s
from tests.batch.fixtures import ledger_of

ROOMY = replace(
    batch_size("reference"),
    steps=10_000,
    accounts=1_000,
    pages=1_000,
    rows=10_000,
    messages=1_000,
    requests=100,
)
"""A batch that whatever a test does fits in."""


class Driver:
    """An exchange whose every command is a journal entry with its update.

    Attributes
    ----------
    updates : list of Update
        Of all entries so far.
    clock_ms : int
        What the node's clock says when the next message arrives; it goes on by `tick_ms` with each.
    """

    def __init__(
        self, state: State, size: BatchSize = ROOMY, *, tick_ms: int = 7, first_entry: int = 1
    ) -> None:
        self.state, self.size = state, size
        self.updates: list[Update] = []
        self.clock_ms, self._tick_ms = 1_000 * state.timestamp, tick_ms
        self._layout = ledger_of(state).layout
        self._next_entry, self._number = first_entry, 1
        self._open: OpenBatch | None = None

    @property
    def batch(self) -> OpenBatch:
        assert self._open is not None, "a batch is open"
        return self._open

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def open(self, opening: OpenEpoch) -> Update:
        """The update of opening a batch, in place of an empty one that is open."""
        if self._open is not None:
            self._open.abandon()
        self._open = OpenBatch(self.state, self._layout, self._number, self.size, opening)
        self.clock_ms = max(self.clock_ms, 1_000 * opening.timestamp)
        return self._note(Opened(self._number, opening), self._open.events)

    def open_after(self, seconds: int = 1, mark: int = s.MARK) -> Update:
        timestamp = self.state.timestamp + seconds
        prices = tuple(mark if market.exists else 0 for market in self.state.markets)
        return self.open(OpenEpoch(timestamp, s.signed_round(timestamp, prices)))

    def consume(self, request: Request) -> Update | None:
        return self._note_if(Consumed(request), self.batch.add_request(request))

    def message(self, message: Message) -> Update | None:
        """The update of a message, signed or not; None where the batch is full."""
        if message.is_unsigned:
            return self._note_if(Decided(message), self.batch.add_unsigned(message))
        self.clock_ms += self._tick_ms
        signed = s.signed_message(message)
        return self._note_if(Sequenced(signed, self.clock_ms), self.batch.add_message(signed))

    def close(self) -> Update:
        before = len(self.batch.events)
        shape = self.batch.close()
        self._layout.replace(shape.changed_pages())
        events = self.batch.events[before:]
        self._open = None
        update = self._note(Closed(self._number), events)
        self._number += 1
        return update

    def note(self, entry: JournalEntry) -> Update:
        """The update of an entry that does not concern the engine."""
        return self._note(entry, ())

    def run(self, commands: Iterable[Command]) -> Iterator[Update]:
        """The updates of commands, one after the other; those without room in their batch are left out."""
        for command in commands:
            update = self._command(command)
            if update is not None:
                yield update

    def _command(self, command: Command) -> Update | None:
        match command:
            case OpenEpoch():
                return self.open(command)
            case CloseEpoch():
                return self.close()
            case ProcessRequest(request):
                return self.consume(request)
            case SequenceMessage(message):
                try:
                    return self.message(message)
                except CapacityError:
                    return None

    def _note_if(self, entry: JournalEntry, events: list[Event] | None) -> Update | None:
        return self._note(entry, events) if events is not None else None

    def _note(self, entry: JournalEntry, events: Iterable[Event]) -> Update:
        state = self.state
        update = Update(
            number=self._next_entry,
            batch=self._number,
            timestamp=state.timestamp,
            entry=entry,
            events=tuple(events),
            markets=tuple(state.markets),
            premiums=state.premiums,
            period=state.period,
            message_hash=entry.signed.message.hash(state.domain) if isinstance(entry, Sequenced) else 0,
        )
        self._next_entry += 1
        self.updates.append(update)
        return update


class Venue:
    """Traders whose messages are projected at once."""

    def __init__(self, state: State, **options: Any) -> None:
        self.driver = Driver(state, **options)
        self.projector = projector_at(state)
        self.projections: list[Projection] = []

    @property
    def state(self) -> State:
        return self.driver.state

    def open(self, seconds: int = 1, mark: int = s.MARK) -> Projection:
        return self._project(self.driver.open_after(seconds, mark))

    def buy(self, account: int, size: int, price: int, **fields: Any) -> Projection:
        return self.send(account, side=Side.BUY, size=size, price=price, **fields)

    def sell(self, account: int, size: int, price: int, **fields: Any) -> Projection:
        return self.send(account, side=Side.SELL, size=size, price=price, **fields)

    def send(self, account: int, **fields: Any) -> Projection:
        return self.sequence(self.message_of(account, **fields))

    def message_of(self, account: int, **fields: Any) -> Message:
        nonce = self.state.account(account).nonce + 1
        terms = {"account": account, "key_epoch": 1, "nonce": nonce, "max_fee_ppm": 1_000}
        return Message(**terms | fields)

    def sequence(self, message: Message) -> Projection:
        update = self.driver.message(message)
        assert update is not None, "the batch has room"
        return self._project(update)

    def consume(self, request: Request) -> Projection:
        update = self.driver.consume(request)
        assert update is not None, "the batch has room"
        return self._project(update)

    def close(self) -> Projection:
        return self._project(self.driver.close())

    def note(self, entry: JournalEntry) -> Projection:
        return self._project(self.driver.note(entry))

    def _project(self, update: Update) -> Projection:
        projection = self.projector.apply(update)
        self.projections.append(projection)
        return projection


def projector_at(state: State) -> Projector:
    """The projector of a genesis that may have orders, which nobody sent."""
    return Projector(
        state.domain,
        [record_of(order) for order in live_orders(state)],
        next_sequence=state.next_sequence,
        requests_consumed=state.requests_consumed,
        period=state.period,
    )


def record_of(order: Order) -> OrderRecord:
    """The record of an order of the genesis."""
    return OrderRecord(
        account=order.account,
        nonce=0,
        sequence=order.sequence,
        batch=0,
        market=order.market,
        side=order.side,
        price=order.price,
        size=order.remaining,
        ioc=False,
        post_only=False,
        reduce_only=order.reduce_only,
        expiry=order.expiry,
        max_fee_ppm=order.max_fee_ppm,
        message_hash=0,
        received_ms=0,
        updated_ms=0,
        entry=0,
        status=OrderStatus.RESTING,
    )


def live_orders(state: State) -> list[Order]:
    """The orders of the engine's book that can trade, best first on each side."""
    return [
        order
        for slot in range(c.MARKETS)
        for side in Side
        for order in state.book(slot, side)
        if order.expiry >= state.timestamp and order.sequence >= state.account(order.account).dead_below
    ]
