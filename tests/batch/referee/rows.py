"""Book pages and rows (claim 4)."""

from collections import Counter
from dataclasses import dataclass

from sequencer.crypto import poseidon
from tests.batch.referee.signals import Inputs, increasing, prefix, require, selected, zero
from tests.batch.referee.tables import Write, empty_path, write_leaves

END = 1 << 72
_ROW_FIELDS = (
    "Market",
    "Rank",
    "Sequence",
    "Account",
    "Expiry",
    "MaxFee",
    "ReduceOnly",
    "Remaining",
    "Sentinel",
    "Ghost",
    "Page",
)


@dataclass
class Half:
    """A page before or after the batch."""

    there: bool
    market: int
    side: int
    low: int
    high: int
    words: list[int]
    rows: list[int]

    @property
    def group(self) -> tuple[int, int]:
        return self.market, self.side

    def leaf(self) -> int:
        header = self.market | self.side << 8 | self.low << 9 | self.high << 82
        return poseidon((header, *self.words)) if self.there else 0


@dataclass
class Row:
    place: int
    side: int
    market: int
    rank: int
    sequence: int
    account: int
    expiry: int
    max_fee: int
    reduce_only: int
    remaining: int
    sentinel: int
    ghost: int
    page: list[int]

    @property
    def key(self) -> int:
        return self.rank << 40 | self.sequence

    @property
    def group(self) -> tuple[int, int]:
        return self.market, self.side

    def word(self) -> int:
        word = self.remaining | self.reduce_only << 48 | self.account << 49
        return word | self.expiry << 69 | self.max_fee << 109 | self.key << 129


