"""A verification key: the few points that a verifier needs, by themselves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from prover.errors import ArtifactError
from prover.proof import G1, G2
from sequencer import _core

_CURE = "take the file from the repository again, or build it with `proofbook circuit build`"


@dataclass(frozen=True)
class VerificationKey:
    """Affine coordinates; those of G2 are (constant part, part of u).

    Attributes
    ----------
    ic : tuple of G1
        One point for the constant, then one a public signal.
    path : Path
        The file that it was read from.
    """

    alpha: G1
    beta: G2
    gamma: G2
    delta: G2
    ic: tuple[G1, ...]
    path: Path

    @property
    def public_signals(self) -> int:
        """How many public signals the circuit has."""
        return len(self.ic) - 1

    @cached_property
    def prepared(self) -> _core.VerifyingKey:
        """The key of the native core, with what every verification shares already computed."""
        try:
            return _core.VerifyingKey(self.alpha, self.beta, self.gamma, self.delta, list(self.ic))
        except ValueError as error:
            raise ArtifactError(str(error), _CURE, self.path) from error


def read_verification_key(path: Path) -> VerificationKey:
    """Read a key from the JSON of snarkjs; ArtifactError if it is missing or malformed."""
    try:
        key: dict[str, Any] = json.loads(path.read_text())
        return VerificationKey(
            alpha=_g1(key["vk_alpha_1"]),
            beta=_g2(key["vk_beta_2"]),
            gamma=_g2(key["vk_gamma_2"]),
            delta=_g2(key["vk_delta_2"]),
            ic=tuple(_g1(point) for point in key["IC"]),
            path=path,
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ArtifactError(f"the verification key cannot be read ({error})", _CURE, path) from error


def _g1(point: Sequence[str]) -> G1:
    return int(point[0]), int(point[1])


def _g2(point: Sequence[Sequence[str]]) -> G2:
    return _g1(point[0]), _g1(point[1])
