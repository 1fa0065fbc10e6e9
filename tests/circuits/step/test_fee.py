"""A fee is the engine's to the unit: nobody pays one less, and nobody one more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.engine.fees import fee_ceil
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

RATES = st.integers(-3, 3) | st.integers(1 - (1 << c.PPM_BITS), (1 << c.PPM_BITS) - 1)
NOTIONALS = st.integers(0, 10) | st.integers(0, c.NOTIONAL_BOUND)
INVERSE = pow(c.PPM_UNIT, -1, c.FIELD_MODULUS)
LARGEST_RATE = (1 << c.PPM_BITS) - 1


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("FeeCeil")


def inputs(notional: int, rate: int, fee: int) -> dict[str, int]:
    return {"notional": notional, "rate": rate, "fee": fee % c.FIELD_MODULUS}


def check(circuit: CircuitTester, notional: int, rate: int) -> None:
    fee = fee_ceil(notional, rate)
    assert circuit.accepts(inputs(notional, rate, fee))
    assert circuit.rejects(inputs(notional, rate, fee - 1))
    assert circuit.rejects(inputs(notional, rate, fee + 1))


@given(notional=NOTIONALS, rate=RATES)
@settings(max_examples=50)
def test_the_fee_is_the_one_of_the_engine(circuit: CircuitTester, notional: int, rate: int) -> None:
    check(circuit, notional, rate)


@pytest.mark.parametrize("rate", [LARGEST_RATE, -LARGEST_RATE, 0, 1, -1])
@pytest.mark.parametrize("notional", [c.NOTIONAL_BOUND, c.PPM_UNIT, c.PPM_UNIT + 1, c.PPM_UNIT - 1, 1, 0])
def test_the_largest_and_the_even_fees_do_not_wrap(circuit: CircuitTester, notional: int, rate: int) -> None:
    check(circuit, notional, rate)


@pytest.mark.parametrize("excess", [0, 1, c.PPM_UNIT - 1])
def test_any_other_fee_lies_far_outside_of_what_a_party_can_pay(circuit: CircuitTester, excess: int) -> None:
    # (notional x rate + excess) / 10^6 in the field: the remainder fits, the bounds of collateral refuse it.
    notional, rate = 1_000_001, 500
    fee = (notional * rate + excess) * INVERSE % c.FIELD_MODULUS
    assert circuit.accepts(inputs(notional, rate, fee))
    assert 1 << 64 < fee < c.FIELD_MODULUS - (1 << 64)


@pytest.mark.parametrize("rate", [LARGEST_RATE, -LARGEST_RATE])
def test_no_fee_within_a_partys_means_is_another_one(circuit: CircuitTester, rate: int) -> None:
    fee = fee_ceil(c.NOTIONAL_BOUND, rate)
    for other in (1 - (1 << 64), -fee, 0, (1 << 64) - 1):
        assert circuit.rejects(inputs(c.NOTIONAL_BOUND, rate, other))
