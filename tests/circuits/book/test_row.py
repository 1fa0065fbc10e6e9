"""A row is an order of the batch, the proof that one does not rest, or the end of what was loaded."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from tests.circuits.book.case import RowCase, ghost_row, order_row, sentinel_row
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

PAGES = 2
FIRST_SEQUENCE = 100
ASKS = (2, int(Side.SELL))
BOOK = 5
# All old orders of the first page have rows, not those of the second.
FULL_PAGE, OTHER_PAGE = range(PAGES)
FULL = [1, 0]
REACH = 50 << c.SEQUENCE_BITS | 7
RESTING = Order(2, Side.SELL, 40, 99, 3, 8, c.NEVER_EXPIRES, 5, True)
PLACED = replace(RESTING, sequence=FIRST_SEQUENCE)
KEPT = order_row(RESTING, final=5, page=FULL_PAGE)
FILLED = order_row(RESTING, final=0)
RESTED = order_row(PLACED, final=8, page=FULL_PAGE, is_new=True)
NAMED_ONLY = order_row(PLACED, final=0, is_new=True)
GHOST = ghost_row(ASKS, RESTING.key, FULL_PAGE)
SENTINEL = sentinel_row(ASKS, REACH)
UNUSED = replace(GHOST, ghost=0, used=0, page=None)
HONEST = {
    "kept": KEPT,
    "filled": FILLED,
    "rested": RESTED,
    "named only": NAMED_ONLY,
    "ghost": GHOST,
    "sentinel": SENTINEL,
    "unused": UNUSED,
}


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Row", (PAGES,))


def inputs(row: RowCase, **lies: Any) -> Tables:
    honest = row.entry(PAGES) | {
        "firstSequence": FIRST_SEQUENCE,
        "side": row.side,
        "key": row.key,
        "finalRemaining": row.final,
        "full": FULL,
    }
    return with_lies(honest, lies)


@pytest.mark.parametrize(
    ("kind", "loaded", "is_open"),
    [
        ("kept", 1, 1),
        ("filled", 1, 0),
        ("rested", 0, 1),
        ("named only", 0, 0),
        ("ghost", 0, 0),
        ("sentinel", 0, 0),
        ("unused", 0, 0),
    ],
)
def test_what_a_row_stands_for(circuit: CircuitTester, kind: str, loaded: int, is_open: int) -> None:
    honest = inputs(HONEST[kind])
    assert circuit.accepts(honest)
    seen = circuit.witness(honest)
    assert (seen["loaded"], seen["open"], seen["book"]) == (loaded, is_open, BOOK)


def test_an_order_enters_the_multiset_as_the_words_of_its_pages(circuit: CircuitTester) -> None:
    seen = circuit.witness(inputs(replace(KEPT, page=OTHER_PAGE)))
    assert seen["wordBefore"] == RESTING.word()
    assert seen["wordAfter"] == replace(RESTING, remaining=5).word()
    assert seen["tagAfter"] == c.TAG_NEW + OTHER_PAGE


@pytest.mark.parametrize("kind", HONEST)
def test_a_row_stands_in_its_book_by_its_tagged_key(circuit: CircuitTester, kind: str) -> None:
    row = HONEST[kind]
    assert circuit.witness(inputs(row))["taggedKey"] == row.key + (BOOK << c.FENCE_BITS)


def test_the_challenge_absorbs_every_hint_of_a_row(circuit: CircuitTester) -> None:
    commitments = set()
    changes: list[Tables] = [{"fields.sequence": 98, "key": KEPT.key - 1}, {"fields.account": 4}]
    changes += [{"fields.expiry": 9}, {"fields.maxFee": 9}, {"fields.reduceOnly": 0}, {"remaining": 9}]
    changes += [{}, {"finalRemaining": 4}, {"page": [0, 1]}]
    rows = [inputs(KEPT, **change) for change in changes] + [inputs(row) for row in HONEST.values()]
    for row in rows:
        seen = circuit.witness(row)
        commitments.add((seen["commitmentBefore"], seen["commitmentAfter"]))
    assert len(commitments) == len(rows) - 1, "the unchanged row was told twice"


def test_a_commitment_packs_the_order_its_flags_and_its_page(circuit: CircuitTester) -> None:
    used, sentinel, ghost, market = 1, 2, 4, 8 * ASKS[0]
    flags = [(KEPT, used | market), (SENTINEL, used | sentinel | market), (GHOST, used | ghost | market)]
    for row, expected in flags:
        word = row.key << c.ORDER_KEY_AT | row.remaining
        if row is KEPT:
            word = RESTING.word()
        seen = circuit.witness(inputs(row))
        column = 0 if row.page is None else 1 << row.page
        assert seen["commitmentBefore"] == word | expected << c.ROW_FLAGS_AT
        assert seen["commitmentAfter"] == row.final | column << c.SIZE_BITS


def test_a_rank_beyond_the_last_is_no_flag_of_the_commitment(circuit: CircuitTester) -> None:
    used = inputs(NAMED_ONLY)
    lies = {"fields.rank": NAMED_ONLY.fields["rank"] + (1 << 32), "key": NAMED_ONLY.key + c.REACH_END}
    unused = inputs(replace(NAMED_ONLY, used=0), **lies)
    assert circuit.witness(used)["commitmentBefore"] != circuit.witness(unused)["commitmentBefore"]


@pytest.mark.parametrize(("side", "market", "book"), [(0, 0, 0), (1, 0, 1), (0, 3, 6), (1, 3, 7)])
def test_the_half_of_a_row_is_its_side(circuit: CircuitTester, side: int, market: int, book: int) -> None:
    row = inputs(NAMED_ONLY, side=side, **{"fields.market": market})
    assert circuit.witness(row)["book"] == book


def test_what_rests_names_one_new_page(circuit: CircuitTester) -> None:
    for page in ([1, 0], [0, 1]):
        assert circuit.accepts(inputs(KEPT, page=page))
    for page in ([0, 0], [1, 1]):
        assert circuit.rejects(inputs(KEPT, page=page))


@pytest.mark.parametrize("row", [FILLED, NAMED_ONLY, SENTINEL], ids=["filled", "named only", "sentinel"])
def test_what_does_not_rest_may_stand_in_a_page_or_in_none(circuit: CircuitTester, row: RowCase) -> None:
    for page in (None, *range(PAGES)):
        assert circuit.accepts(inputs(replace(row, page=page)))


def test_an_unused_row_stands_in_no_page(circuit: CircuitTester) -> None:
    """It is not sorted: it would end the run of a page before the rows beyond its fence."""
    assert circuit.accepts(inputs(UNUSED))
    for page in range(PAGES):
        assert circuit.rejects(inputs(replace(UNUSED, page=page)))


@pytest.mark.parametrize("page", [[2, -1], [-1, 2]])
def test_a_page_is_not_named_by_a_sum(circuit: CircuitTester, page: list[int]) -> None:
    assert circuit.rejects(inputs(KEPT, page=page))


def test_a_ghost_names_a_page_that_is_full(circuit: CircuitTester) -> None:
    assert circuit.accepts(inputs(GHOST))
    assert circuit.rejects(inputs(GHOST, full=[0, 0]))
    assert circuit.rejects(inputs(GHOST, page=[0, 0]))
    assert circuit.rejects(inputs(GHOST, page=[0, 1]))


def test_a_ghost_is_an_old_order(circuit: CircuitTester) -> None:
    newest = RESTING.key - RESTING.sequence + FIRST_SEQUENCE
    assert circuit.rejects(inputs(ghost_row(ASKS, newest, FULL_PAGE)))
    assert circuit.accepts(inputs(ghost_row(ASKS, newest - 1, FULL_PAGE)))


def test_a_batch_begins_within_40_bits_of_every_row(circuit: CircuitTester) -> None:
    last = RESTING.sequence + (1 << c.SEQUENCE_BITS)
    assert circuit.accepts(inputs(KEPT, firstSequence=last))
    assert circuit.rejects(inputs(KEPT, firstSequence=last + 1))


@pytest.mark.parametrize("row", [SENTINEL, UNUSED], ids=["sentinel", "unused"])
def test_a_ghost_is_an_order(circuit: CircuitTester, row: RowCase) -> None:
    assert circuit.rejects(inputs(replace(row, ghost=1, page=FULL_PAGE)))


def test_a_ghost_is_not_counted_twice(circuit: CircuitTester) -> None:
    assert circuit.rejects(inputs(GHOST, ghost=2))


@pytest.mark.parametrize("row", [GHOST, NAMED_ONLY, UNUSED], ids=["ghost", "new", "unused"])
def test_nothing_rests_before_the_batch_that_was_not_loaded(circuit: CircuitTester, row: RowCase) -> None:
    assert circuit.rejects(inputs(replace(row, remaining=1)))


@pytest.mark.parametrize("remaining", [0, 2])
def test_a_sentinel_holds_one_lot_that_nobody_can_take(circuit: CircuitTester, remaining: int) -> None:
    assert circuit.rejects(inputs(replace(SENTINEL, remaining=remaining)))


@pytest.mark.parametrize("final", [0, 1])
@pytest.mark.parametrize("remaining", [0, 1])
def test_an_unused_row_is_no_sentinel(circuit: CircuitTester, remaining: int, final: int) -> None:
    """It would be less than no order, and take a word out of what was loaded."""
    assert circuit.rejects(inputs(replace(SENTINEL, used=0, remaining=remaining, final=final)))


def test_a_remainder_does_not_spill_into_the_flags_of_its_order(circuit: CircuitTester) -> None:
    open_order = replace(RESTING, reduce_only=False)
    largest = (1 << c.SIZE_BITS) - 1
    assert circuit.accepts(inputs(order_row(replace(open_order, remaining=largest), final=0)))
    assert circuit.rejects(inputs(order_row(replace(open_order, remaining=largest + 1), final=0)))
    assert circuit.rejects(inputs(order_row(replace(open_order, remaining=-1), final=0)))


def test_what_a_row_stands_for_cannot_be_lied_about(circuit: CircuitTester) -> None:
    for signal in (
        "loaded",
        "open",
        "wordBefore",
        "wordAfter",
        "tagAfter",
        "commitmentBefore",
        "commitmentAfter",
    ):
        assert not circuit.accepts_witness_with(inputs(KEPT), {f"main.{signal}": 0})
