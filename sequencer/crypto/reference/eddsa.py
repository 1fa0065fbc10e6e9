"""EdDSA-Poseidon over Baby Jubjub with circomlib's equation S Base8 = R8 + h 8 A, h = Poseidon(R8, A, M).

A key is A = k Base8 for a secret k in [1, l), without circomlibjs' BLAKE and pruning, so S = r + 8 h k mod l.
"""

from collections.abc import Sequence
from hashlib import sha512

from sequencer.crypto.reference.babyjubjub import COFACTOR, IDENTITY, Point, add, is_on_curve, multiply
from sequencer.crypto.reference.poseidon import poseidon
from sequencer.crypto.types import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, PublicKey, Signature

NONCE_DOMAIN = b"proofbook.eddsa-poseidon.nonce.v1"


def public_key(secret: int) -> PublicKey:
    """Return A = secret * Base8; ValueError unless `secret` is in [1, l)."""
    if not 0 < secret < SUBGROUP_ORDER:
        raise ValueError("a secret key is an integer from 1 to l - 1, l the subgroup order")
    return PublicKey(*multiply(secret, Point(*BASE8)).affine())


def sign(secret: int, message: int) -> Signature:
    """Return the signature of a field element; ValueError for a bad secret or a message outside [0, p)."""
    key = public_key(secret)
    if not 0 <= message < FIELD_MODULUS:
        raise ValueError("the message is not a field element: give an integer from 0 to p - 1")
    nonce = _nonce(secret, message)
    r8x, r8y = multiply(nonce, Point(*BASE8)).affine()
    h = poseidon([r8x, r8y, *key, message])
    return Signature(r8x, r8y, (nonce + COFACTOR * h * secret) % SUBGROUP_ORDER)


def is_valid_key(x: int, y: int) -> bool:
    """Return whether a key may be registered: coordinates in [0, p), on the curve, 8 A != 0."""
    return is_on_curve(x, y) and multiply(COFACTOR, Point(x, y)).affine() != IDENTITY.affine()


def verify(key: tuple[int, int], message: int, signature: tuple[int, int, int]) -> bool:
    """Return whether the signature, of canonical form, holds for a valid key and the message."""
    r8x, r8y, s = signature
    is_well_formed = is_on_curve(r8x, r8y) and 0 <= s < SUBGROUP_ORDER and 0 <= message < FIELD_MODULUS
    if not is_well_formed or not is_valid_key(*key):
        return False
    h = poseidon([r8x, r8y, *key, message])
    if not _is_batchable(r8x, h, s):
        return False
    right = add(Point(r8x, r8y), multiply(COFACTOR * h, Point(*key)))
    return multiply(s, Point(*BASE8)).affine() == right.affine()


def _is_batchable(r8x: int, h: int, s: int) -> bool:
    """Return whether the batch circuit can hold the signature: R8 != O, h and S clear of their moduli."""
    return r8x != 0 and h >> 192 < FIELD_MODULUS >> 192 and s >> 192 < SUBGROUP_ORDER >> 192


def verify_many(items: Sequence[tuple[tuple[int, int], int, tuple[int, int, int]]]) -> list[bool]:
    """Return `verify` of each (key, message, signature)."""
    return [verify(*item) for item in items]


def _nonce(secret: int, message: int) -> int:
    """SHA-512(domain, k, M, counter) mod l, with the first counter for which it is not zero."""
    prefix = NONCE_DOMAIN + secret.to_bytes(32, "little") + message.to_bytes(32, "little")
    digests = (sha512(prefix + bytes([counter])).digest() for counter in range(256))
    return next(filter(None, (int.from_bytes(digest, "little") % SUBGROUP_ORDER for digest in digests)))
