"""The cryptography of the protocol over the BN254 scalar field, identical to circomlib.

Field elements are plain integers in [0, p). The work is done by the native core; `sequencer.crypto.reference`
is the same in readable Python, and both pass one test suite.
"""

from sequencer._core import (
    SparseTree,
    eighth,
    is_valid_key,
    poseidon,
    poseidon_many,
    poseidon_permutation,
    verify,
    verify_many,
)
from sequencer.crypto.keys import public_key, sign
from sequencer.crypto.points import montgomery
from sequencer.crypto.types import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, PublicKey, Signature

__all__ = [
    "BASE8",
    "FIELD_MODULUS",
    "SUBGROUP_ORDER",
    "PublicKey",
    "Signature",
    "SparseTree",
    "eighth",
    "is_valid_key",
    "montgomery",
    "poseidon",
    "poseidon_many",
    "poseidon_permutation",
    "public_key",
    "sign",
    "verify",
    "verify_many",
]
