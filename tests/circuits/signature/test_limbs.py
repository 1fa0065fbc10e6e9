"""A number of bits in limbs of 85."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import LIMB_BITS, limbs

WIDTH = 254


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Limbs", (WIDTH,))


def bits(number: int) -> list[int]:
    return [number >> place & 1 for place in range(WIDTH)]


@given(number=st.integers(0, (1 << WIDTH) - 1))
@example(number=(1 << WIDTH) - 1)
@example(number=1 << LIMB_BITS | 1 << 2 * LIMB_BITS)
def test_limbs_are_digits_to_the_base_2_to_the_85(circuit: CircuitTester, number: int) -> None:
    assert circuit.accepts({"bits": bits(number)})
    assert circuit.witness({"bits": bits(number)}) == {"out": limbs(number)}


@pytest.mark.parametrize("place", range(3))
def test_no_limb_can_be_lied_about(circuit: CircuitTester, place: int) -> None:
    assert not circuit.accepts_witness_with({"bits": bits(5)}, {f"main.out[{place}]": 7})