def load_rows(inputs: Inputs) -> list[Row | None]:
    """The rows, None where unused; sorted within each half, one sentinel a group."""
    count = len(inputs["rowUsed"])
    rows: list[Row | None] = []
    for place in range(count):
        fields = [inputs[f"row{name}"][place] for name in _ROW_FIELDS]
        if inputs["rowUsed"][place]:
            rows.append(Row(place, int(place >= count // 2), *fields))
        else:
            zero(fields, "an unused row")
            rows.append(None)
    for side in (0, 1):
        half = slice(side * count // 2, (side + 1) * count // 2)
        prefix(inputs["rowUsed"][half], "rows")
        order = [(row.market, row.key, -row.sentinel) for row in rows[half] if row]
        increasing(order, "rows")
    for row in filter(None, rows):
        _check_row(row, inputs["firstSequence"])
    sentinels = Counter(row.group for row in rows if row and row.sentinel)
    groups = {row.group for row in rows if row}
    require(sentinels == Counter(groups), "each group with a row has exactly one sentinel")
    return rows


def _check_row(row: Row, first_sequence: int) -> None:
    if row.sentinel:
        require(row.remaining == 1 and row.key <= END, "a sentinel has remainder 1 and a key up to the end")
        zero((row.account, row.expiry, row.max_fee, row.reduce_only, row.ghost), "a sentinel")
        return
    require(row.rank < 1 << 32, "only a sentinel stands at the end")
    if row.ghost:
        require(row.sequence < first_sequence, "a ghost is old")
        zero((row.account, row.expiry, row.max_fee, row.reduce_only, row.remaining), "a ghost")
    elif row.sequence >= first_sequence:
        require(row.remaining == 0, "a new row starts at 0")
    else:
        require(row.remaining > 0, "an order of a page has a remainder")


def load_pages(inputs: Inputs) -> list[tuple[Half, Half]]:
    """The pages before and after; their fences, fullness and indices (a, b, c)."""
    enabled = prefix(inputs["pageEnabled"], "pages")
    indices = inputs["pageIndex"][:enabled]
    increasing(indices, "page indices")
    pages = []
    for place in range(len(inputs["pageIndex"])):
        old = _half(inputs, "pageOld", inputs["pageWas"][place], place)
        new = _half(inputs, "pageNew", inputs["pageIs"][place], place)
        if place < enabled:
            require(old.there or new.there, "an enabled page is there before or after")
        else:
            zero((inputs["pageIndex"][place], old.there, new.there), "a disabled page")
            zero((inputs["pageFront"][place], inputs["pageFull"][place]), "a disabled page")
        require(not new.there or new.low < new.high, "(b) a new page has low < high")
        is_full = all(flag for word, flag in zip(old.words, old.rows, strict=True) if word)
        require(inputs["pageFull"][place] == (is_full and place < enabled), "a full page has a row an order")
        same = (old.group, old.low, old.high) == (new.group, new.low, new.high)
        require(is_full or (new.there and same), "only full pages are re-cut")
        require(not inputs["pageFront"][place] or (old.there and is_full), "front pages are full")
        pages.append((old, new))
    left, right = Counter[object](), Counter[object]()
    for old, new in pages:
        left.update([(old.group, old.low)] * old.there + [(new.group, new.high)] * new.there)
        right.update([(new.group, new.low)] * new.there + [(old.group, old.high)] * old.there)
    require(left == right, "(c) the new pages answer for the keys of the old ones")
    return pages


def _half(inputs: Inputs, name: str, there: int, place: int) -> Half:
    values = [inputs[f"{name}{field}"][place] for field in ("Market", "Side", "Low", "High", "Word", "Row")]
    half = Half(bool(there), *values)
    if not there:
        zero(values, "a page that is not there")
        return half
    require(0 <= half.low <= END and 0 <= half.high <= END, "fences reach up to the end")
    used = [word for word in half.words if word]
    require(half.words == used + [0] * (15 - len(used)), "unused places of a page come last")
    keys = [word >> 129 for word in used]
    increasing(keys, "the orders of a page")
    require(all(half.low <= key < half.high for key in keys), "the orders of a page lie inside its fences")
    require(
        all(word or not flag for word, flag in zip(half.words, half.rows, strict=True)), "rows are orders"
    )
    return half


def check_front(inputs: Inputs, rows: list[Row | None], pages: list[tuple[Half, Half]]) -> None:
    """(g): the front pages of each side are a run from key 0, and its sentinel stands at the end of it."""
    front = [old for (old, _), flag in zip(pages, inputs["pageFront"], strict=True) if flag]
    sentinels = [row for row in rows if row and row.sentinel]
    left = Counter([(page.group, page.low) for page in front] + [(row.group, row.key) for row in sentinels])
    right = Counter([(page.group, page.high) for page in front] + [(row.group, 0) for row in sentinels])
    require(left == right, "(g) the front run reaches up to the sentinel")


def check_loaded(inputs: Inputs, rows: list[Row | None], pages: list[tuple[Half, Half]]) -> None:
    """(f), first half, and ghosts; the remainders are still those before the batch."""
    in_pages = Counter((old.group, word) for old, _ in pages for word in _marked(old, 1))
    first = inputs["firstSequence"]
    loaded = Counter(
        (row.group, row.word())
        for row in rows
        if row and not row.sentinel and not row.ghost and row.sequence < first
    )
    require(in_pages == loaded, "(f) the loaded rows are the old orders that are rows")
    for row in filter(None, rows):
        inside = [
            int(new.there and new.group == row.group and new.low <= row.key < new.high) for _, new in pages
        ]
        require(row.page == inside, "a row names the new page that answers for its key")
        if row.ghost:
            place = selected(row.page, "ghost page")
            require(bool(inputs["pageFull"][place]), "a ghost's page is full")


def check_left(rows: list[Row | None], pages: list[tuple[Half, Half]]) -> None:
    """(f), second half: what remains stands in the new pages, and what is no row passes."""
    remaining = Counter[object]()
    for row in rows:
        if row is None or row.sentinel or row.ghost:
            continue
        if row.remaining:
            place = selected(row.page, "row page")
            remaining[place, row.word()] += 1
    marked = Counter((place, word) for place, (_, new) in enumerate(pages) for word in _marked(new, 1))
    require(remaining == marked, "(f) the remainders are the new orders that are rows")
    for old, new in pages:
        require(Counter(_marked(old, 0)) == Counter(_marked(new, 0)), "(f) what is no row passes")


def _marked(page: Half, mark: int) -> list[int]:
    return [word for word, flag in zip(page.words, page.rows, strict=True) if word and flag == mark]


def write_pages(inputs: Inputs, pages: list[tuple[Half, Half]]) -> int:
    """(a): each page is in the tree; the new root."""
    enabled, paths = sum(inputs["pageEnabled"]), inputs["pagePath"]
    writes = [
        Write(index, path, old.leaf(), new.leaf())
        for index, path, (old, new) in zip(inputs["pageIndex"], paths, pages, strict=True)
    ]
    for path in paths[enabled:]:
        empty_path(path)
    return write_leaves(inputs["pageRoot"], inputs["pageCrown"], writes[:enabled], "page")
