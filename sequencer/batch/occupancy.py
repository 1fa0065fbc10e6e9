"""What a batch takes of its size, counted command by command: what `plan` would come to, without planning.

A page is loaded if it is of the front, if it answers for an old order that was touched or a new one that
rests, or if upkeep changes it: it loses its last order, takes the range of such a neighbour, or is split. All
orders of a page are rows if it is of the front, is changed, or answers for an order that is not there. So a
command moves the counts of the pages that it touches, of their right neighbours, and of the last page that
holds an order.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec import Struct

from sequencer.batch.footprint import Footprint, SideFootprint
from sequencer.batch.sizes import BatchSize
from sequencer.engine.state import Book, State
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.words import unpack
from sequencer.state.layout import PageLayout
from sequencer.state.pages import Group, IndexedPage, free_indices, pieces


class Occupancy:
    """Requests, messages, steps, accounts, pages and rows that the commands of a batch take.

    Parameters
    ----------
    layout
        The pages before the batch.
    state
        The engine's state, which moves with the commands.
    first_sequence
        The first sequence of the batch: orders with a smaller one are old.
    """

    def __init__(self, layout: PageLayout, state: State, first_sequence: int) -> None:
        self._layout, self._state, self._first_sequence = layout, state, first_sequence
        self._requests = self._messages = self._steps = 0
        self._accounts: set[int] = set()
        self._sides: dict[Group, _SideOccupancy] = {}
        self._rows = [0, 0]
        self._loaded = self._splits = 0

    def add(self, part: Footprint) -> None:
        """Count what a command touched, which has just been carried out."""
        self._requests += part.requests
        self._messages += part.messages
        self._steps += part.steps
        self._accounts |= part.accounts
        for group, touched in part.sides.items():
            side = self._side(group)
            rows, loaded, splits = side.rows, side.loaded, side.splits
            side.add(touched)
            self._rows[group[1]] += side.rows - rows
            self._loaded += side.loaded - loaded
            self._splits += side.splits - splits

    def fits(self, size: BatchSize) -> bool:
        """Whether a batch of this size has room for all of it."""
        return (
            self._steps <= size.steps
            and self._messages <= size.messages
            and self._requests <= size.requests
            and len(self._accounts) <= size.accounts
            and max(self._rows) <= size.half
            and (self._pages_at_most() <= size.pages or self.pages() <= size.pages)
        )

    def rows(self, half: Side) -> int:
        """Return the rows of the bids, or of the asks, of all markets."""
        return self._rows[half]

    def pages(self) -> int:
        """Return the pages of the batch; a page that is split takes the indices of those that are merged."""
        freed = {index for side in self._sides.values() for index in side.freed()}
        free = free_indices(set(self._layout) - freed)
        return self._loaded + sum(index not in freed for index in islice(free, self._splits))

    def _pages_at_most(self) -> int:
        return self._loaded + self._splits

    def _side(self, group: Group) -> "_SideOccupancy":
        if group not in self._sides:
            book = self._state.book(*group)
            self._sides[group] = _SideOccupancy(self._layout.side(group), book, self._first_sequence)
            self._rows[group[1]] += _SENTINEL
        return self._sides[group]


class _Touched(Struct):
    """An order that the batch met, placed or named.

    Attributes
    ----------
    rests : bool
        Whether it counts among the orders of its page.
    loads : bool
        Whether the page is loaded because of it.
    """

    rests: bool
    loads: bool = False


class _Share(Struct, frozen=True):
    """What a page adds to the counts of its side."""

    loaded: int = 0
    splits: int = 0
    passed: int = 0


_NOTHING: Final = _Share()
_SENTINEL: Final = 1


class _SideOccupancy:
    """One side; its pages by their places, from the best price on."""

    def __init__(self, pages: list[IndexedPage], book: Book, first_sequence: int) -> None:
        self._book, self._first_sequence = book, first_sequence
        self._indices = [index for index, _ in pages]
        self._lows = [page.low for _, page in pages]
        self._old = [frozenset(order.key for order in page.orders) for _, page in pages]
        self._orders = [len(page.orders) for _, page in pages]
        self._untouched = list(self._orders)
        self._last = max((place for place, count in enumerate(self._orders) if count), default=-1)
        self._loads: defaultdict[int, int] = defaultdict(int)
        self._ghosts: set[int] = set()
        self._front = 0
        self._touched: dict[int, _Touched] = {}
        self._shares: dict[int, _Share] = {}
        self.loaded = self.splits = self._passed = 0

    @property
    def rows(self) -> int:
        """The sentinel, the orders touched, and those of pages that are passed."""
        return _SENTINEL + len(self._touched) + self._passed

    def add(self, touched: SideFootprint) -> None:
        """Count what a command touched."""
        places: set[int] = set()
        for key in touched.keys:
            places |= self._touch(key)
        front = bisect_left(self._lows, touched.reach)
        places |= set(range(self._front, front))
        self._front = max(self._front, front)
        self._share_anew(places)

    def freed(self) -> Iterable[int]:
        """Return the indices of the pages that are merged into a neighbour."""
        places = range(len(self._orders))
        kept = len(places) - 1 if self._last < 0 else self._last
        return [self._indices[place] for place in places if not self._orders[place] and place != kept]

    def _touch(self, key: int) -> set[int]:
        """Count an order as the book has it now; return the places that may be of another share now."""
        place = bisect_right(self._lows, key) - 1
        is_old = unpack(key, 0, c.SEQUENCE_BITS) < self._first_sequence
        if key not in self._touched:
            was_there = key in self._old[place]
            self._touched[key] = _Touched(rests=was_there)
            self._untouched[place] -= was_there
            if is_old and not was_there:
                self._ghosts.add(place)
        touched = self._touched[key]
        rests = self._book.find(key) is not None
        self._loads[place] += (is_old or rests) - touched.loads
        touched.loads = is_old or rests
        if rests == touched.rests:
            return {place}
        touched.rests = rests
        return self._count(place, 1 if rests else -1)

    def _count(self, place: int, change: int) -> set[int]:
        before, self._orders[place] = self._orders[place], self._orders[place] + change
        if before and self._orders[place]:
            return {place}
        last = self._last
        if before:
            while self._last >= 0 and not self._orders[self._last]:
                self._last -= 1
        else:
            self._last = max(last, place)
        return {place, place + 1, last, self._last}

    def _share_anew(self, places: set[int]) -> None:
        for place in places:
            if 0 <= place < len(self._orders):
                before = self._shares.get(place, _NOTHING)
                after = self._shares[place] = self._share(place)
                self.loaded += after.loaded - before.loaded
                self.splits += after.splits - before.splits
                self._passed += after.passed - before.passed

    def _share(self, place: int) -> _Share:
        splits = pieces(self._orders[place]) - 1
        is_full = place < self._front or place in self._ghosts or splits > 0 or self._is_merged(place)
        is_loaded = is_full or self._loads[place] > 0
        return _Share(is_loaded, splits, self._untouched[place] if is_full else 0)

    def _is_merged(self, place: int) -> bool:
        """Whether the page's range is given away or grows."""
        orders = self._orders
        if len(orders) == 1:
            return False
        return (
            not orders[place]
            or (place > 0 and not orders[place - 1])
            or self._last == place < len(orders) - 1
        )
