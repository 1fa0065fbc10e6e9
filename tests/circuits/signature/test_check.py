"""EdDSA-Poseidon as the exchange verifies it: no other scalar, point, key or message passes."""

import pytest

from prover.witness import Nested
from sequencer.crypto import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, poseidon, public_key, sign, verify
from sequencer.crypto.reference.babyjubjub import Point, add, multiply
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

SECRET, MESSAGE = 12345, 987654321
KEY = public_key(SECRET)
SIGNATURE = sign(SECRET, MESSAGE)
OFF_CURVE = (1, 1)


@pytest.fixture(scope="module")
def check() -> CircuitTester:
    return CircuitTester("SignatureCheck", (1,))


def inputs(
    key: tuple[int, int] = KEY,
    message: int = MESSAGE,
    signature: tuple[int, int, int] = SIGNATURE,
    enabled: int = 1,
) -> dict[str, Nested]:
    return {
        "enabled": [enabled],
        "key": [key],
        "message": [message],
        "r8": [signature[:2]],
        "s": [signature[2]],
    }


@pytest.mark.parametrize("secret", [1, 2, SUBGROUP_ORDER - 1])
@pytest.mark.parametrize("message", [0, 1, FIELD_MODULUS - 1])
def test_a_signature_is_accepted(check: CircuitTester, secret: int, message: int) -> None:
    assert check.accepts(inputs(public_key(secret), message, sign(secret, message)))


def test_a_signature_of_another_message_is_rejected(check: CircuitTester) -> None:
    assert check.rejects(inputs(message=MESSAGE + 1))


def test_a_signature_by_another_key_is_rejected(check: CircuitTester) -> None:
    assert check.rejects(inputs(key=public_key(SECRET + 1)))
    assert check.rejects(inputs(key=(FIELD_MODULUS - KEY[0], KEY[1])))
    assert check.rejects(inputs(key=c.DEFAULT_KEY))


@pytest.mark.parametrize("part", range(3))
def test_every_part_of_a_signature_counts(check: CircuitTester, part: int) -> None:
    x, y, s = (value + (place == part) for place, value in enumerate(SIGNATURE))
    assert check.rejects(inputs(signature=(x, y, s)))


def test_a_signature_has_one_scalar(check: CircuitTester) -> None:
    """s + l satisfies the equation too: one signature would have two encodings."""
    assert check.rejects(inputs(signature=(*SIGNATURE[:2], SIGNATURE[2] + SUBGROUP_ORDER)))


def test_the_points_of_a_signature_are_not_negated(check: CircuitTester) -> None:
    x, y, s = SIGNATURE
    assert check.rejects(inputs(signature=(FIELD_MODULUS - x, y, s)))
    assert check.rejects(inputs(signature=(FIELD_MODULUS - x, y, SUBGROUP_ORDER - s)))


@pytest.mark.parametrize("key", [(0, 1), (0, FIELD_MODULUS - 1)])
def test_a_key_of_small_order_signs_nothing(check: CircuitTester, key: tuple[int, int]) -> None:
    """For it R8 = s B8 would be a signature of any message."""
    x, y = multiply(5, Point(*BASE8)).affine()
    assert not verify(key, MESSAGE, (x, y, 5))
    assert check.rejects(inputs(key=key, signature=(x, y, 5)))


def test_r8_outside_the_subgroup_is_rejected(check: CircuitTester) -> None:
    x, y = add(Point(*SIGNATURE[:2]), Point(0, FIELD_MODULUS - 1)).affine()
    assert check.rejects(inputs(signature=(x, y, SIGNATURE[2])))


def test_r8_outside_the_curve_is_rejected_even_where_nothing_is_signed(check: CircuitTester) -> None:
    """Outside the curve the addition may divide by 0, and its result would be the prover's choice."""
    for enabled in (0, 1):
        assert check.rejects(inputs(c.DEFAULT_KEY, signature=(*OFF_CURVE, 0), enabled=enabled))


def test_where_nothing_is_signed_no_signature_is_needed(check: CircuitTester) -> None:
    assert check.accepts(inputs(c.DEFAULT_KEY, 0, (*BASE8, 0), enabled=0))
    assert check.accepts(inputs(c.DEFAULT_KEY, MESSAGE, SIGNATURE, enabled=0))


def test_what_is_signed_is_no_hint(check: CircuitTester) -> None:
    assert not check.accepts_witness_with(inputs(), {"main.message[0]": poseidon((1,))})
    assert not check.accepts_witness_with(inputs(), {"main.s[0]": 1})
