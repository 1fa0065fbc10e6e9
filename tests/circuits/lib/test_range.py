"""Ranges are exact at both ends, and no negative number passes as a large one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.errors import CompileError
from tests.circuits.harness import CircuitTester

# Widths in use and the widest that cannot alias; the ends of an interval say all.
WIDEST_RANGE = 252
WIDEST_SIGN = 250


@pytest.fixture(scope="module", params=[1, 8, 72, WIDEST_RANGE])
def ranged(request: pytest.FixtureRequest) -> tuple[CircuitTester, int]:
    return CircuitTester("Range", (request.param,)), 1 << request.param


@pytest.fixture(scope="module", params=[8, 64, WIDEST_SIGN])
def signed(request: pytest.FixtureRequest) -> tuple[CircuitTester, CircuitTester, int]:
    width = (request.param,)
    return CircuitTester("SignedRange", width), CircuitTester("IsNonNegative", width), 1 << request.param


@pytest.fixture(scope="module")
def choose() -> CircuitTester:
    return CircuitTester("Choose")


def test_a_range_holds_its_ends_and_nothing_beyond(ranged: tuple[CircuitTester, int]) -> None:
    circuit, bound = ranged
    assert circuit.accepts({"in": 0})
    assert circuit.accepts({"in": bound - 1})
    assert circuit.rejects({"in": bound})
    assert circuit.rejects({"in": -1})


def test_a_signed_range_holds_its_ends_and_nothing_beyond(
    signed: tuple[CircuitTester, CircuitTester, int],
) -> None:
    circuit, _, bound = signed
    assert all(circuit.accepts({"in": value}) for value in (-bound, -1, 0, bound - 1))
    assert circuit.rejects({"in": bound})
    assert circuit.rejects({"in": -bound - 1})


def test_a_sign_is_told_within_its_range_only(signed: tuple[CircuitTester, CircuitTester, int]) -> None:
    _, circuit, bound = signed
    for value, sign in ((-bound, 0), (-1, 0), (0, 1), (bound - 1, 1)):
        assert circuit.accepts({"in": value})
        assert circuit.witness({"in": value}) == {"out": sign}
    assert circuit.rejects({"in": bound})
    assert circuit.rejects({"in": -bound - 1})


@pytest.mark.parametrize("value", [-3, 0, 3])
def test_a_sign_cannot_be_lied_about(signed: tuple[CircuitTester, CircuitTester, int], value: int) -> None:
    _, circuit, _ = signed
    assert not circuit.accepts_witness_with({"in": value}, {"main.out": int(value < 0)})


# Of one bit, of many; ending in 0s, in 1s, and with runs of both within.
@pytest.mark.parametrize("top", [2, 4, 5, 10, 13, 64, 480, 999_999])
def test_at_most_a_bound_and_nothing_beyond(top: int) -> None:
    circuit, bits = CircuitTester("AtMost", (top,)), top.bit_length()
    assert all(circuit.accepts({"in": value}) for value in {0, 1, top // 2, top - 1, top})
    for value in {top + 1, top + 2, top | 1 << bits, (1 << bits) - 1, 1 << bits, -1}:
        assert circuit.rejects({"in": value})


def test_at_most_is_exact_for_every_number_of_its_bits() -> None:
    circuit = CircuitTester("AtMost", (0b101100101,))
    for value in range(1 << 9):
        assert circuit.accepts({"in": value}) == (value <= 0b101100101)


@pytest.mark.parametrize("top", [1, 255])
def test_a_bound_that_is_a_range_does_not_compile(top: int) -> None:
    with pytest.raises(CompileError):
        CircuitTester("AtMost", (top,))


@pytest.mark.parametrize(("template", "bits"), [("Range", 253), ("SignedRange", 252), ("IsNonNegative", 251)])
def test_a_width_that_could_alias_does_not_compile(template: str, bits: int) -> None:
    with pytest.raises(CompileError):
        CircuitTester(template, (bits,))


def test_only_0_and_1_are_boolean() -> None:
    circuit = CircuitTester("Bool")
    assert circuit.accepts({"in": 0})
    assert circuit.accepts({"in": 1})
    assert circuit.rejects({"in": 2})
    assert circuit.rejects({"in": -1})


@given(choice=st.booleans(), one=st.integers(-9, 9), zero=st.integers(-9, 9))
def test_a_choice_takes_one_of_two(choose: CircuitTester, choice: bool, one: int, zero: int) -> None:
    inputs = {"in": int(choice), "one": one, "zero": zero}
    assert choose.accepts_witness_with(inputs, {"main.out": one if choice else zero})
    assert not choose.accepts_witness_with(inputs, {"main.out": 99})
