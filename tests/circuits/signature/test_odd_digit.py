"""Two bits and a point make an odd multiple of it."""

import pytest

from prover.witness import Nested
from sequencer.crypto import FIELD_MODULUS
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import times


@pytest.fixture(scope="module")
def digit() -> CircuitTester:
    return CircuitTester("OddDigit")


@pytest.mark.parametrize(("low", "high", "multiple"), [(0, 0, -3), (1, 0, -1), (0, 1, 1), (1, 1, 3)])
@pytest.mark.parametrize("point", [1, 77])
def test_two_bits_are_an_odd_digit(
    digit: CircuitTester, low: int, high: int, multiple: int, point: int
) -> None:
    once, thrice = times(point), times(3 * point)
    given: dict[str, Nested] = {"low": low, "high": high, "once": once, "thrice": thrice}
    out = times(multiple * point)
    assert digit.accepts(given)
    assert digit.witness(given) == {"out": list(out)}
    lies = [
        {"out[0]": out[0] + 1},
        {"out[1]": out[1] + 1},
        {"both": low * high + 1, "out[0]": out[0] + 2 * (thrice[0] - once[0])},
        {"v": (high - low) * once[1] + 1, "out[1]": out[1] + 1},
    ]
    for lie in lies:
        told = {f"main.{name}": value % FIELD_MODULUS for name, value in lie.items()}
        assert not digit.accepts_witness_with(given, told)
