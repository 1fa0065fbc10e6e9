"""A row is an order of the batch, the proof that one does not rest, or the end of what was loaded."""

from dataclasses import replace
from typing import Any

import pytest

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
TAG = BOOK << c.FENCE_BITS
# New pages 0 and 1, old pages 0 and 1 of the asks, cut at FENCE; both old ones are full.
FENCE = 50 << c.SEQUENCE_BITS | 7
NEW_LEFT, NEW_RIGHT, OLD_LEFT, OLD_RIGHT = range(4)
FENCES = {
    "low": [TAG, TAG + FENCE] * 2,
    "high": [TAG + FENCE, TAG + c.REACH_END] * 2,
    "full": [0, 0, 1, 1],
}
RESTING = Order(2, Side.SELL, 40, 99, 3, 8, c.NEVER_EXPIRES, 5, True)
PLACED = replace(RESTING, sequence=FIRST_SEQUENCE)
KEPT = order_row(RESTING, final=5, page=NEW_LEFT)
FILLED = order_row(RESTING, final=0)
RESTED = order_row(PLACED, final=8, page=NEW_LEFT, is_new=True)
NAMED_ONLY = order_row(PLACED, final=0, is_new=True)
GHOST = ghost_row(ASKS, RESTING.key, OLD_LEFT)
SENTINEL = sentinel_row(ASKS, FENCE)
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
        "fences": FENCES,
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
    seen = circuit.witness(inputs(replace(KEPT, page=NEW_RIGHT), **{"fences.low.1": TAG}))
    assert seen["wordBefore"] == RESTING.word()
    assert seen["wordAfter"] == replace(RESTING, remaining=5).word()
    assert seen["tagAfter"] == c.TAG_NEW + NEW_RIGHT


def test_the_challenge_absorbs_every_hint_of_a_row(circuit: CircuitTester) -> None:
    commitments = set()
    changes: list[Tables] = [{"fields.sequence": 98, "key": KEPT.key - 1}, {"fields.account": 4}]
    changes += [{"fields.expiry": 9}, {"fields.maxFee": 9}, {"fields.reduceOnly": 0}, {"remaining": 9}]
    changes += [{}, {"finalRemaining": 4}, {"page": [0, 1, 0, 0], "fences.low.1": TAG}]
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


def test_a_ghost_stands_alone_for_the_last_key_below_its_fence(circuit: CircuitTester) -> None:
    assert circuit.accepts(inputs(ghost_row(ASKS, FENCE - 1, OLD_LEFT)))
    assert circuit.accepts(inputs(ghost_row(ASKS, FENCE, OLD_RIGHT)))
    assert circuit.rejects(inputs(ghost_row(ASKS, FENCE, OLD_LEFT)))
    assert circuit.rejects(inputs(ghost_row(ASKS, FENCE - 1, OLD_RIGHT)))


def test_an_order_ends_in_the_page_that_answers_for_its_key(circuit: CircuitTester) -> None:
    assert circuit.rejects(inputs(replace(KEPT, page=NEW_RIGHT)))
    assert circuit.rejects(inputs(KEPT, **{"fences.high.0": TAG + KEPT.key}))
    assert circuit.accepts(inputs(KEPT, **{"fences.high.0": TAG + KEPT.key + 1}))
    assert circuit.rejects(inputs(KEPT, **{"fences.low.0": TAG + KEPT.key + 1}))
    assert circuit.accepts(inputs(KEPT, **{"fences.low.0": TAG + KEPT.key}))


@pytest.mark.parametrize("book", [0, 4, 6, 7])
def test_an_order_ends_in_no_page_of_another_book(circuit: CircuitTester, book: int) -> None:
    other = book << c.FENCE_BITS
    lies = {"fences.low.0": other, "fences.high.0": other + c.REACH_END}
    assert circuit.rejects(inputs(KEPT, **lies))
    lies = {"fences.low.2": other, "fences.high.2": other + c.REACH_END}
    assert circuit.rejects(inputs(GHOST, **lies))


