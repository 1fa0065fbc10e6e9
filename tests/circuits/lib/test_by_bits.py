"""Reading and writing the place that a binary index names."""

import pytest

from prover.witness import Nested
from tests.circuits.harness import CircuitTester

BITS = 3
VALUES = [10 + place for place in range(1 << BITS)]


@pytest.fixture(scope="module")
def pick() -> CircuitTester:
    return CircuitTester("Pick", (BITS,))


@pytest.fixture(scope="module")
def spread() -> CircuitTester:
    return CircuitTester("Spread", (BITS,))


def bits_of(index: int) -> list[int]:
    return [index >> bit & 1 for bit in range(BITS)]


@pytest.mark.parametrize("index", range(1 << BITS))
def test_the_value_at_an_index_is_picked(pick: CircuitTester, index: int) -> None:
    inputs: dict[str, Nested] = {"bits": bits_of(index), "values": VALUES}
    assert pick.accepts(inputs)
    assert pick.witness(inputs) == {"out": VALUES[index]}


@pytest.mark.parametrize("index", range(1 << BITS))
def test_a_value_is_spread_to_its_index_alone(spread: CircuitTester, index: int) -> None:
    inputs: dict[str, Nested] = {"bits": bits_of(index), "value": 7}
    assert spread.accepts(inputs)
    assert spread.witness(inputs) == {"out": [7 if place == index else 0 for place in range(1 << BITS)]}


@pytest.mark.parametrize("node", range(1, 1 << BITS))
def test_no_picked_value_can_be_made_up(pick: CircuitTester, node: int) -> None:
    signal = "main.out" if node == 1 else f"main.picked[{node}]"
    assert not pick.accepts_witness_with({"bits": bits_of(5), "values": VALUES}, {signal: 99})


@pytest.mark.parametrize("place", range(1 << BITS))
def test_no_spread_value_can_be_made_up(spread: CircuitTester, place: int) -> None:
    assert not spread.accepts_witness_with({"bits": bits_of(5), "value": 7}, {f"main.out[{place}]": 3})
