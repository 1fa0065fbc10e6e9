"""The rows that a step selects are the ones that it names, with what stands before them; only they change."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.model.constants import FIELD_MODULUS
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester

ROWS, HALF = 6, 3
REMAINING_AT = 162
UNUSED = 1 << 250
LOTS = st.integers(0, (1 << 48) - 1)
WORDS = st.integers(0, (1 << REMAINING_AT) - 1)


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("SelectRows", (ROWS,))


def inputs(
    side: int,
    words: list[int],
    lots: list[int],
    opposite: int | None,
    own: int | None,
    changes: tuple[int, int],
) -> Tables:
    """Places are counted from the start of their half."""
    told: Tables = {"side": side, "word": words, "remaining": lots, "selector": [0] * ROWS}
    for name, half, place, change in (
        ("opposite", 1 - side, opposite, changes[0]),
        ("own", side, own, changes[1]),
    ):
        row = half * HALF + (place or 0)
        is_there = place is not None
        told["selector"][row] |= int(is_there)
        told |= {
            f"{name}Count": int(is_there),
            f"{name}Word": words[row] + (lots[row] << REMAINING_AT) if is_there else 0,
            f"{name}Before": sum(lots[half * HALF : row]) if is_there else 0,
            f"{name}Change": change if is_there else 0,
        }
    return told


PLACES = st.none() | st.integers(0, HALF - 1)
CHANGES = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


@given(
    side=st.integers(0, 1),
    words=st.lists(WORDS, min_size=ROWS, max_size=ROWS, unique=True),
    lots=st.lists(LOTS, min_size=ROWS, max_size=ROWS),
    opposite=PLACES,
    own=PLACES,
    changes=CHANGES,
)
@settings(max_examples=60)
def test_the_named_rows_change_and_no_other(
    circuit: CircuitTester,
    side: int,
    words: list[int],
    lots: list[int],
    opposite: int | None,
    own: int | None,
    changes: tuple[int, int],
) -> None:
    told = inputs(side, words, lots, opposite, own, changes)
    after, moved = list(lots), [0, 0]
    for half, place, change in ((1 - side, opposite, changes[0]), (side, own, changes[1])):
        if place is not None:
            after[half * HALF + place] += change
            moved[half] = change
    expected = {
        "after": [each % FIELD_MODULUS for each in after],
        "change": [m % FIELD_MODULUS for m in moved],
    }
    assert circuit.accepts(told)
    assert circuit.witness(told) == expected


def told_of(opposite: int | None = 1, own: int | None = 0, **lies: Any) -> Tables:
    """A buyer meets the second of three asks, with 7 lots before it, and stands first of the bids."""
    return inputs(0, [1, 2, 3, 4, 5, 6], [10, 20, 30, 7, 8, 9], opposite, own, (-3, 2)) | lies


def test_no_other_selection_is_accepted(circuit: CircuitTester) -> None:
    told = told_of()
    assert circuit.accepts(told)
    for places in product((-1, 0, 1, 2), repeat=ROWS):
        if list(places) != told["selector"] and abs(sum(places)) <= 2:
            assert circuit.rejects(told | {"selector": list(places)})


@pytest.mark.parametrize(("opposite", "own"), [(1, None), (None, 0), (None, None)])
@pytest.mark.parametrize("place", range(ROWS))
@pytest.mark.parametrize("value", [1, -1])
def test_a_half_without_a_row_to_select_selects_none(
    circuit: CircuitTester, opposite: int | None, own: int | None, place: int, value: int
) -> None:
    told = told_of(opposite, own)
    selector = list(told["selector"])
    selector[place] += value
    assert circuit.accepts(told)
    assert circuit.rejects(told | {"selector": selector})


def test_unused_rows_do_not_cancel_out(circuit: CircuitTester) -> None:
    # Two places with one word: only their values are unlike a row's.
    told = told_of(own=None) | {"word": [UNUSED, UNUSED, 3, 4, 5, 6], "remaining": [0, 0, 30, 7, 8, 9]}
    assert circuit.accepts(told)
    for named in (0, 1, 3, -1, (1 << 250) - 1, 1 - (1 << 250)):
        assert circuit.rejects(told | {"ownWord": named, "selector": [1, -1, 0, 0, 1, 0]})


@pytest.mark.parametrize("name", ["oppositeWord", "ownWord", "oppositeBefore", "ownBefore"])
@pytest.mark.parametrize("error", [1, -1, 7, 1 << REMAINING_AT])
def test_a_row_is_the_one_that_is_named_and_stands_behind_what_is_told(
    circuit: CircuitTester, name: str, error: int
) -> None:
    told = told_of()
    assert circuit.rejects(told | {name: told[name] + error})


@pytest.mark.parametrize("name", ["oppositeCount", "ownCount"])
def test_a_row_that_is_to_be_selected_is(circuit: CircuitTester, name: str) -> None:
    assert circuit.rejects(told_of() | {name: 0})
    assert circuit.rejects(told_of() | {"selector": [0] * ROWS})


def test_the_first_ask_does_not_see_the_bids(circuit: CircuitTester) -> None:
    assert told_of(opposite=0)["oppositeBefore"] == 0
    assert circuit.accepts(told_of(opposite=0))


@pytest.mark.parametrize("signal", ["after[0]", "after[4]", "after[5]", "change[0]", "change[1]"])
def test_what_changes_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    assert not circuit.accepts_witness_with(told_of(), {f"main.{signal}": 77})
