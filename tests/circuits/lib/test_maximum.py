"""The maximum of a list of unsigned numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.circuits.harness import CircuitTester

BITS = 20
LARGEST = (1 << BITS) - 1


@pytest.fixture(scope="module")
def maximum() -> CircuitTester:
    return CircuitTester("Maximum", (4, BITS))


@given(values=st.lists(st.integers(0, 3) | st.integers(0, LARGEST), min_size=4, max_size=4))
def test_the_largest_number_is_the_maximum(maximum: CircuitTester, values: list[int]) -> None:
    assert maximum.accepts({"in": values})
    assert maximum.witness({"in": values}) == {"out": max(values)}


@pytest.mark.parametrize("values", [[0, 0, 0, 0], [LARGEST, 0, LARGEST, 0], [0, LARGEST, 0, 0], [1, 2, 3, 4]])
def test_the_ends_of_the_range_and_ties_are_no_exception(maximum: CircuitTester, values: list[int]) -> None:
    assert maximum.accepts({"in": values})
    assert maximum.witness({"in": values}) == {"out": max(values)}


@pytest.mark.parametrize("lie", [0, 6, 8])
def test_another_number_is_not_the_maximum(maximum: CircuitTester, lie: int) -> None:
    assert not maximum.accepts_witness_with({"in": [3, 7, 0, 6]}, {"main.out": lie})


def test_a_number_that_is_larger_cannot_be_passed_over(maximum: CircuitTester) -> None:
    assert not maximum.accepts_witness_with({"in": [0, 0, 0, 7]}, {"main.grows[3]": 0, "main.out": 0})


@pytest.mark.parametrize("values", [[0, LARGEST + 1, 0, 0], [LARGEST + 2, 0, 0, 0]])
def test_numbers_further_apart_than_the_width_are_rejected(maximum: CircuitTester, values: list[int]) -> None:
    assert maximum.rejects({"in": values})
