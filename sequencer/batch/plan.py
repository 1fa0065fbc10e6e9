"""Which pages and rows a batch needs, and how its pages end (docs/spec/batch.md, pages and rows)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from sequencer.batch.footprint import Footprint, SideFootprint
from sequencer.engine.state import Book, State
from sequencer.model import constants as c
from sequencer.model.words import unpack
from sequencer.state.layout import PageLayout
from sequencer.state.pages import Group, IndexedPage, Page, upkeep


class PageSlot(Struct, frozen=True):
    """One page of the batch: as it was, and as it ends; None where there is no page at the index."""

    index: int
    old: Page | None
    new: Page | None
    front: bool


class GroupRows(Struct, frozen=True):
    """The rows of one (market, side): its sentinel, at `reach`, and the keys of its orders in key order."""

    group: Group
    reach: int
    keys: tuple[int, ...]


class BatchPlan(Struct, frozen=True):
    """The shape of a batch that holds what its footprint says."""

    footprint: Footprint
    pages: tuple[PageSlot, ...]
    groups: tuple[GroupRows, ...]

    def slot(self, group: Group, key: int) -> int | None:
        """Return the slot of the page that answers for a key when the batch ends, if it is loaded."""
        return next(
            (
                slot
                for slot, page in enumerate(self.pages)
                if page.new is not None and page.new.covers(group, key)
            ),
            None,
        )

    def changed_pages(self) -> dict[int, Page | None]:
        """Return the pages that the batch writes, by index; None for one that leaves the tree."""
        return {slot.index: slot.new for slot in self.pages if slot.old != slot.new}


def plan(footprint: Footprint, layout: PageLayout, state: State, first_sequence: int) -> BatchPlan:
    """Plan the batch from what was touched, the pages before it and the book as it stands now.

    Parameters
    ----------
    first_sequence
        The first sequence of this batch: orders with a smaller one are old.
    """
    sides = [
        _Side.load(group, touched, layout, state.book(*group), first_sequence)
        for group, touched in sorted(footprint.sides.items())
    ]
    recut = upkeep((side.drafts for side in sides), taken=layout)
    for side, pages in zip(sides, recut, strict=True):
        side.require_full(side.recut_by(pages))
    final = {index: page for pages in recut for index, page in pages}
    return BatchPlan(footprint, _slots(sides, layout, final), tuple(side.rows(layout) for side in sides))


class _Side(Struct):
    """One side while it is planned.

    Attributes
    ----------
    loaded, full : set of int
        Indices of the pages that the batch opens, and of those whose orders are all rows.
    drafts : list of (int, Page)
        All pages of the side with their old fences and the orders that they end with.
    """

    group: Group
    reach: int
    keys: frozenset[int]
    front: tuple[int, ...]
    loaded: set[int]
    full: set[int]
    drafts: list[IndexedPage]

    @classmethod
    def load(
        cls, group: Group, touched: SideFootprint, layout: PageLayout, book: Book, first_sequence: int
    ) -> _Side:
        front = tuple(layout.front(group, touched.reach))
        loaded, full = set(front), set(front)
        for key in touched.keys:
            index = layout.answering(group, key)
            is_old = unpack(key, 0, c.SEQUENCE_BITS) < first_sequence
            if is_old or book.find(key) is not None:
                loaded.add(index)
            if is_old and layout[index].find(key) is None:
                full.add(index)
        drafts = [
            (index, _final_page(page, touched.keys, book) if index in loaded else page)
            for index, page in layout.side(group)
        ]
        return cls(group, touched.reach, frozenset(touched.keys), front, loaded, full, drafts)

    def recut_by(self, pages: Iterable[IndexedPage]) -> set[int]:
        """Return the indices of the side's own pages that upkeep changed or removed."""
        after = dict(pages)
        return {index for index, draft in self.drafts if after.get(index) is not draft}

    def require_full(self, indices: set[int]) -> None:
        self.loaded |= indices
        self.full |= indices

    def rows(self, layout: PageLayout) -> GroupRows:
        passed = {order.key for index in self.full for order in layout[index].orders}
        reach = layout[self.front[-1]].high if self.front else 0
        return GroupRows(self.group, reach, tuple(sorted(self.keys | passed)))


def _final_page(page: Page, touched: Iterable[int], book: Book) -> Page:
    keys = {order.key for order in page.orders} | {key for key in touched if page.low <= key < page.high}
    orders = tuple(order for key in sorted(keys) if (order := book.find(key)) is not None)
    return replace(page, orders=orders)


def _slots(sides: Iterable[_Side], layout: PageLayout, final: Mapping[int, Page]) -> tuple[PageSlot, ...]:
    loaded = {index for side in sides for index in side.loaded}
    front = {index for side in sides for index in side.front}
    created = final.keys() - layout.keys()
    return tuple(
        PageSlot(index, layout[index] if index in loaded else None, final.get(index), index in front)
        for index in sorted(loaded | created)
    )
