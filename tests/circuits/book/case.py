"""A book before and after a batch, told page by page and row by row, true or not.

Whatever the case says, the paths and packed words fit it: only the constraints that it breaks can refuse it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from sequencer.batch.tables import crown
from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.order import Order, rank_of
from sequencer.state.pages import Group, Page
from tests.circuits.book.lies import Tables

NO_FIELDS = {
    "market": 0,
    "sentinel": 0,
    "rank": 0,
    "sequence": 0,
    "account": 0,
    "expiry": 0,
    "maxFee": 0,
    "reduceOnly": 0,
}
_ROW_OFFSETS = {
    "market": 0,
    "sentinel": 2,
    "reduceOnly": 3,
    "account": 4,
    "maxFee": 24,
    "rank": 46,
    "sequence": 80,
    "expiry": 121,
}


class Half(Struct, frozen=True):
    """A page before or after the batch; `rows` marks the orders that have a row."""

    market: int = 0
    side: int = 0
    low: int = 0
    high: int = 0
    words: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    def bus(self) -> Tables:
        """The signals of the bus `Page`."""
        return {
            "market": self.market,
            "side": self.side,
            "low": self.low,
            "high": self.high,
            "word": _padded(self.words),
            "row": _padded(self.rows),
        }

    def hash(self) -> int:
        header = self.market | self.side << c.PAGE_SIDE_AT | self.low << c.PAGE_LOW_AT
        return poseidon((header | self.high << c.PAGE_HIGH_AT, *_padded(self.words)))


def half(page: Page, passing: Sequence[Order] = ()) -> Half:
    """A page whose orders all have rows, but those that are `passing`."""
    rows = tuple(int(order not in passing) for order in page.orders)
    words = tuple(order.word() for order in page.orders)
    return Half(page.market, page.side, page.low, page.high, words, rows)


class PageCase(Struct, frozen=True):
    """A loaded page; None where none is at the index. `told` is said of one that is not there after it."""

    index: int
    old: Half | None
    new: Half | None
    full: int = 1
    front: int = 0
    enabled: int = 1
    told: Half | None = None

    def entry(self) -> Tables:
        """The signals of the bus `PageEntry`."""
        return {
            "enabled": self.enabled,
            "index": self.index,
            "was": int(self.old is not None),
            "is": int(self.new is not None),
            "full": self.full,
            "front": self.front,
        }


class RowCase(Struct, frozen=True):
    """A row; `page` is the slot of the new page that answers for its key."""

    side: int
    fields: Tables
    ghost: int = 0
    remaining: int = 0
    final: int = 0
    page: int | None = None
    used: int = 1

    @property
    def key(self) -> int:
        key: int = self.fields["rank"] << c.SEQUENCE_BITS | self.fields["sequence"]
        return key

    def entry(self, pages: int) -> Tables:
        """The signals of the bus `RowEntry`."""
        return {
            "used": self.used,
            "ghost": self.ghost,
            "fields": self.fields,
            "remaining": self.remaining,
            "page": [int(column == self.page) for column in range(pages)],
        }


def order_row(order: Order, final: int, page: int | None = None, *, is_new: bool = False) -> RowCase:
    """The row of an order that was loaded, or placed by this batch, and ends with `final` lots."""
    fields = {
        "market": order.market,
        "sentinel": 0,
        "rank": rank_of(order.side, order.price),
        "sequence": order.sequence,
        "account": order.account,
        "expiry": order.expiry,
        "maxFee": order.max_fee_ppm,
        "reduceOnly": int(order.reduce_only),
    }
    return RowCase(order.side, fields, 0, 0 if is_new else order.remaining, final, page)


def ghost_row(group: Group, key: int, page: int) -> RowCase:
    """The row that proves that no order rests at a key."""
    return RowCase(group[1], _at(group, key), ghost=1, page=page)


def sentinel_row(group: Group, reach: int) -> RowCase:
    """The sentinel of a side."""
    return RowCase(group[1], _at(group, reach) | {"sentinel": 1}, remaining=1, final=1)


class BookCase(Struct, frozen=True):
    """What a batch does to the book; `others` are pages, by index, that it does not load."""

    first_sequence: int
    pages: tuple[PageCase, ...]
    rows: tuple[RowCase, ...]
    others: dict[int, Page] = field(default_factory=dict)

    def with_page(self, slot: int, **changes: Any) -> "BookCase":
        """This case with another page in a slot."""
        pages = list(self.pages)
        pages[slot] = replace(pages[slot], **changes)
        return replace(self, pages=tuple(pages))

    def with_row(self, old: RowCase, *new: RowCase) -> "BookCase":
        """This case with other rows in the place of one."""
        place = self.rows.index(old)
        return replace(self, rows=(*self.rows[:place], *new, *self.rows[place + 1 :]))

    def inputs(self, page_count: int, row_count: int) -> Tables:
        """The inputs of `StoreBook`; the rows stand as told, bids in the first half."""
        pages = [*self.pages, *[PageCase(0, None, None, 0, enabled=0)] * (page_count - len(self.pages))]
        rows = _table(self.rows, row_count // 2)
        paths, tree = self._opened(pages)
        return {
            "firstSequence": self.first_sequence,
            "rootBefore": tree.root,
            "entry": [page.entry() for page in pages],
            "crown": crown(tree),
            "path": paths,
            "before": [(page.old or Half()).bus() for page in pages],
            "after": [(page.new or page.told or Half()).bus() for page in pages],
            "row": [row.entry(page_count) for row in rows],
            "key": [row.key for row in rows],
            "rows": row_table([row.fields for row in rows], [row.used for row in rows]),
            "finalRemaining": [row.final for row in rows],
        }

    def root_after(self) -> int:
        """The root of the page tree once the batch is written."""
        leaves = {index: page.leaf() for index, page in self.others.items()}
        leaves |= {page.index: _leaf(page.new) for page in self.pages if page.enabled}
        tree = SparseTree(c.PAGE_DEPTH)
        tree.set_many(list(leaves.items()))
        return tree.root

    def _opened(self, pages: Sequence[PageCase]) -> tuple[list[list[list[int]]], SparseTree]:
        """The path of each page once those before it are written, and the tree before all."""
        tree = SparseTree(c.PAGE_DEPTH)
        tree.set_many([(index, page.leaf()) for index, page in self.others.items()])
        # Of an index that is loaded twice, the first page is the one in the tree.
        tree.set_many([(page.index, _leaf(page.old)) for page in reversed(pages) if page.enabled])
        written, opened = tree.copy(), []
        for page in pages:
            path = (written if page.enabled else SparseTree(c.PAGE_DEPTH)).path(page.index)
            opened.append(path[: c.PAGE_DEPTH - c.CROWN_LEVELS])
            if page.enabled:
                written.set(page.index, _leaf(page.new))
        return opened, tree


def row_word(fields: Tables) -> int:
    """The packed fields of a row."""
    return sum(fields[name] << offset for name, offset in _ROW_OFFSETS.items())


def row_table(fields: Sequence[Tables], used: Sequence[int]) -> Tables:
    """The signals of the bus `RowTable`."""
    half_count = len(fields) // 2
    starts = [
        int(use and (place % half_count == 0 or each["market"] != fields[place - 1]["market"]))
        for place, (each, use) in enumerate(zip(fields, used, strict=True))
    ]
    words = [row_word(each) + (0 if use else 1 << 250) for each, use in zip(fields, used, strict=True)]
    return {"word": words, "start": starts}


def _table(rows: Sequence[RowCase], half_count: int) -> list[RowCase]:
    halves: list[list[RowCase]] = [[row for row in rows if row.side == side] for side in (0, 1)]
    unused: Callable[[int], RowCase] = lambda side: RowCase(side, NO_FIELDS, used=0)  # noqa: E731
    return [
        row for side in (0, 1) for row in (*halves[side], *[unused(side)] * (half_count - len(halves[side])))
    ]


def _at(group: Group, key: int) -> Tables:
    sequence = key & (1 << c.SEQUENCE_BITS) - 1
    return NO_FIELDS | {"market": group[0], "rank": key >> c.SEQUENCE_BITS, "sequence": sequence}


def _leaf(page: Half | None) -> int:
    return page.hash() if page else 0


def _padded(values: Sequence[int]) -> list[int]:
    return [*values, *[0] * (c.PAGE_ORDERS - len(values))]
