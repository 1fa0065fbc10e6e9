"""Signatures and hashes a second: one call each, and many in one call on all cores."""

from dataclasses import dataclass
from typing import Final

from bench.timing import Rate, seconds_of, side_by_side
from prover.progress import Progress
from sequencer.crypto import (
    PublicKey,
    Signature,
    poseidon,
    poseidon_many,
    public_key,
    sign,
    verify,
    verify_many,
)
from sequencer.model.constants import TREE_ARITY

SIGNATURES: Final = 4_000
HASHES: Final = 40_000
SIGNERS: Final = 40
RUNS: Final = 5

Signed = tuple[PublicKey, int, Signature]


@dataclass(frozen=True, slots=True)
class CryptoFigures:
    """Signatures verified a second, and Poseidon hashes of four elements, a tree node's, a second."""

    signatures: Rate
    signatures_at_once: Rate
    hashes: Rate
    hashes_at_once: Rate


def measure_crypto(progress: Progress) -> CryptoFigures:
    signed = [_signed(number) for number in range(SIGNATURES)]
    nodes = [tuple(range(first, first + TREE_ARITY)) for first in range(HASHES)]
    assert all(verify_many(signed))
    signatures = side_by_side(
        {
            "signatures one by one": lambda: seconds_of(lambda: [verify(*item) for item in signed]),
            "signatures at once": lambda: seconds_of(lambda: verify_many(signed)),
        },
        SIGNATURES,
        RUNS,
        progress,
    )
    hashes = side_by_side(
        {
            "Poseidon one by one": lambda: seconds_of(lambda: [poseidon(node) for node in nodes]),
            "Poseidon at once": lambda: seconds_of(lambda: poseidon_many(nodes)),
        },
        HASHES,
        RUNS,
        progress,
    )
    return CryptoFigures(*signatures.values(), *hashes.values())


def _signed(number: int) -> Signed:
    secret, message = 1 + number % SIGNERS, poseidon((number,))
    return public_key(secret), message, sign(secret, message)
