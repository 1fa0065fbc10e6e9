"""Book pages: the orders of one side of one market, cut at fences (docs/spec/state.md)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.order import Order
from sequencer.model.words import pack

SPLIT_TARGET: Final = 10
"""An over-full page is cut into pages of at most this many orders: the next few insertions find room."""

Group = tuple[int, int]
"""One side of one market: (market, side)."""


class Page(Struct, frozen=True):
    """The orders of one side whose keys lie in [low, high).

    Attributes
    ----------
    low, high : int
        Fences, at most 2^72; the pages of a side tile [0, 2^72).
    orders : tuple of Order
        In key order; more than `PAGE_ORDERS` only between a batch's last command and its upkeep.
    """

    market: int
    side: int
    low: int = 0
    high: int = c.REACH_END
    orders: tuple[Order, ...] = ()

    @property
    def group(self) -> Group:
        """The side of the book that the page is part of."""
        return self.market, self.side

    def covers(self, group: Group, key: int) -> bool:
        """Whether this page answers for a key of a side."""
        return self.group == group and self.low <= key < self.high

    def find(self, key: int) -> Order | None:
        """Return the order with this key, if it rests in this page."""
        return next((order for order in self.orders if order.key == key), None)

    def header(self) -> int:
        """Market, side and fences in one word."""
        return pack(
            (
                (self.market, 0, c.MARKET_BITS),
                (self.side, c.MARKET_BITS, 1),
                (self.low, c.PAGE_LOW_AT, c.FENCE_BITS),
                (self.high, c.PAGE_HIGH_AT, c.FENCE_BITS),
            )
        )

    def words(self) -> tuple[int, ...]:
        """One word an order, unused places 0 and last.

        Raises
        ------
        ValueError
            If the page is over-full: it must be split first.
        """
        if len(self.orders) > c.PAGE_ORDERS:
            raise ValueError(f"a page holds {c.PAGE_ORDERS} orders, not {len(self.orders)}: split it first")
        return tuple(order.word() for order in self.orders) + (0,) * (c.PAGE_ORDERS - len(self.orders))

    def leaf(self) -> int:
        """Return the leaf of the page tree."""
        return poseidon((self.header(), *self.words()))


IndexedPage = tuple[int, Page]
"""A page and its index in the page tree."""


def upkeep(sides: Iterable[Sequence[IndexedPage]], taken: Iterable[int]) -> list[list[IndexedPage]]:
    """Re-cut sides so that no page is over-full and none is empty, except the only page of an empty side.

    Empty pages are merged first, on every side; an index freed by that is free for the pages that are split.
    Pages that need no upkeep come back as the same objects.

    Parameters
    ----------
    sides
        The pages of each side in key order, with the orders that they end the batch with.
    taken
        Every index in use before the upkeep, on these sides and on all others.
    """
    before = [list(side) for side in sides]
    merged = [merge_empty(side) for side in before]
    freed = {index for side in before for index, _ in side} - {index for side in merged for index, _ in side}
    free = free_indices(set(taken) - freed)
    return [[piece for index, page in side for piece in split(index, page, free)] for side in merged]


def merge_empty(side: Sequence[IndexedPage]) -> list[IndexedPage]:
    """Give the range of each empty page to its right neighbour, else to its left one."""
    kept: list[IndexedPage] = []
    waiting: IndexedPage | None = None
    for index, page in side:
        if waiting is not None:
            page = replace(page, low=waiting[1].low)
        waiting = None if page.orders else (index, page)
        if page.orders:
            kept.append((index, page))
    if waiting is None:
        return kept
    if not kept:
        return [waiting]
    index, page = kept[-1]
    kept[-1] = (index, replace(page, high=waiting[1].high))
    return kept


def split(index: int, page: Page, free: Iterator[int]) -> list[IndexedPage]:
    """Cut an over-full page into nearly equal chunks, the earlier ones longer; the first keeps the index."""
    count, chunks = len(page.orders), pieces(len(page.orders))
    if chunks == 1:
        return [(index, page)]
    length, longer = divmod(count, chunks)
    starts = [part * length + min(part, longer) for part in range(chunks + 1)]
    fences = [page.low, *(page.orders[start].key for start in starts[1:-1]), page.high]
    indices = [index, *(next(free) for _ in range(chunks - 1))]
    return [
        (
            indices[k],
            replace(page, low=fences[k], high=fences[k + 1], orders=page.orders[starts[k] : starts[k + 1]]),
        )
        for k in range(chunks)
    ]


def pieces(orders: int) -> int:
    """Return into how many pages one with so many orders is cut."""
    return 1 if orders <= c.PAGE_ORDERS else -(-orders // SPLIT_TARGET)


def free_indices(taken: set[int]) -> Iterator[int]:
    """Return the indices of the page tree that are not taken, smallest first."""
    return (index for index in range(c.TREE_ARITY**c.PAGE_DEPTH) if index not in taken)
