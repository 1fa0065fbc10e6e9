"""The bits of a number that is below a bound's top bits."""

import pytest

from sequencer.crypto import FIELD_MODULUS, SUBGROUP_ORDER
from tests.circuits.harness import CircuitTester

HASH, SCALAR = (254, FIELD_MODULUS - 1, 192), (251, SUBGROUP_ORDER, 192)
BOUNDS = [
    HASH,
    SCALAR,
    (6, 0b101100, 0),
    (6, 0b101100, 2),
    (6, 0b100000, 0),
    (6, 0b111111, 0),
    (8, 0b0011, 0),
]


@pytest.fixture(scope="module")
def tester() -> dict[tuple[int, int, int], CircuitTester]:
    return {bound: CircuitTester("BitsBelow", bound) for bound in BOUNDS}


Testers = dict[tuple[int, int, int], CircuitTester]


@pytest.mark.parametrize("bound", BOUNDS[2:])
def test_exactly_the_numbers_below_the_bound_are_accepted(
    tester: Testers, bound: tuple[int, int, int]
) -> None:
    width, value, cut = bound
    limit = value >> cut << cut
    accepted = [number for number in range(1 << width) if tester[bound].accepts({"in": number})]
    assert accepted == list(range(limit))
    assert tester[bound].rejects({"in": limit})
    assert tester[bound].rejects({"in": 1 << width})
    assert tester[bound].rejects({"in": -1})


@pytest.mark.parametrize("bound", BOUNDS)
def test_the_bits_are_those_of_the_number(tester: Testers, bound: tuple[int, int, int]) -> None:
    width, value, cut = bound
    for number in (0, 1, (value >> cut << cut) - 1, value // 3):
        bits = [number >> place & 1 for place in range(width)]
        assert tester[bound].accepts({"in": number})
        assert tester[bound].witness({"in": number}) == {"bits": bits}


@pytest.mark.parametrize("bound", [HASH, SCALAR])
def test_a_number_at_the_bound_is_rejected(tester: Testers, bound: tuple[int, int, int]) -> None:
    """Those that differ from the bound in the low bits only are refused, below it or not."""
    _, value, cut = bound
    limit = value >> cut << cut
    assert tester[bound].accepts({"in": limit - 1})
    for number in (limit, limit + 1, value, min(value + 1, FIELD_MODULUS - 1)):
        assert tester[bound].rejects({"in": number})


@pytest.mark.parametrize("number", [0, 1, 12345])
def test_a_hash_has_no_second_decomposition(tester: Testers, number: int) -> None:
    """in + p fits 254 bits too: other bits of the same field element, so another number modulo l."""
    names = {f"main.bits[{place}]": number + FIELD_MODULUS >> place & 1 for place in range(254)}
    assert not tester[HASH].accepts_witness_with({"in": number}, names)


def test_equality_cannot_be_ended_by_a_lie(tester: Testers) -> None:
    """44 = 0b101100 is its own bound: its first three bits are equal to the bound's, whatever is said."""
    bound = (6, 0b101100, 0)
    equal = {f"main.bits[{bit}]": 0b101100 >> bit & 1 for bit in range(6)} | {"main.in": 44}
    assert not tester[bound].accepts_witness_with({"in": 43}, equal)
    assert not tester[bound].accepts_witness_with({"in": 43}, equal | {"main.equal[3]": 0})
    assert not tester[bound].accepts_witness_with({"in": 43}, {"main.equal[3]": 0})
