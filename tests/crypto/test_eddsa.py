from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer import crypto as native
from sequencer.crypto import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, PublicKey, Signature, reference
from sequencer.crypto.reference.babyjubjub import Point, add, multiply

SECRET = 0xC0FFEE
MESSAGE = 123456789
SECRETS = st.integers(1, SUBGROUP_ORDER - 1)
MESSAGES = st.integers(0, FIELD_MODULUS - 1)


def test_our_signatures_are_those_circomlibjs_verified(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    for case in vectors["proofbook_signatures"]:
        assert crypto.public_key(case["secret"]) == PublicKey(*case["key"])
        assert crypto.sign(case["secret"], case["message"]) == Signature(*case["signature"])


@pytest.mark.parametrize("origin", ["proofbook_signatures", "circomlibjs_signatures"])
def test_signatures_that_circomlibjs_verifies_are_accepted(
    crypto: ModuleType, vectors: dict[str, Any], origin: str
) -> None:
    items = [(tuple(case["key"]), case["message"], tuple(case["signature"])) for case in vectors[origin]]
    assert all(crypto.verify(*item) for item in items)
    assert crypto.verify_many(items) == [True] * len(items)


@settings(max_examples=10, deadline=None)
@given(secret=SECRETS, message=MESSAGES)
def test_both_implementations_sign_alike_and_accept_each_other(secret: int, message: int) -> None:
    key, signature = native.public_key(secret), native.sign(secret, message)
    assert (key, signature) == (reference.public_key(secret), reference.sign(secret, message))
    assert native.verify(key, message, signature)
    assert reference.verify(key, message, signature)


def test_a_signature_holds_for_no_other_key_message_or_part(crypto: ModuleType) -> None:
    key, signature = crypto.public_key(SECRET), crypto.sign(SECRET, MESSAGE)
    other_key, other = crypto.public_key(SECRET + 1), crypto.sign(SECRET, MESSAGE + 1)
    negated = Signature(FIELD_MODULUS - signature.r8x, signature.r8y, signature.s)
    forgeries = [
        (other_key, MESSAGE, signature),
        (key, MESSAGE + 1, signature),
        (key, MESSAGE, signature._replace(s=(signature.s + 1) % SUBGROUP_ORDER)),
        (key, MESSAGE, signature._replace(r8x=other.r8x, r8y=other.r8y)),
        (key, MESSAGE, negated),
        (PublicKey(FIELD_MODULUS - key.x, key.y), MESSAGE, signature),
    ]
    assert crypto.verify(key, MESSAGE, signature)
    assert not any(crypto.verify(*forgery) for forgery in forgeries)


def test_an_integer_outside_its_range_is_rejected_even_if_congruent(crypto: ModuleType) -> None:
    key, signature = crypto.public_key(SECRET), crypto.sign(SECRET, MESSAGE)
    malleations = [
        (key, MESSAGE, signature._replace(s=signature.s + SUBGROUP_ORDER)),
        (key, MESSAGE, signature._replace(s=signature.s - SUBGROUP_ORDER)),
        (key, MESSAGE, signature._replace(r8x=signature.r8x + FIELD_MODULUS)),
        (key, MESSAGE, signature._replace(r8y=signature.r8y + FIELD_MODULUS)),
        (key, MESSAGE, signature._replace(r8y=signature.r8y - FIELD_MODULUS)),
        (key._replace(x=key.x + FIELD_MODULUS), MESSAGE, signature),
        (key._replace(y=key.y + FIELD_MODULUS), MESSAGE, signature),
        (key, MESSAGE + FIELD_MODULUS, signature),
        (key, MESSAGE - FIELD_MODULUS, signature),
        (key, MESSAGE, signature._replace(s=2**300)),
    ]
    assert not any(crypto.verify(*item) for item in malleations)
    good = (key, MESSAGE, signature)
    assert crypto.verify_many([good, malleations[0], good]) == [True, False, True]


def test_a_key_is_registered_only_on_the_curve_with_8a_not_zero(
    crypto: ModuleType, vectors: dict[str, Any]
) -> None:
    small = vectors["small_order_points"]
    assert len({tuple(point) for point in small}) == 8
    assert not any(crypto.is_valid_key(x, y) for x, y in small)
    key = crypto.public_key(SECRET)
    assert crypto.is_valid_key(*key)
    assert crypto.is_valid_key(*BASE8)
    assert not crypto.is_valid_key(key.y, key.x)
    assert not crypto.is_valid_key(key.x + FIELD_MODULUS, key.y)
    assert not crypto.is_valid_key(key.x, key.y - FIELD_MODULUS)


def test_nobody_can_sign_for_a_small_order_key(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    """With 8 A = 0 the equation is S Base8 = R8 for any message: R8 = Base8, S = 1 would do."""
    for point in vectors["small_order_points"]:
        assert not crypto.verify(tuple(point), MESSAGE, Signature(*BASE8, 1))


def test_a_signature_without_a_nonce_is_refused(crypto: ModuleType) -> None:
    """R8 = 0 satisfies the equation, but only the key's owner can make it, and no batch could hold it."""
    key = crypto.public_key(SECRET)
    h = crypto.poseidon([0, 1, *key, MESSAGE])
    assert not crypto.verify(key, MESSAGE, Signature(0, 1, 8 * h * SECRET % SUBGROUP_ORDER))


def test_a_small_order_part_of_r8_is_not_ignored(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    """Circomlib's equation has no cofactor on R8, so R8 + T signs nothing, even with its own challenge."""
    torsion = Point(*vectors["small_order_points"][1])
    nonce = 77
    r8 = add(multiply(nonce, Point(*BASE8)), torsion).affine()
    key = crypto.public_key(SECRET)
    h = crypto.poseidon([*r8, *key, MESSAGE])
    assert not crypto.verify(key, MESSAGE, Signature(*r8, (nonce + 8 * h * SECRET) % SUBGROUP_ORDER))


def test_a_key_with_a_small_order_part_verifies_as_in_circomlib(
    crypto: ModuleType, vectors: dict[str, Any]
) -> None:
    """8 A hides the part: such a key is valid, and its owner's signatures hold."""
    torsion = Point(*vectors["small_order_points"][1])
    key = add(Point(*crypto.public_key(SECRET)), torsion).affine()
    nonce = 77
    r8 = crypto.public_key(nonce)
    h = crypto.poseidon([*r8, *key, MESSAGE])
    signature = Signature(r8.x, r8.y, (nonce + 8 * h * SECRET) % SUBGROUP_ORDER)
    assert crypto.is_valid_key(*key)
    assert crypto.verify(key, MESSAGE, signature)


@pytest.mark.parametrize("secret", [0, -1, SUBGROUP_ORDER, SUBGROUP_ORDER + 1])
def test_a_secret_outside_1_to_l_is_refused(crypto: ModuleType, secret: int) -> None:
    with pytest.raises(ValueError, match="a secret key is an integer from 1 to l - 1"):
        crypto.public_key(secret)
    with pytest.raises(ValueError, match="a secret key is an integer from 1 to l - 1"):
        crypto.sign(secret, MESSAGE)


@pytest.mark.parametrize("message", [-1, FIELD_MODULUS])
def test_a_message_outside_the_field_is_not_signed(crypto: ModuleType, message: int) -> None:
    with pytest.raises(ValueError, match="the message is not a field element"):
        crypto.sign(SECRET, message)
