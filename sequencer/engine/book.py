"""One side of one market's book."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from sequencer.engine.journal import Journal
from sequencer.model.order import Order


class Book:
    """Resting orders by key: better price first, then the older one. Dead orders stay until met or cancelled.

    A side holds at most `SIDE_ORDERS_MAX` orders, so that a sorted list is as quick as any tree.
    """

    __slots__ = ("_journal", "_keys", "_orders")

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._keys: list[int] = []
        self._orders: dict[int, Order] = {}

    def head(self) -> Order | None:
        """Return the order of the smallest key, dead or not."""
        return self._orders[self._keys[0]] if self._keys else None

    def find(self, key: int) -> Order | None:
        """Return the order at a key."""
        return self._orders.get(key)

    def put(self, order: Order) -> None:
        """Insert an order, or replace the one at its key."""
        assert order.remaining > 0, "an order with nothing left does not rest"
        key = order.key
        previous = self._orders.get(key)
        self._journal.record(Book._restore, self, key, previous)
        if previous is None:
            insort(self._keys, key)
        self._orders[key] = order

    def remove(self, key: int) -> None:
        """Take the order at a key, which must be there, out of the book."""
        order = self._orders[key]
        self._journal.record(Book._restore, self, key, order)
        self._take(key)

    def __iter__(self) -> Iterator[Order]:
        return (self._orders[key] for key in self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Book) and self._orders == other._orders

    __hash__ = None  # type: ignore[assignment]  # mutable

    def _restore(self, key: int, order: Order | None) -> None:
        if order is None:
            self._take(key)
            return
        if key not in self._orders:
            insort(self._keys, key)
        self._orders[key] = order

    def _take(self, key: int) -> None:
        del self._keys[bisect_left(self._keys, key)]
        del self._orders[key]
