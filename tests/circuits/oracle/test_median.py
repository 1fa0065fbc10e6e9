"""The median of three prices."""

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

HIGHEST = (1 << c.PRICE_BITS) - 1
PRICES = st.sampled_from((0, 1, HIGHEST)) | st.integers(0, HIGHEST)


@pytest.fixture(scope="module")
def median() -> CircuitTester:
    return CircuitTester("Median")


def check(circuit: CircuitTester, prices: tuple[int, ...]) -> None:
    inputs = dict(zip("abc", prices, strict=True))
    assert circuit.accepts(inputs)
    assert circuit.witness(inputs) == {"out": statistics.median(prices)}


@given(prices=st.tuples(PRICES, PRICES, PRICES))
def test_the_median_is_the_one_in_the_middle(median: CircuitTester, prices: tuple[int, ...]) -> None:
    check(median, prices)


@pytest.mark.parametrize("prices", list(itertools.product((0, 5, HIGHEST), repeat=3)))
def test_every_order_and_every_tie_has_its_median(median: CircuitTester, prices: tuple[int, ...]) -> None:
    check(median, prices)


@pytest.mark.parametrize("prices", list(itertools.permutations((3, 8, 20))))
@pytest.mark.parametrize("lie", [3, 9, 20])
def test_another_price_is_not_the_median(median: CircuitTester, prices: tuple[int, ...], lie: int) -> None:
    assert not median.accepts_witness_with(dict(zip("abc", prices, strict=True)), {"main.out": lie})


@pytest.mark.parametrize("signal", ["main.ordered", "main.above", "main.inside"])
def test_no_comparison_can_be_lied_about(median: CircuitTester, signal: str) -> None:
    """All three hold for rising prices."""
    assert not median.accepts_witness_with({"a": 3, "b": 8, "c": 20}, {signal: 0})


@pytest.mark.parametrize(
    "prices",
    [(0, HIGHEST + 1, 5), (0, 0, HIGHEST + 1), (HIGHEST + 1, 0, HIGHEST + 1)],
    ids=["ordered", "above", "inside"],
)
def test_no_two_prices_are_further_apart_than_32_bits(median: CircuitTester, prices: tuple[int, ...]) -> None:
    """Each comparison refuses by itself what no two prices can differ by."""
    assert median.rejects(dict(zip("abc", prices, strict=True)))
