"""One projection while it is being made."""

from typing import Final

from msgspec.structs import replace

from sequencer.history.errors import UnknownOrderError
from sequencer.history.live import LiveOrders
from sequencer.history.types import (
    BatchProgress,
    Fill,
    FundingRate,
    Level,
    Mark,
    MessageRecord,
    OrderRecord,
    OrderStatus,
    Projection,
    Trade,
    Transfer,
)
from sequencer.model.order import rank_of
from sequencer.records.update import Update

_Place = tuple[int, int, int]
"""Of a level: market, side, price."""

_FILLED: Final = OrderStatus.FILLED


class ProjectionDraft:
    """Collects what one entry changed; orders that change move the live ones at once.

    Attributes
    ----------
    time_ms : int
        UTC; of everything in it.
    touched : set of int
        Accounts whose money, positions or orders may have changed.
    placed : int
        Sequence of the order that is new, 0 if there is none.
    """

    __slots__ = (
        "_levels",
        "_live",
        "_orders",
        "answer",
        "fills",
        "funding",
        "marks",
        "placed",
        "progress",
        "time_ms",
        "touched",
        "trades",
        "transfers",
        "update",
    )

    def __init__(self, update: Update, time_ms: int, live: LiveOrders) -> None:
        self.update, self.time_ms = update, time_ms
        self.trades: tuple[Trade, ...] = ()
        self.fills: tuple[Fill, ...] = ()
        self.transfers: tuple[Transfer, ...] = ()
        self.funding: tuple[FundingRate, ...] = ()
        self.marks: tuple[Mark, ...] = ()
        self.progress: tuple[BatchProgress, ...] = ()
        self.answer: MessageRecord | None = None
        self.placed = 0
        self.touched: set[int] = set()
        self._live = live
        self._orders: dict[int, OrderRecord] = {}
        self._levels: dict[_Place, Level] = {}

    def put_order(self, record: OrderRecord) -> None:
        """Let an order be as it is now."""
        level = self._live.put(record)
        if level is not None:
            self._levels[record.market, record.side, record.price] = level
        self._orders.pop(record.sequence, None)
        self._orders[record.sequence] = record
        self.touched.add(record.account)

    def end_order(self, record: OrderRecord, status: OrderStatus, reason: str) -> None:
        """End an order."""
        entry = self.update.number
        self.put_order(replace(record, status=status, reason=reason, updated_ms=self.time_ms, entry=entry))

    def end_if_live(self, sequence: int, status: OrderStatus, reason: str) -> bool:
        """End the order with a sequence and return True, unless it has ended before."""
        record = self._live.find(sequence)
        if record is None:
            return False
        self.end_order(record, status, reason)
        return True

    def end_all(self, account: int, reason: str) -> tuple[int, ...]:
        """Cancel all orders of an account; return their sequences."""
        records = self._live.of_account(account)
        for record in records:
            self.end_order(record, OrderStatus.CANCELLED, reason)
        return tuple(record.sequence for record in records)

    def fill_order(self, sequence: int, lots: int, fee: int) -> OrderRecord:
        """Trade lots of a resting order at its own price; return it as it is then.

        Raises
        ------
        UnknownOrderError
            If it is not live.
        """
        record = self._live.find(sequence)
        if record is None:
            raise UnknownOrderError(f"entry {self.update.number} fills order {sequence}, which is not live")
        changed = self.filled(record, lots, record.price, fee)
        self.put_order(changed)
        return changed

    def filled(self, record: OrderRecord, lots: int, price: int, fee: int) -> OrderRecord:
        """Return an order with one more fill; with nothing left of it, it has ended."""
        filled = record.filled + lots
        return replace(
            record,
            filled=filled,
            filled_value=record.filled_value + lots * price,
            fee=record.fee + fee,
            status=_FILLED if filled == record.size else record.status,
            updated_ms=self.time_ms,
            entry=self.update.number,
        )

    def projection(self) -> Projection:
        """Return what was collected."""
        return Projection(
            number=self.update.number,
            time_ms=self.time_ms,
            batch=self.update.batch,
            trades=self.trades,
            fills=self.fills,
            orders=tuple(self._orders.values()),
            levels=self._changed_levels(),
            transfers=self.transfers,
            funding=self.funding,
            marks=self.marks,
            progress=self.progress,
            answer=self.answer,
            touched=frozenset(self.touched),
            placed=self.placed,
        )

    def _changed_levels(self) -> dict[int, tuple[Level, ...]]:
        """Return the levels by market, in the order of the book."""
        changed: dict[int, tuple[Level, ...]] = {}
        for place in sorted(self._levels, key=_order_of):
            changed[place[0]] = (*changed.get(place[0], ()), self._levels[place])
        return changed


def _order_of(place: _Place) -> _Place:
    market, side, price = place
    return market, side, rank_of(side, price)
