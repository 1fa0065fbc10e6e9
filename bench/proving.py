"""Witness, proof and verification of one batch by both provers, in turn, with the same keys."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.timing import Cost, cost
from prover import (
    Keys,
    Points,
    Progress,
    Proof,
    Prover,
    VerificationKey,
    verify_independently,
    verify_natively,
    verify_with_snarkjs,
)
from prover.progress import reported
from prover.witness import Inputs

RUNS: Final = 3
VERIFIERS: Final[dict[str, Callable[[VerificationKey, Points, tuple[int, ...]], bool]]] = {
    "snarkjs": verify_with_snarkjs,
    "native": verify_natively,
    "py_ecc": verify_independently,
}


@dataclass(frozen=True, slots=True)
class ProvingFigures:
    """The costs of one batch.

    Attributes
    ----------
    witness : Cost
        The same calculator serves both provers, so that its runs are those of both.
    proof : dict of str to Cost
        By prover.
    verification_seconds : dict of str to float
        By verifier; the median run.
    """

    witness: Cost
    proof: dict[str, Cost]
    verification_seconds: dict[str, float]


def measure_proving(provers: Mapping[str, Prover], inputs: Inputs, progress: Progress) -> ProvingFigures:
    """Return the figures of provers of one circuit, which share its keys."""
    for prover in provers.values():
        keys = prover.prepare()
    proofs: dict[str, list[Proof]] = {name: [] for name in provers}
    for _ in range(RUNS):
        for name, prover in provers.items():
            proofs[name].append(prover.prove(inputs))
    every = [proof for made in proofs.values() for proof in made]
    return ProvingFigures(
        witness=cost([proof.witness for proof in every]),
        proof={name: cost([proof.proving for proof in made]) for name, made in proofs.items()},
        verification_seconds=_verified(keys, every[0], progress),
    )


def _verified(keys: Keys, proof: Proof, progress: Progress) -> dict[str, float]:
    key = keys.verification_key
    taken: dict[str, list[float]] = {name: [] for name in VERIFIERS}
    for number in range(1, RUNS + 1):
        for name, verify in VERIFIERS.items():
            with reported(progress, f"verification by {name}, run {number} of {RUNS}"):
                begin = time.perf_counter()
                accepted = verify(key, proof.points, proof.public)
                taken[name].append(time.perf_counter() - begin)
            assert accepted
    return {name: median(seconds) for name, seconds in taken.items()}
