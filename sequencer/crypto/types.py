"""The constants and value types that every implementation of the cryptography shares."""

from typing import Final, NamedTuple

FIELD_MODULUS: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""p: the order of BN254's scalar field, in which circuits, Poseidon and Baby Jubjub's coordinates live."""

SUBGROUP_ORDER: Final = 2736030358979909402780800718157159386076813972158567259200215660948447373041
"""l: the prime order of Baby Jubjub's subgroup, in which secret keys and S live."""


class PublicKey(NamedTuple):
    """A point A = k Base8 of Baby Jubjub in circomlib's affine coordinates, each in [0, p)."""

    x: int
    y: int


class Signature(NamedTuple):
    """An EdDSA-Poseidon signature: the point R8, coordinates in [0, p), and S in [0, l)."""

    r8x: int
    r8y: int
    s: int


BASE8: Final = PublicKey(
    5299619240641551281634865583518297030282874472190772894086521144482721001553,
    16950150798460657717958625567821834550301663161624707787222815936182638968203,
)
"""The generator of the prime subgroup; also the public key of the secret 1."""
