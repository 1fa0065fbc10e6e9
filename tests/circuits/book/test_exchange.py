"""Rows and pages hold the same orders, whatever the challenge."""

from typing import Any

import pytest

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

PAGES, ROWS = 2, 6
CHALLENGE = poseidon((2026,))
ASKS_0, BIDS_1 = 1, 2
K1, K2, K3 = (rank << c.SEQUENCE_BITS for rank in (10, 20, 30))


@pytest.fixture(scope="module")
def challenge() -> CircuitTester:
    return CircuitTester("ExchangeChallenge", (PAGES, ROWS))


@pytest.fixture(scope="module")
def orders() -> CircuitTester:
    return CircuitTester("OrderExchange", (PAGES, ROWS))


@pytest.fixture(scope="module")
def tiles() -> CircuitTester:
    # circom drops private inputs that the template has no use for; public ones stay.
    return CircuitTester("TileExchange", (PAGES,), public=("page",))


@pytest.fixture(scope="module")
def reach() -> CircuitTester:
    return CircuitTester("ReachExchange", (PAGES, ROWS), public=("page", "row"))


def page(**fields: Any) -> Tables:
    """A page that is not loaded but for `fields`; arrays are given by their first places."""
    flags = dict.fromkeys(("was", "is", "full", "front"), 0)
    values = dict.fromkeys(("hashBefore", "hashAfter", "bookBefore", "bookAfter"), 0)
    fences = dict.fromkeys(("lowBefore", "highBefore", "lowAfter", "highAfter"), 0)
    told: Tables = {**flags, **values, **fences, **fields}
    for name in ("wordBefore", "wordAfter", "rowBefore", "rowAfter"):
        given = told.get(name, [])
        told[name] = [*given, *[0] * (c.PAGE_ORDERS - len(given))]
    for half in ("Before", "After"):
        told[f"filled{half}"] = [int(word != 0) for word in told[f"word{half}"]]
    return told


def row(**fields: int) -> Tables:
    flags = dict.fromkeys(("start", "sentinel", "loaded", "open", "book", "key"), 0)
    words = dict.fromkeys(("wordBefore", "wordAfter", "tagAfter", "commitmentBefore", "commitmentAfter"), 0)
    return {**flags, **words, **fields}


def inputs(pages: list[Tables], rows: list[Tables]) -> Tables:
    """The inputs of an exchange with rows."""
    return {"challenge": CHALLENGE, "page": pages, "row": rows + [row()] * (ROWS - len(rows))}


def loaded_row(word: int, left: int, slot: int = 0, book: int = ASKS_0) -> Tables:
    """The row of a loaded order that ends as `left` in the new page of a slot, or not at all (0)."""
    is_open = int(left != 0)
    return row(loaded=1, open=is_open, book=book, wordBefore=word, wordAfter=left, tagAfter=c.TAG_NEW + slot)


# Page 0: order 11 is filled, 12 shrinks to 102, 13 passes, 21 moves to page 1. There 22 passes, 30 rests.
TOLD = [
    page(
        bookBefore=ASKS_0,
        bookAfter=ASKS_0,
        wordBefore=[11, 12, 13, 21],
        rowBefore=[1, 1, 0, 1],
        wordAfter=[102, 13],
        rowAfter=[1, 0],
    ),
    page(bookBefore=ASKS_0, bookAfter=ASKS_0, wordBefore=[22], wordAfter=[21, 22, 30], rowAfter=[1, 0, 1]),
]
RESTED = row(open=1, book=ASKS_0, wordAfter=30, tagAfter=c.TAG_NEW + 1)
TOLD_ROWS = [loaded_row(11, 0), loaded_row(12, 102), loaded_row(21, 21, slot=1), RESTED]


def test_orders_are_loaded_filled_moved_rested_and_passed(orders: CircuitTester) -> None:
    assert orders.accepts(inputs(TOLD, TOLD_ROWS))
    assert orders.accepts(inputs([page(), page()], []))


def test_an_order_is_loaded_from_whatever_page_it_stands_in(orders: CircuitTester) -> None:
    holding = page(bookBefore=ASKS_0, wordBefore=[11], rowBefore=[1])
    assert orders.accepts(inputs([holding, page()], [loaded_row(11, 0)]))
    assert orders.accepts(inputs([page(), holding], [loaded_row(11, 0)]))


