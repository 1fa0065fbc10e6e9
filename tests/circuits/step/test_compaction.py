"""Messages stand in the log in the order in which steps took them."""

import itertools

import pytest

from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester

STEPS, PLACES, WIDTH = 4, 3, 2
VALUES = [[11, 12], [21, 22], [31, 32], [41, 42]]


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Compaction", (STEPS, PLACES, WIDTH))


@pytest.mark.parametrize("take", list(itertools.product((0, 1), repeat=STEPS)))
def test_what_is_taken_is_placed_in_order_and_nothing_beyond_the_places(
    circuit: CircuitTester, take: tuple[int, ...]
) -> None:
    inputs: Tables = {"take": take, "values": VALUES}
    taken = [values for values, taken in zip(VALUES, take, strict=True) if taken]
    if len(taken) > PLACES:
        assert circuit.rejects(inputs)
    else:
        assert circuit.accepts(inputs)
        assert circuit.witness(inputs) == {"placed": taken + [[0] * WIDTH] * (PLACES - len(taken))}


@pytest.mark.parametrize("signal", ["placed[0][0]", "placed[2][1]", "pointer[1][1]", "writes[3][1]"])
def test_a_place_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    inputs: Tables = {"take": [1, 0, 0, 1], "values": VALUES}
    assert not circuit.accepts_witness_with(inputs, {f"main.{signal}": 5})
