"""What the fills of a batch add to the premium."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.premium import Turnover
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

LARGEST_LOTS, LARGEST_COST = 1 << 33, (1 << 65) - 1


@pytest.fixture(scope="module")
def turnover() -> CircuitTester:
    return CircuitTester("Turnover")


def inputs(lots: int, cost: int, before: int, mark: int) -> dict[str, Nested]:
    return {"lots": lots, "cost": cost, "markBefore": before, "mark": mark}


def check(circuit: CircuitTester, lots: int, cost: int, before: int, mark: int) -> int:
    """The circuit says what the engine says; the excess."""
    excess = Turnover(lots, cost).excess(before, mark)
    told = inputs(lots, cost, before, mark)
    assert circuit.accepts(told)
    assert circuit.witness(told) == {"excess": to_field(excess), "weight": lots * mark}
    return excess


@pytest.mark.parametrize(
    ("cost", "before", "mark", "excess"),
    [
        (50, 10, 10, 0),
        (51, 10, 10, 1),
        (49, 10, 10, -1),
        # Five lots between 50 and 60, whichever mark is the higher.
        (50, 10, 12, 0),
        (60, 10, 12, 0),
        (55, 12, 10, 0),
        (61, 10, 12, 1),
        (61, 12, 10, 1),
        (49, 10, 12, -1),
        (49, 12, 10, -1),
        # Before the first round the mark is 0.
        (3, 0, 10, 0),
        (51, 0, 10, 1),
    ],
)
def test_what_lies_outside_the_two_marks_counts(
    turnover: CircuitTester, cost: int, before: int, mark: int, excess: int
) -> None:
    assert check(turnover, 5, cost, before, mark) == excess


def test_without_a_fill_nothing_counts(turnover: CircuitTester) -> None:
    assert check(turnover, 0, 0, 7, 9) == 0


def test_the_largest_batch_fits(turnover: CircuitTester) -> None:
    check(turnover, LARGEST_LOTS, 0, c.RANK_MAX, c.RANK_MAX)
    check(turnover, LARGEST_LOTS, LARGEST_COST, 1, 1)
    check(turnover, 1, LARGEST_COST, 0, 0)


marks = st.integers(0, 20) | st.integers(0, c.RANK_MAX)


@given(
    lots=st.integers(0, 9) | st.integers(0, LARGEST_LOTS), before=marks, mark=marks, off=st.integers(-50, 50)
)
@settings(max_examples=80)
def test_it_is_the_engines(turnover: CircuitTester, lots: int, before: int, mark: int, off: int) -> None:
    for cost in (lots * before + off, lots * mark + off, lots * (before + mark) // 2):
        check(turnover, lots, max(0, min(cost, LARGEST_COST)), before, mark)


@pytest.mark.parametrize(
    ("told", "lie"),
    [
        # 61 for five lots, between 10 and 12.
        (inputs(5, 61, 10, 12), {"rises": 0}),
        (inputs(5, 61, 12, 10), {"rises": 1}),
        (inputs(5, 61, 10, 12), {"high": 10}),
        (inputs(5, 61, 10, 12), {"atHigh": 50}),
        (inputs(5, 49, 10, 12), {"atLow": 60}),
        (inputs(5, 61, 10, 12), {"above": 0}),
        (inputs(5, 61, 10, 12), {"above": 0, "over": 0, "excess": 0}),
        (inputs(5, 59, 10, 12), {"above": 1}),
        (inputs(5, 59, 10, 12), {"above": 1, "over": c.FIELD_MODULUS - 1, "excess": c.FIELD_MODULUS - 1}),
        (inputs(5, 49, 10, 12), {"below": 0}),
        (inputs(5, 49, 10, 12), {"below": 0, "under": 0, "excess": 0}),
        (inputs(5, 51, 10, 12), {"below": 1}),
        (inputs(5, 51, 10, 12), {"below": 1, "under": c.FIELD_MODULUS - 1, "excess": 1}),
        (inputs(5, 61, 10, 12), {"over": 2}),
        (inputs(5, 49, 10, 12), {"under": 2}),
        (inputs(5, 61, 10, 12), {"excess": 2}),
        (inputs(5, 61, 10, 12), {"weight": 50}),
    ],
)
def test_no_value_on_the_way_is_free(
    turnover: CircuitTester, told: dict[str, Nested], lie: dict[str, int]
) -> None:
    overrides = {f"main.{signal}": value for signal, value in lie.items()}
    assert not turnover.accepts_witness_with(told, overrides)


@pytest.mark.parametrize("name", ["markBefore", "mark"])
def test_marks_differ_by_32_bits_at_most(turnover: CircuitTester, name: str) -> None:
    assert turnover.rejects(inputs(0, 0, 0, 0) | {name: (1 << c.PRICE_BITS) + (name == "markBefore")})


def test_a_cost_has_65_bits(turnover: CircuitTester) -> None:
    assert turnover.rejects(inputs(0, LARGEST_COST + 1, 0, 0))
    assert turnover.rejects(inputs(1 << 34, 0, 0, c.RANK_MAX))
    # Less than 2^65 above the higher mark, but not above the lower one.
    assert turnover.rejects(inputs(1, LARGEST_COST + 6, 0, c.RANK_MAX))
