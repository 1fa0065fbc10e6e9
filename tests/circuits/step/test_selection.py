"""What a step sees of the rows it selects, and what stands before them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester

ROWS, HALF = 6, 3
ROW = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, (1 << 48) - 1), st.integers(0, 1 << 251))


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("SelectRows", (ROWS,))


def inputs(side: int, rows: list[tuple[int, int, int, int]]) -> Tables:
    """Rows as (selected, starts its market, remaining, word)."""
    selector, start, remaining, word = (list(column) for column in zip(*rows, strict=True))
    return {
        "side": side,
        "selector": selector,
        "remaining": remaining,
        "rows": {"word": word, "start": start},
    }


def expected(rows: list[tuple[int, int, int, int]], half: int) -> dict[str, int]:
    """Count, word, remainder and what stands before, over the selected rows of a half."""
    seen = dict.fromkeys(("Count", "Word", "Remaining", "Before"), 0)
    before = 0
    for place, (selected, starts, remaining, word) in enumerate(rows[half * HALF : (half + 1) * HALF]):
        before = 0 if starts or place == 0 else before
        if selected:
            values: dict[str, Any] = {"Count": 1, "Word": word, "Remaining": remaining, "Before": before}
            seen = {name: seen[name] + values[name] for name in seen}
        before += remaining
    return seen


@given(side=st.integers(0, 1), rows=st.lists(ROW, min_size=ROWS, max_size=ROWS))
@settings(max_examples=60)
def test_a_buyer_sees_asks_as_opposite_and_bids_as_own(
    circuit: CircuitTester, side: int, rows: list[tuple[int, int, int, int]]
) -> None:
    opposite, own = expected(rows, 1 - side), expected(rows, side)
    del own["Before"]
    seen = {f"opposite{name}": value for name, value in opposite.items()}
    seen |= {f"own{name}": value for name, value in own.items()}
    assert circuit.accepts(inputs(side, rows))
    assert circuit.witness(inputs(side, rows)) == seen


@pytest.mark.parametrize("place", range(ROWS))
@pytest.mark.parametrize("value", [2, -1])
def test_a_row_is_selected_or_not(circuit: CircuitTester, place: int, value: int) -> None:
    told = inputs(0, [(0, 0, 5, 9)] * ROWS)
    told["selector"][place] = value
    assert circuit.rejects(told)


def test_only_rows_of_the_same_market_stand_before(circuit: CircuitTester) -> None:
    rows = [(0, 1, 4, 1), (0, 0, 2, 2), (1, 0, 1, 3)]
    assert circuit.witness(inputs(1, rows + rows))["oppositeBefore"] == 6
    second_market = [(0, 1, 4, 1), (0, 1, 2, 2), (1, 0, 1, 3)]
    assert circuit.witness(inputs(1, second_market + rows))["oppositeBefore"] == 2
    starts = [(0, 1, 4, 1), (0, 0, 2, 2), (1, 1, 1, 3)]
    assert circuit.witness(inputs(1, starts + rows))["oppositeBefore"] == 0


def test_the_first_ask_does_not_see_the_bids(circuit: CircuitTester) -> None:
    bids, asks = [(0, 1, 4, 1)] * HALF, [(1, 0, 4, 1), (0, 0, 0, 0), (0, 0, 0, 0)]
    assert circuit.witness(inputs(0, bids + asks))["oppositeBefore"] == 0


@pytest.mark.parametrize(
    "signal", ["oppositeCount", "oppositeWord", "oppositeBefore", "ownCount", "ownRemaining"]
)
def test_what_is_selected_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    told = inputs(0, [(0, 1, 4, 1), (1, 0, 2, 2), (0, 0, 1, 3)] * 2)
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": 77})
