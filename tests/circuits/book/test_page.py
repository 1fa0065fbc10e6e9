"""A loaded page: its leaf before and after, and when it may change its fences."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.state.pages import Page
from tests.circuits.book.case import Half, half
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

LOW, HIGH = 5 << c.SEQUENCE_BITS, 9 << c.SEQUENCE_BITS
BOOK = 7
FIRST, SECOND = (Order(3, Side.SELL, 6, sequence, 2, 10, 99, 5, False) for sequence in (1, 2))
PAGE = Page(3, Side.SELL, LOW, HIGH, (FIRST, SECOND))
ROWED = half(PAGE)
PASSING = half(PAGE, [SECOND])
NOTHING = Half()


@pytest.fixture(scope="module")
def page_half() -> CircuitTester:
    return CircuitTester("PageHalf")


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedPage")


def one(page: Half, there: int = 1, **lies: Any) -> Tables:
    return with_lies({"page": page.bus(), "there": there}, lies)


def both(before: Half, after: Half, **flags: int) -> Tables:
    """A page that was there and is; full unless `flags` say otherwise."""
    honest = {"enabled": 1, "was": 1, "is": 1, "full": 1, "front": 0}
    return honest | flags | {"before": before.bus(), "after": after.bus()}


def test_the_leaf_is_the_one_of_the_page_tree(page_half: CircuitTester) -> None:
    assert page_half.accepts(one(PASSING))
    seen = page_half.witness(one(PASSING))
    assert seen["leaf"] == seen["hash"] == PAGE.leaf()
    assert seen["header"] == PAGE.header()
    assert seen["book"] == BOOK
    assert seen["low"] == LOW + (BOOK << c.FENCE_BITS)
    assert seen["high"] == HIGH + (BOOK << c.FENCE_BITS)
    assert seen["filled"] == [1, 1] + [0] * 13


def test_a_page_may_hold_any_number_of_orders_and_any_key(page_half: CircuitTester) -> None:
    orders = tuple(replace(FIRST, sequence=sequence) for sequence in range(c.PAGE_ORDERS))
    for page in (Page(0, Side.BUY), Page(3, Side.SELL, orders=orders)):
        assert page_half.accepts(one(half(page)))
        assert page_half.witness(one(half(page)))["leaf"] == page.leaf()


def test_where_no_page_is_the_leaf_is_empty_and_no_order_stands(page_half: CircuitTester) -> None:
    assert page_half.accepts(one(NOTHING, there=0))
    assert page_half.witness(one(NOTHING, there=0))["leaf"] == 0
    for place in range(c.PAGE_ORDERS):
        assert page_half.rejects(one(NOTHING, there=0, **{f"page.word.{place}": FIRST.word()}))


@pytest.mark.parametrize(
    "lie",
    [
        {"page.market": 4},
        {"page.side": 2},
        {"page.side": -1},
        {"page.low": 1 << c.FENCE_BITS},
        {"page.low": -1},
        {"page.high": 1 << c.FENCE_BITS},
        {"page.high": -1},
        *({f"page.row.{place}": flag} for place in (0, 14) for flag in (2, -1)),
    ],
    ids=str,
)
def test_a_header_of_a_second_reading_is_rejected(page_half: CircuitTester, lie: Tables) -> None:
    assert page_half.rejects(one(ROWED, **lie))


@pytest.mark.parametrize(
    "signal", ["hash", "leaf", "header", "book", "low", "high", "filled[0]", "filled[2]"]
)
def test_a_half_cannot_be_lied_about(page_half: CircuitTester, signal: str) -> None:
    assert not page_half.accepts_witness_with(one(ROWED), {f"main.{signal}": 2})


def test_a_full_page_may_be_recut_emptied_removed_and_created(loaded: CircuitTester) -> None:
    recut = replace(ROWED, low=LOW + 1, high=LOW + 2, market=0, side=0, words=ROWED.words[:1], rows=(1,))
    empty = replace(ROWED, words=(), rows=())
    assert loaded.accepts(both(ROWED, recut))
    assert loaded.accepts(both(ROWED, empty))
    assert loaded.accepts(both(ROWED, NOTHING, **{"is": 0}))
    assert loaded.accepts(both(NOTHING, ROWED, was=0))
    assert loaded.accepts(both(ROWED, ROWED, front=1))
    assert loaded.accepts(both(empty, empty, front=1))


def test_both_leaves_are_those_of_the_page_tree(loaded: CircuitTester) -> None:
    seen = loaded.witness(both(ROWED, NOTHING, **{"is": 0}))
    assert (seen["leafBefore"], seen["leafAfter"]) == (PAGE.leaf(), 0)
    seen = loaded.witness(both(NOTHING, ROWED, was=0))
    assert (seen["leafBefore"], seen["leafAfter"]) == (0, PAGE.leaf())


def test_a_page_that_orders_pass_keeps_its_header(loaded: CircuitTester) -> None:
    assert loaded.accepts(both(PASSING, replace(PASSING, words=PASSING.words[1:], rows=(0,)), full=0))
    for change in ({"low": LOW + 1}, {"high": HIGH + 1}, {"market": 2}, {"side": 0}):
        lies = {f"after.{name}": value for name, value in change.items()}
        assert loaded.rejects(with_lies(both(PASSING, PASSING, full=0), lies))


def test_a_page_that_orders_pass_stays(loaded: CircuitTester) -> None:
    gone = replace(PASSING, words=(), rows=())
    assert loaded.rejects(both(PASSING, gone, full=0, **{"is": 0}))
    assert loaded.rejects(both(gone, PASSING, full=0, was=0))


def test_a_page_with_a_passing_order_is_not_full(loaded: CircuitTester) -> None:
    assert loaded.rejects(both(PASSING, PASSING))
    assert loaded.accepts(both(PASSING, PASSING, full=0))


def test_a_front_page_was_there_and_is_full(loaded: CircuitTester) -> None:
    assert loaded.rejects(both(NOTHING, ROWED, was=0, front=1))
    assert loaded.rejects(both(PASSING, PASSING, full=0, front=1))
    assert loaded.rejects(both(ROWED, ROWED, full=0, front=1))


def test_a_disabled_slot_holds_no_page(loaded: CircuitTester) -> None:
    absent = {"enabled": 0, "was": 0, "is": 0, "full": 0}
    assert loaded.accepts(both(NOTHING, NOTHING, **absent))
    assert loaded.rejects(both(ROWED, ROWED, **absent | {"was": 1, "is": 1, "full": 1}))
    assert loaded.rejects(both(ROWED, NOTHING, **absent | {"was": 1, "full": 1}))
    assert loaded.rejects(both(NOTHING, ROWED, **absent | {"is": 1, "full": 1}))


@pytest.mark.parametrize("flag", ["was", "is", "full", "front"])
@pytest.mark.parametrize("value", [2, -1])
def test_a_flag_is_0_or_1(loaded: CircuitTester, flag: str, value: int) -> None:
    # Without orders and unchanged, nothing else tells the flags apart.
    bare = replace(ROWED, words=(), rows=())
    assert loaded.accepts(both(bare, bare, **{flag: 1}))
    assert loaded.rejects(both(bare, bare, **{flag: value}))


@pytest.mark.parametrize(("low", "high"), [(HIGH, HIGH), (HIGH, LOW), (LOW + 1, LOW), (c.REACH_END, 0)])
def test_a_new_page_answers_for_a_key(loaded: CircuitTester, low: int, high: int) -> None:
    assert loaded.rejects(both(ROWED, replace(ROWED, low=low, high=high)))
    assert loaded.accepts(both(ROWED, replace(ROWED, low=high, high=max(low, high + 1))))
