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

    def change(self, price: int, lots: int, orders: int) -> None:
        """Add lots and orders, which may be negative, to a level."""
        before = self.level(price)
        after = Level(self._side, price, before.size + lots, before.orders + orders)
        assert after.size >= 0
        assert (after.size == 0) == (after.orders == 0), "every live order has lots"
        rank = rank_of(self._side, price)
        if after.orders == 0:
            del self._levels[price], self._ranks[bisect_left(self._ranks, rank)]
            return
        if before.orders == 0:
            insort(self._ranks, rank)
        self._levels[price] = after

    def level(self, price: int) -> Level:
        """Return the level at a price, without lots and orders where there is none."""
        return self._levels.get(price) or Level(self._side, price, 0, 0)

    def top(self, depth: int) -> list[Level]:
        """Return the best levels, best first."""
        return [self._levels[rank_of(self._side, rank)] for rank in self._ranks[:depth]]
