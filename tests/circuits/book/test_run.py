"""A new page answers for the rows that name it."""

from typing import Any

import pytest

from sequencer.model import constants as c
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester

ROWS, HALF = 8, 4
# Bids of book 2, then asks of book 3; two rows of the asks share a key, as a sentinel and an order may.
BIDS, ASKS = 2 << c.FENCE_BITS, 3 << c.FENCE_BITS
KEYS = [BIDS + 10, BIDS + 20, BIDS + 30, BIDS + 40, ASKS + 10, ASKS + 20, ASKS + 20, ASKS + 30]
NOBODY = [0] * ROWS


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("PageRun", (ROWS,))


def inputs(low: int, high: int, *inside: int, **lies: Any) -> Tables:
    """A page with these fences and the rows inside."""
    places = [int(place in inside) for place in range(ROWS)]
    return {"there": 1, "low": low, "high": high, "key": KEYS, "inside": places} | lies


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [
        (BIDS + 10, BIDS + 41, (0, 1, 2, 3)),
        (BIDS, BIDS + c.REACH_END, (0, 1, 2, 3)),
        (BIDS + 20, BIDS + 31, (1, 2)),
        (BIDS + 40, BIDS + 41, (3,)),
        (ASKS + 10, ASKS + 11, (4,)),
        (ASKS + 20, ASKS + 21, (5, 6)),
        (ASKS + 11, ASKS + c.REACH_END, (5, 6, 7)),
    ],
)
def test_rows_stand_between_the_fences_of_their_page(
    circuit: CircuitTester, low: int, high: int, inside: tuple[int, ...]
) -> None:
    assert circuit.accepts(inputs(low, high, *inside))


@pytest.mark.parametrize("distance", [(0, 1), (1, 0)], ids=["low", "high"])
def test_no_key_is_further_from_a_fence_than_any_two_keys(
    circuit: CircuitTester, distance: tuple[int, int]
) -> None:
    """A difference that wrapped around the field is refused like this one."""
    for reach, verdict in ((1 << 76) - 1, circuit.accepts), (1 << 76, circuit.rejects):
        below, above = (reach * each for each in distance)
        assert verdict(inputs(0, below + above + 1, 0, key=[below, *KEYS[1:]]))


def test_a_page_may_have_no_row_wherever_it_stands(circuit: CircuitTester) -> None:
    assert circuit.accepts(inputs(BIDS, BIDS + c.REACH_END))
    assert circuit.accepts(inputs(ASKS + 20, ASKS + 21))
    assert circuit.accepts(inputs(0, 0, there=0))


@pytest.mark.parametrize("inside", [(0, 1), (1, 2), (1,), (0, 1, 2), (2, 3), (1, 2, 3)])
def test_a_row_outside_the_fences_is_rejected(circuit: CircuitTester, inside: tuple[int, ...]) -> None:
    low, high = BIDS + 21, BIDS + 40
    assert circuit.accepts(inputs(low, high, 2))
    assert circuit.rejects(inputs(low, high, *inside))


def test_the_upper_fence_is_not_of_the_page(circuit: CircuitTester) -> None:
    for place in (0, HALF):
        assert circuit.accepts(inputs(KEYS[place], KEYS[place] + 1, place))
        assert circuit.rejects(inputs(KEYS[place] - 1, KEYS[place], place))
        assert circuit.rejects(inputs(KEYS[place] + 1, KEYS[place] + 2, place))


@pytest.mark.parametrize("book", [0, 2, 4, 7])
def test_a_page_of_another_book_is_rejected(circuit: CircuitTester, book: int) -> None:
    tag = book << c.FENCE_BITS
    assert circuit.rejects(inputs(tag, tag + c.REACH_END, 4, 5))


@pytest.mark.parametrize(
    ("inside", "low", "high"),
    [
        ((0, 2), BIDS + 20, BIDS + 21),
        ((0, 1, 3), BIDS + 25, BIDS + 31),
        ((4, 6), ASKS + 15, ASKS + 16),
        ((4, 5, 7), ASKS + 20, ASKS + 26),
    ],
)
def test_rows_in_two_runs_are_rejected(
    circuit: CircuitTester, inside: tuple[int, ...], low: int, high: int
) -> None:
    """The sums of their ends stand between twice the fences, their keys do not."""
    assert circuit.rejects(inputs(low, high, *inside))


def test_a_run_does_not_reach_from_one_half_to_the_other(circuit: CircuitTester) -> None:
    """Keys are sorted within each half only: an ask behind the first one inside would have no bound."""
    swapped = [*KEYS[HALF:], *KEYS[:HALF]]
    assert circuit.rejects(inputs(BIDS + 10, ASKS + 31, 3, 4, 5))
    assert circuit.rejects(inputs(BIDS, ASKS + c.REACH_END, 3, 4, key=swapped))


def test_a_page_that_is_not_there_has_no_row(circuit: CircuitTester) -> None:
    assert circuit.accepts(inputs(BIDS, BIDS + c.REACH_END, 1, 2))
    assert circuit.rejects(inputs(BIDS, BIDS + c.REACH_END, 1, 2, there=0))


@pytest.mark.parametrize("fence", ["low", "high"])
def test_a_fence_cannot_be_left_out(circuit: CircuitTester, fence: str) -> None:
    """The key at each end is the one that is compared."""
    told = inputs(BIDS + 15, BIDS + 35, 1, 2)
    assert circuit.accepts(told)
    assert circuit.rejects(told | {"low": BIDS + 21} if fence == "low" else told | {"high": BIDS + 30})


def test_neither_end_of_a_run_can_be_made_up(circuit: CircuitTester) -> None:
    told = inputs(BIDS + 15, BIDS + 35, 1, 2)
    for signal in ("joined[1]", "joined[2]", "first[0]", "first[1]", "last[2]", "last[3]"):
        assert not circuit.accepts_witness_with(told, {f"main.{signal}": 7})
