"""Price levels of one side of a market."""

from bisect import bisect_left, insort

from sequencer.history.types import Level
from sequencer.model.order import rank_of


class BookSide:
    """Lots and orders by price. A side has so few orders that a sorted list is as quick as any tree."""

    __slots__ = ("_levels", "_ranks", "_side")

    def __init__(self, side: int) -> None:
        self._side = side
        self._ranks: list[int] = []
        self._levels: dict[int, Level] = {}

    def change(self, price: int, lots: int, orders: int) -> Level:
        """Add lots and orders, which may be negative, to a level; return it as it is then."""
        before = self._levels.get(price)
        if before is None:
            insort(self._ranks, rank_of(self._side, price))
        else:
            lots, orders = before.size + lots, before.orders + orders
        assert lots >= 0
        assert (lots == 0) == (orders == 0), "every live order has lots"
        after = Level(self._side, price, lots, orders)
        if orders:
            self._levels[price] = after
        else:
            del self._levels[price], self._ranks[bisect_left(self._ranks, rank_of(self._side, price))]
        return after

    def top(self, depth: int) -> list[Level]:
        """Return the best levels, best first."""
        return [self._levels[rank_of(self._side, rank)] for rank in self._ranks[:depth]]