def test_what_rests_names_one_new_page(circuit: CircuitTester) -> None:
    assert circuit.rejects(inputs(KEPT, page=[0, 0, 0, 0]))
    assert circuit.rejects(inputs(KEPT, page=[0, 0, 1, 0]))
    # The sum of two pages would enclose the key that neither answers for.
    lies = {"fences.low.1": 0, "fences.high.1": 1 << 76, "page": [1, 1, 0, 0]}
    assert circuit.rejects(inputs(KEPT, **lies))


def test_what_does_not_rest_names_no_page(circuit: CircuitTester) -> None:
    from_zero = {f"fences.low.{column}": 0 for column in range(2 * PAGES)}
    for row in (FILLED, NAMED_ONLY, SENTINEL, UNUSED):
        assert circuit.accepts(inputs(row, **from_zero))
        for column in range(2 * PAGES):
            assert circuit.rejects(inputs(replace(row, page=column), **from_zero))


@pytest.mark.parametrize("page", [[2, -1, 0, 0], [-1, 2, 0, 0]])
def test_a_page_is_not_named_by_a_sum(circuit: CircuitTester, page: list[int]) -> None:
    lies = {"page": page, "fences.low": [TAG] * 4, "fences.high": [TAG + c.REACH_END] * 4}
    assert circuit.accepts(inputs(KEPT, **lies | {"page": [1, 0, 0, 0]}))
    assert circuit.rejects(inputs(KEPT, **lies))


def test_a_ghost_names_a_page_that_was_there_and_is_full(circuit: CircuitTester) -> None:
    assert circuit.rejects(inputs(GHOST, **{"fences.full.2": 0}))
    assert circuit.rejects(inputs(GHOST, page=[0, 0, 0, 0]))
    assert circuit.rejects(inputs(GHOST, page=[1, 0, 0, 0]))
    lies = {"page": [0, 0, 1, 1], "fences.low.3": 0, "fences.high.3": 1 << 76, "fences.full.3": 0}
    assert circuit.rejects(inputs(GHOST, **lies))


def test_a_ghost_is_an_old_order(circuit: CircuitTester) -> None:
    newest = RESTING.key - RESTING.sequence + FIRST_SEQUENCE
    assert circuit.rejects(inputs(ghost_row(ASKS, newest, OLD_LEFT)))
    assert circuit.accepts(inputs(ghost_row(ASKS, newest - 1, OLD_LEFT)))


@pytest.mark.parametrize("row", [SENTINEL, UNUSED], ids=["sentinel", "unused"])
def test_a_ghost_is_an_order(circuit: CircuitTester, row: RowCase) -> None:
    everywhere = {"fences.low.2": 0, "fences.high.2": 1 << 76}
    assert circuit.rejects(inputs(replace(row, ghost=1, page=OLD_LEFT), **everywhere))


def test_a_ghost_is_not_counted_twice(circuit: CircuitTester) -> None:
    # Twice the key lies between the sums of the fences of a full page and one that is not.
    lies = {"ghost": 2, "page": [0, 0, 1, 1], "fences.full": [0, 0, 1, 0]}
    lies |= {"fences.low.3": TAG, "fences.high.3": TAG + c.REACH_END}
    assert circuit.rejects(inputs(GHOST, **lies))


@pytest.mark.parametrize("row", [GHOST, NAMED_ONLY, UNUSED], ids=["ghost", "new", "unused"])
def test_nothing_rests_before_the_batch_that_was_not_loaded(circuit: CircuitTester, row: RowCase) -> None:
    assert circuit.rejects(inputs(replace(row, remaining=1)))


@pytest.mark.parametrize("remaining", [0, 2])
def test_a_sentinel_holds_one_lot_that_nobody_can_take(circuit: CircuitTester, remaining: int) -> None:
    assert circuit.rejects(inputs(replace(SENTINEL, remaining=remaining)))


def test_an_unused_row_is_no_sentinel(circuit: CircuitTester) -> None:
    for remaining in (0, 1):
        assert circuit.rejects(inputs(replace(SENTINEL, used=0, remaining=remaining)))


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
