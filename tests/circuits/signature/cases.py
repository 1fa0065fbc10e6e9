"""Signatures of two traders, honest and bent, as inputs of `Signatures`."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from prover.witness import Nested
from sequencer.batch.combination import Signed
from sequencer.batch.signals import one_hot
from sequencer.batch.signatures import UNSIGNED, combination_hints, signature_hints
from sequencer.crypto import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, montgomery, poseidon, public_key, sign
from sequencer.crypto.reference.babyjubjub import Point, add, multiply

Key = tuple[int, int]
SECRETS = (101, 202)
KEYS: tuple[Key, ...] = tuple(public_key(secret) for secret in SECRETS)
MESSAGES = (7_001, 7_002)
LIMB_BITS = 85
UNSIGNED_SLOT = Signed(None, 0, UNSIGNED)
ORDER_TWO = (0, FIELD_MODULUS - 1)
ORDER_FOUR = (18930368022820495955728484915491405972470733850014661777449844430438130630919, 0)
OFF_CURVE = (1, 1)


def times(multiplier: int) -> Key:
    """A multiple of Base8, in Montgomery form."""
    return montgomery(multiply(multiplier % SUBGROUP_ORDER, Point(*BASE8)).affine())


def signed(owner: int, message: int) -> Signed:
    return Signed(owner, message, sign(SECRETS[owner], message))


def honest(owners: Sequence[int] = (0, 1)) -> list[Signed]:
    return [signed(owner, message) for owner, message in zip(owners, MESSAGES, strict=True)]


def signed_with_nonce(owner: int, message: int, nonce: int, key: Key | None = None) -> Signed:
    """A signature whose R8 is `nonce` times Base8, for a key that may differ from the owner's by torsion."""
    r8 = multiply(nonce % SUBGROUP_ORDER, Point(*BASE8)).affine()
    h = poseidon((*r8, *(key or KEYS[owner]), message))
    return Signed(owner, message, (*r8, (nonce + 8 * h * SECRETS[owner]) % SUBGROUP_ORDER))


def with_scalar(slot: Signed, s: int) -> Signed:
    return replace(slot, signature=(*slot.signature[:2], s))


def plus(point: Key, other: Key) -> Key:
    return add(Point(*point), Point(*other)).affine()


def limbs(number: int) -> list[int]:
    """The three limbs of a number."""
    mask = (1 << LIMB_BITS) - 1
    return [number >> LIMB_BITS * place & mask for place in range(3)]


def inputs(
    slots: Sequence[Signed], keys: Sequence[Key] = KEYS, *, batched: bool, **lies: Nested
) -> dict[str, Any]:
    """What the prover gives for these slots, all hints as they should be, and lies about them."""
    hints = combination_hints(keys, slots) if batched else {}
    return {
        "key": keys,
        "owner": [one_hot(len(keys), slot.owner) for slot in slots],
        "message": [slot.message for slot in slots],
        **signature_hints(slots),
        **hints,
        **lies,
    }
