"""The protocol's cryptography in plain Python: by the definitions, with no speed-up."""

from sequencer.crypto.reference.babyjubjub import eighth
from sequencer.crypto.reference.eddsa import is_valid_key, public_key, sign, verify, verify_many
from sequencer.crypto.reference.poseidon import poseidon, poseidon_many, poseidon_permutation
from sequencer.crypto.reference.tree import SparseTree
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
    "poseidon",
    "poseidon_many",
    "poseidon_permutation",
    "public_key",
    "sign",
    "verify",
    "verify_many",
]
