"""A key that has signed well before is verified by a table: every verdict stays what it is without one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.crypto import (
    BASE8,
    FIELD_MODULUS,
    SUBGROUP_ORDER,
    PublicKey,
    Signature,
    public_key,
    reference,
    sign,
    verify,
    verify_many,
)
from sequencer.crypto.reference.babyjubjub import Point, add

SECRET = 0x5EED
KNOWN_AFTER = 10
FIELD_ELEMENTS = st.integers(0, FIELD_MODULUS - 1) | st.sampled_from([0, 1, FIELD_MODULUS - 1])
SCALARS = st.integers(0, SUBGROUP_ORDER - 1) | st.sampled_from(
    [0, 1, SUBGROUP_ORDER - 1, SUBGROUP_ORDER, 2**251 - 1, 2**256 - 1, -1]
)


@pytest.fixture(scope="module")
def known_key() -> PublicKey:
    key = public_key(SECRET)
    assert all(verify(key, message, sign(SECRET, message)) for message in range(KNOWN_AFTER))
    return key


@settings(max_examples=50)
@given(message=FIELD_ELEMENTS, signed=FIELD_ELEMENTS, s=SCALARS | st.none())
def test_a_known_key_gets_the_verdicts_of_the_reference(
    known_key: PublicKey, message: int, signed: int, s: int | None
) -> None:
    good = sign(SECRET, signed)
    signature = good if s is None else good._replace(s=s)
    expected = reference.verify(known_key, message, signature)
    assert verify(known_key, message, signature) == expected == (signature == good and message == signed)


@given(message=FIELD_ELEMENTS)
def test_a_known_key_verifies_only_its_own_signatures(known_key: PublicKey, message: int) -> None:
    signature = sign(SECRET, message)
    assert verify(known_key, message, signature)
    assert not verify(known_key, message, sign(SECRET + 1, message))
    assert not verify(PublicKey(FIELD_MODULUS - known_key.x, known_key.y), message, signature)


def test_a_known_key_with_a_small_order_part_is_not_the_key_without_it(vectors: dict[str, Any]) -> None:
    """Both have the same 8 A, but the challenge names A."""
    key = public_key(SECRET)
    for torsion in vectors["small_order_points"][1:]:
        twin = add(Point(*key), Point(*torsion)).affine()
        for message in range(KNOWN_AFTER):
            h = reference.poseidon([*BASE8, *twin, message])
            own = Signature(*BASE8, (1 + 8 * h * SECRET) % SUBGROUP_ORDER)
            assert verify(twin, message, own)
            assert not verify(twin, message, sign(SECRET, message))
            assert not verify(key, message, own)


def test_a_key_that_nobody_can_own_never_becomes_known(vectors: dict[str, Any]) -> None:
    for point in vectors["small_order_points"]:
        forged = (tuple(point), 1, Signature(*BASE8, 1))
        assert not any(verify_many([forged] * KNOWN_AFTER))


def test_more_keys_than_there_are_tables_are_all_verified() -> None:
    """Each often enough to earn a table, in turns, so that places change hands."""
    items = [(public_key(secret), secret, sign(secret, secret)) for secret in range(10_000, 12_000)]
    bad = [(key, message + 1, signature) for key, message, signature in items]
    for _ in range(6):
        assert all(verify_many(items))
        assert not any(verify_many(bad))
