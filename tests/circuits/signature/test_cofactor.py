"""Eight times a point of the curve, in Montgomery form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.crypto import BASE8, SUBGROUP_ORDER, montgomery
from sequencer.crypto.reference.babyjubjub import Point, multiply
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import OFF_CURVE, ORDER_FOUR, ORDER_TWO, Key, plus


@pytest.fixture(scope="module")
def cofactor() -> CircuitTester:
    return CircuitTester("TimesCofactor")


@given(
    multiplier=st.integers(1, SUBGROUP_ORDER - 1), torsion=st.sampled_from([(0, 1), ORDER_TWO, ORDER_FOUR])
)
def test_a_point_of_any_order_is_taken_into_the_subgroup(
    cofactor: CircuitTester, multiplier: int, torsion: Key
) -> None:
    point = multiply(multiplier, Point(*BASE8)).affine()
    given = {"in": montgomery(plus(point, torsion))}
    eightfold = multiply(8, Point(*point)).affine()
    assert cofactor.accepts(given)
    assert cofactor.witness(given) == {"out": list(montgomery(eightfold))}


@pytest.mark.parametrize("point", [OFF_CURVE, (0, 1), (0, 0), (1, 0), montgomery(BASE8)[::-1]])
def test_no_other_pair_is_a_point(cofactor: CircuitTester, point: Key) -> None:
    assert cofactor.rejects({"in": point})


def test_a_point_of_small_order_has_no_eightfold(cofactor: CircuitTester) -> None:
    assert cofactor.rejects({"in": montgomery(ORDER_FOUR)})
    assert cofactor.rejects({"in": (0, 0)})


@pytest.mark.parametrize("name", ["out[0]", "out[1]", "uu", "vv", "twice[0]", "twice[1]", "fourTimes[0]"])
def test_nothing_can_be_lied_about(cofactor: CircuitTester, name: str) -> None:
    assert not cofactor.accepts_witness_with({"in": montgomery(BASE8)}, {f"main.{name}": 3})
