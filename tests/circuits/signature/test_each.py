"""Each signature by itself: who is asked, and for whom nobody is."""

import pytest
from msgspec.structs import replace

from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import (
    KEYS,
    OFF_CURVE,
    ORDER_TWO,
    UNSIGNED_SLOT,
    honest,
    inputs,
    signed,
    with_scalar,
)


@pytest.fixture(scope="module")
def each() -> CircuitTester:
    return CircuitTester("SignatureEach", (2, 2))


@pytest.mark.parametrize("owners", [(0, 1), (1, 0), (1, 1)])
def test_each_slot_is_asked_for_its_own_key(each: CircuitTester, owners: tuple[int, int]) -> None:
    slots = honest(owners)
    assert each.accepts(inputs(slots, batched=False))
    for place in (0, 1):
        asked = [owner ^ (at == place) for at, owner in enumerate(owners)]
        other = [replace(slot, owner=owner) for slot, owner in zip(slots, asked, strict=True)]
        assert each.rejects(inputs(other, batched=False))


def test_a_slot_without_a_key_may_hold_anything(each: CircuitTester) -> None:
    for free in (UNSIGNED_SLOT, replace(UNSIGNED_SLOT, message=9), replace(signed(0, 5), owner=None)):
        assert each.accepts(inputs([free, signed(1, 6)], batched=False))
        assert each.rejects(inputs([free, with_scalar(signed(1, 6), 7)], batched=False))


def test_a_key_of_small_order_may_stand_unused(each: CircuitTester) -> None:
    assert each.accepts(inputs([UNSIGNED_SLOT, signed(0, 5)], (KEYS[0], ORDER_TWO), batched=False))


@pytest.mark.parametrize("place", [0, 1])
def test_no_key_is_off_the_curve(each: CircuitTester, place: int) -> None:
    given = inputs([UNSIGNED_SLOT, UNSIGNED_SLOT], batched=False)
    keys = [OFF_CURVE if at == place else key for at, key in enumerate(KEYS)]
    assert each.rejects(given | {"key": keys})


@pytest.mark.parametrize("name", ["eightQ[0][0]", "r8[1][1]"])
def test_no_point_can_be_lied_about(each: CircuitTester, name: str) -> None:
    assert not each.accepts_witness_with(inputs(honest(), batched=False), {f"main.{name}": 3})
