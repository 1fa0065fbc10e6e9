"""Signatures and hashes a second: one call each, and many in one call on all cores."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from bench.timing import Rate, Seconds, seconds_of, side_by_side
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
    """Signatures verified a second, and Poseidon hashes of four elements, a tree node's, a second.

    Known keys have signed before and have their tables; new keys are seen for the first time.
    """

    signatures: Rate
    signatures_at_once: Rate
    new_keys: Rate
    new_keys_at_once: Rate
    hashes: Rate
    hashes_at_once: Rate


def measure_crypto(progress: Progress) -> CryptoFigures:
    known = [_signed(1 + number % SIGNERS, number) for number in range(SIGNATURES)]
    strangers = count(SIGNERS + 1)
    nodes = [tuple(range(first, first + TREE_ARITY)) for first in range(HASHES)]
    assert all(verify_many(known))

    def of_new_keys(check: Callable[[list[Signed]], object]) -> Seconds:
        signed = [_signed(next(strangers), number) for number in range(SIGNATURES)]
        return seconds_of(lambda: check(signed))

    signatures = side_by_side(
        {
            "signatures one by one": lambda: seconds_of(lambda: _one_by_one(known)),
            "signatures at once": lambda: seconds_of(lambda: verify_many(known)),
            "signatures of new keys one by one": lambda: of_new_keys(_one_by_one),
            "signatures of new keys at once": lambda: of_new_keys(verify_many),
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


def _one_by_one(signed: list[Signed]) -> list[bool]:
    return [verify(*item) for item in signed]


def _signed(secret: int, number: int) -> Signed:
    message = poseidon((number,))
    return public_key(secret), message, sign(secret, message)