@pytest.mark.parametrize(
    "lie",
    {
        "a passing order is dropped": {"page.0.filledAfter.1": 0},
        "a passing order is doubled": {"page.0.wordAfter.2": 13, "page.0.filledAfter.2": 1},
        "a passing order changes": {"page.0.wordAfter.1": 14},
        "a passing order becomes a row's": {"page.0.rowAfter.1": 1},
        "an order passes into another page": {
            "page.0.filledAfter.1": 0,
            "page.1.wordAfter.3": 13,
            "page.1.filledAfter.3": 1,
        },
        "a filled order stays": {"page.0.wordAfter.2": 11, "page.0.filledAfter.2": 1, "page.0.rowAfter.2": 1},
        "a remainder is dropped": {"page.0.filledAfter.0": 0},
        "a remainder keeps its lots": {"page.0.wordAfter.0": 12},
        "a remainder ends in another page": {"row.1.tagAfter": c.TAG_NEW + 1},
        "a page turns to another book": {"page.0.bookAfter": BIDS_1},
        "an order is loaded from another book": {"row.0.book": BIDS_1},
        "an order is loaded twice": {"row.4.loaded": 1, "row.4.book": ASKS_0, "row.4.wordBefore": 11},
        "an order that rests nowhere is loaded": {
            "row.4.loaded": 1,
            "row.4.book": ASKS_0,
            "row.4.wordBefore": 9,
        },
        "an order with a row is not loaded": {"row.0.loaded": 0},
        "a new order reaches no page": {"page.1.filledAfter.2": 0},
        "a page gains an order": {"page.0.wordAfter.2": 9, "page.0.filledAfter.2": 1},
    }.items(),
    ids=lambda lie: lie[0],
)
def test_an_order_that_appears_or_disappears_is_rejected(
    orders: CircuitTester, lie: tuple[str, Tables]
) -> None:
    assert orders.rejects(with_lies(inputs(TOLD, TOLD_ROWS), lie[1]))


@pytest.mark.parametrize("shift", [0, 8, c.ORDER_WORD_BITS, c.ROW_FLAGS_AT])
def test_a_word_does_not_carry_the_difference_of_two_tags(orders: CircuitTester, shift: int) -> None:
    # Its page says that order 11 has a row, but none is loaded: the order would hide in the new page.
    word = (11 + ((c.TAG_ROW - c.TAG_NEW) << shift)) % c.FIELD_MODULUS
    hidden = {"page.0.wordAfter.2": word, "page.0.filledAfter.2": 1, "page.0.rowAfter.2": 1}
    assert orders.rejects(with_lies(inputs(TOLD, TOLD_ROWS), hidden | {"row.0.loaded": 0}))


def tile(was: int, low_before: int, high_before: int, is_: int, low_after: int, high_after: int) -> Tables:
    return page(
        was=was,
        lowBefore=low_before,
        highBefore=high_before,
        lowAfter=low_after,
        highAfter=high_after,
        **{"is": is_},
    )


def tiling(*pages: Tables) -> Tables:
    return {"challenge": CHALLENGE, "page": list(pages)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 0, K1, 1, 0, K1), (1, K1, K3, 1, K1, K3)),
        ((1, 0, K1, 1, 0, K2), (1, K1, K3, 1, K2, K3)),
        ((1, 0, K3, 1, 0, K2), (0, 0, 0, 1, K2, K3)),
        ((1, 0, K1, 1, 0, K3), (1, K1, K3, 0, 0, 0)),
        ((0, 5, 6, 0, 7, 8), (0, 1, 2, 0, 3, 4)),
    ],
    ids=["kept", "moved", "split", "merged", "not there"],
)
def test_pages_may_be_recut(tiles: CircuitTester, first: tuple[int, ...], second: tuple[int, ...]) -> None:
    assert tiles.accepts(tiling(tile(*first), tile(*second)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 0, K2, 1, 0, K1), (1, K2, K3, 1, K2, K3)),
        ((1, 0, K1, 1, 0, K2), (1, K1, K3, 1, K1, K3)),
        ((1, 0, K3, 1, 0, K1), (0, 0, 0, 1, K2, K3)),
        ((1, 0, K3, 1, 0, K3), (0, 0, 0, 1, K1, K2)),
        ((1, 0, K1, 0, 0, K1), (1, K1, K3, 1, K1, K3)),
        ((1, 0, K1, 1, 0, K1), (1, K1, K3, 1, K1 + (ASKS_0 << c.FENCE_BITS), K3)),
    ],
    ids=["gap", "overlap", "split with a gap", "created", "removed", "another book"],
)
def test_a_gap_or_an_overlap_is_rejected(
    tiles: CircuitTester, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    assert tiles.rejects(tiling(tile(*first), tile(*second)))


def tagged(key: int, book: int) -> int:
    return key + (book << c.FENCE_BITS)


def front(low: int, high: int, book: int = ASKS_0) -> Tables:
    return page(front=1, lowBefore=tagged(low, book), highBefore=tagged(high, book))


def side(reach: int, book: int = ASKS_0) -> list[Tables]:
    """A sentinel, which starts its book, and an order behind it."""
    return [row(start=1, sentinel=1, key=reach, book=book), row(key=reach + 1, book=book)]


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ([front(0, K1), front(K1, K3)], side(K3)),
        ([front(K1, K3), front(0, K1)], side(K3)),
        ([front(0, K1), page(lowBefore=K1, highBefore=K3)], side(K1)),
        ([page(), page()], side(0)),
        ([front(0, c.REACH_END), front(0, K1, BIDS_1)], [*side(K1, BIDS_1), *side(c.REACH_END)]),
        ([page(), page()], []),
    ],
    ids=["two", "in any order", "one", "none", "two books", "no rows"],
)
def test_a_sentinel_stands_where_the_front_run_ends(
    reach: CircuitTester, pages: list[Tables], rows: list[Tables]
) -> None:
    assert reach.accepts(inputs(pages, rows))


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ([front(0, K1), page()], side(K3)),
        ([front(0, K1), page()], side(0)),
        ([front(0, K1), front(K2, K3)], side(K3)),
        ([front(K1, K3), page()], side(K3)),
        ([front(K1, K3), page()], side(0)),
        ([front(0, K1, BIDS_1), page()], side(K1)),
        ([front(0, K1), page()], [row(start=1)]),
        ([front(0, K1), page()], [*side(K1), row(sentinel=1, key=K1, book=ASKS_0)]),
        ([front(0, K1), page()], [*side(K1), row(sentinel=1, key=0, book=ASKS_0)]),
        ([front(0, K1), page()], []),
        ([page(), page()], [row(start=1, book=BIDS_1), row(sentinel=1, book=ASKS_0)]),
    ],
    ids=[
        "beyond the run",
        "before the run",
        "over a gap",
        "without the first page",
        "before a page in the middle",
        "of another book",
        "no sentinel",
        "two sentinels",
        "a sentinel too many",
        "no rows",
        "of a book without rows",
    ],
)
def test_a_sentinel_beyond_what_was_loaded_is_rejected(
    reach: CircuitTester, pages: list[Tables], rows: list[Tables]
) -> None:
    assert reach.rejects(inputs(pages, rows))


