"""One projection while it is being made."""

from dataclasses import replace

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


class ProjectionDraft:
    """Collects what one entry changed; orders that change move the live ones at once.

    Attributes
    ----------
    time_ms : int
        UTC; of everything in it.
    """

    def __init__(self, update: Update, time_ms: int, live: LiveOrders) -> None:
        self.update, self.time_ms = update, time_ms
        self.trades: list[Trade] = []
        self.fills: list[Fill] = []
        self.transfers: list[Transfer] = []
        self.funding: list[FundingRate] = []
        self.marks: list[Mark] = []
        self.progress: list[BatchProgress] = []
        self.answer: MessageRecord | None = None
        self._live = live
        self._orders: dict[int, OrderRecord] = {}
        self._places: set[tuple[int, int, int]] = set()
        self._touched: set[int] = set()

    def touch(self, account: int) -> None:
        """Note that an account's money, positions or orders may have changed."""
        self._touched.add(account)

    def put_order(self, record: OrderRecord) -> None:
        """Let an order be as it is now."""
        if self._live.put(record):
            self._places.add((record.market, record.side, record.price))
        self._orders.pop(record.sequence, None)
        self._orders[record.sequence] = record
        self.touch(record.account)

    def end_order(self, record: OrderRecord, status: OrderStatus, reason: str) -> None:
        """End an order."""
        changed = replace(
            record, status=status, reason=reason, updated_ms=self.time_ms, entry=self.update.number
        )
        self.put_order(changed)

    def end_if_live(self, sequence: int, status: OrderStatus, reason: str) -> bool:
        """End the order with a sequence and return True, unless it has ended before."""
        record = self._live.find(sequence)
        if record is None:
            return False
        self.end_order(record, status, reason)
        return True

    def end_all(self, account: int, reason: str) -> list[int]:
        """Cancel all orders of an account; return their sequences."""
        records = self._live.of_account(account)
        for record in records:
            self.end_order(record, OrderStatus.CANCELLED, reason)
        return [record.sequence for record in records]

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
            status=OrderStatus.FILLED if filled == record.size else record.status,
            updated_ms=self.time_ms,
            entry=self.update.number,
        )

    def projection(self) -> Projection:
        """Return what was collected."""
        return Projection(
            number=self.update.number,
            time_ms=self.time_ms,
            batch=self.update.batch,
            trades=tuple(self.trades),
            fills=tuple(self.fills),
            orders=tuple(self._orders.values()),
            levels=self._levels(),
            transfers=tuple(self.transfers),
            funding=tuple(self.funding),
            marks=tuple(self.marks),
            progress=tuple(self.progress),
            answer=self.answer,
            touched=frozenset(self._touched),
        )

    def _levels(self) -> dict[int, tuple[Level, ...]]:
        changed: dict[int, tuple[Level, ...]] = {}
        places = sorted(self._places, key=lambda place: (*place[:2], rank_of(*place[1:])))
        for market, side, price in places:
            changed[market] = (*changed.get(market, ()), self._live.level(market, side, price))
        return changed
