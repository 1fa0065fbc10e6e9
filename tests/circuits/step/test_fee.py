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
def test_a_fee_is_no_fraction_of_the_field(circuit: CircuitTester, excess: int) -> None:
    # (notional x rate + excess) / 10^6 in the field: a fee of astronomic size with a fitting remainder.
    notional, rate = 1_000_001, 500
    fee = (notional * rate + excess) * INVERSE
    assert fee % c.FIELD_MODULUS > 1 << 64
    assert circuit.rejects(inputs(notional, rate, fee))