def absorbed() -> Tables:
    """Pages and rows of which no two values are the same, as far as flags allow."""
    pages = [
        page(hashBefore=101, hashAfter=102, was=1, full=1, rowBefore=[1, 0, 1], rowAfter=[0, 1, 1]),
        page(hashBefore=103, hashAfter=104, front=1, rowBefore=[0] * 14 + [1], rowAfter=[1], **{"is": 1}),
    ]
    rows = [row(commitmentBefore=200 + i, commitmentAfter=300 + i) for i in range(ROWS)]
    return {"page": pages, "row": rows}


def transcript(pages: list[Tables], rows: list[Tables]) -> int:
    """The Poseidon chain over hashes and flags of pages, seven pages a word, and commitments of rows."""
    hashes = [told[name] for told in pages for name in ("hashBefore", "hashAfter")]
    width = c.SIZE_BITS + len(pages)
    flags = in_words([told_flags(told) for told in pages], 34, 7)
    finals = in_words([told["commitmentAfter"] for told in rows], width, 250 // width)
    words = [*hashes, *flags, *(told["commitmentBefore"] for told in rows), *finals]
    words += [0] * (-len(words) % 15)
    chained = 0
    for start in range(0, len(words), 15):
        chained = poseidon((chained, *words[start : start + 15]))
    return chained


def told_flags(told: Tables) -> int:
    bits = [told[name] for name in ("was", "is", "full", "front")] + told["rowBefore"] + told["rowAfter"]
    return sum(int(bit) << at for at, bit in enumerate(bits))


def in_words(values: list[int], width: int, per_word: int) -> list[int]:
    starts = range(0, len(values), per_word)
    return [
        sum(value << width * at for at, value in enumerate(values[start : start + per_word]))
        for start in starts
    ]


def test_the_challenge_is_a_poseidon_chain_over_pages_and_rows(challenge: CircuitTester) -> None:
    told = absorbed()
    assert challenge.accepts(told)
    assert challenge.witness(told) == {"challenge": transcript(told["page"], told["row"])}
    assert not challenge.accepts_witness_with(told, {"main.challenge": 7})


def test_the_flags_of_the_eighth_page_begin_a_word() -> None:
    many = CircuitTester("ExchangeChallenge", (8, 2))
    told = {"page": absorbed()["page"] * 4, "row": absorbed()["row"][:2]}
    assert many.witness(told) == {"challenge": transcript(told["page"], told["row"])}


@pytest.mark.parametrize(
    "path",
    [f"page.{place}.{name}" for place in (0, 1) for name in ("was", "is", "full", "front")]
    + [f"page.{place}.hash{half}" for place in (0, 1) for half in ("Before", "After")]
    + [f"page.1.row{half}.{place}" for half in ("Before", "After") for place in (0, 14)]
    + [f"row.{place}.commitment{half}" for place in (0, ROWS - 1) for half in ("Before", "After")],
)
def test_nothing_that_enters_a_product_is_chosen_after_the_challenge(
    challenge: CircuitTester, path: str
) -> None:
    honest = challenge.witness(absorbed())
    place: Any = absorbed()
    for part in path.split("."):
        place = place[int(part) if part.isdigit() else part]
    assert challenge.witness(with_lies(absorbed(), {path: 1 - place})) != honest
