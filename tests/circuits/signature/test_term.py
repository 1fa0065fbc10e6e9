"""What one signature brings to the combination."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.combination import Signed
from sequencer.crypto import FIELD_MODULUS, SUBGROUP_ORDER, montgomery
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import KEYS, UNSIGNED_SLOT, inputs, limbs, signed, with_scalar


@pytest.fixture(scope="module")
def term() -> CircuitTester:
    return CircuitTester("SignatureTerm", (2,))


def given_for(slot: Signed) -> dict[str, Any]:
    one = inputs([slot], batched=False)
    return {name: one[name][0] for name in ("owner", "message", "q", "s")} | {"key": KEYS}


@pytest.mark.parametrize("slot", [signed(0, 5), signed(1, 5), signed(1, 6), UNSIGNED_SLOT])
def test_a_term_is_the_point_the_challenge_and_the_scalar(term: CircuitTester, slot: Signed) -> None:
    x, y, s = slot.signature
    h = slot.challenge(KEYS)
    assert term.accepts(given_for(slot))
    assert term.witness(given_for(slot)) == {
        "r8": list(montgomery((x, y))),
        "h": h,
        "hLimb": limbs(h),
        "sLimb": limbs(s),
    }


@pytest.mark.parametrize("s", [SUBGROUP_ORDER, SUBGROUP_ORDER + 1, 1 << 251, FIELD_MODULUS - 1])
def test_a_scalar_has_one_encoding(term: CircuitTester, s: int) -> None:
    assert term.rejects(given_for(with_scalar(signed(0, 5), s)))


@pytest.mark.parametrize(
    "name", ["r8[0]", "r8Edwards[1]", "h", "hLimb[0]", "hBits[0]", "sLimb[2]", "sBits[1]"]
)
def test_no_part_can_be_lied_about(term: CircuitTester, name: str) -> None:
    assert not term.accepts_witness_with(given_for(signed(0, 5)), {f"main.{name}": 77})


def test_the_challenge_is_of_the_key_that_is_selected(term: CircuitTester) -> None:
    told = {term.witness(given_for(replace(signed(0, 5), owner=owner)))["h"] for owner in (None, 0, 1)}
    assert len(told) == 3
