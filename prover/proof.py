"""A Groth16 proof over BN254: its points, its public signals, its forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

from msgspec import Struct

from prover.measure import Usage

G1: TypeAlias = tuple[int, int]
G2: TypeAlias = tuple[tuple[int, int], tuple[int, int]]


class PointsDict(TypedDict):
    """Affine coordinates as the native core takes and gives them."""

    a: G1
    b: G2
    c: G1


class Points(Struct, frozen=True):
    """Affine coordinates of the proof's points; coordinates of `b` are (constant part, part of u)."""

    a: G1
    b: G2
    c: G1

    @classmethod
    def from_snarkjs(cls, proof: dict[str, Any]) -> "Points":
        """Return the points of a snarkjs proof, whose coordinates are projective with z = 1."""
        (b0, b1) = proof["pi_b"][:2]
        return cls(_pair(proof["pi_a"]), (_pair(b0), _pair(b1)), _pair(proof["pi_c"]))

    @classmethod
    def from_contract(cls, a: G1, b: G2, c: G1) -> "Points":
        """Return the points of what the exported verifier takes; the inverse of `to_contract`."""
        (x1, x0), (y1, y0) = b
        return cls(a, ((x0, x1), (y0, y1)), c)

    def to_snarkjs(self) -> dict[str, Any]:
        """Return the proof as snarkjs writes it to JSON."""
        return {
            "pi_a": [*map(str, self.a), "1"],
            "pi_b": [[*map(str, self.b[0])], [*map(str, self.b[1])], ["1", "0"]],
            "pi_c": [*map(str, self.c), "1"],
            "protocol": "groth16",
            "curve": "bn128",
        }

    def to_native(self) -> PointsDict:
        """Return the proof as the native core takes it."""
        return {"a": self.a, "b": self.b, "c": self.c}

    def to_contract(self) -> tuple[G1, G2, G1]:
        """Return (a, b, c) as the exported verifier takes them: EVM precompiles want the part of u first."""
        (x0, x1), (y0, y1) = self.b
        return self.a, ((x1, x0), (y1, y0)), self.c


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof.

    Attributes
    ----------
    points : Points
        The proof itself.
    public : tuple of int
        Public signals, in the circuit's order.
    witness : Usage
        Cost of the witness.
    proving : Usage
        Cost of the proof, in the process that made it.
    verifying : Usage
        Cost of the check before the proof leaves.
    """

    points: Points
    public: tuple[int, ...]
    witness: Usage
    proving: Usage
    verifying: Usage


def _pair(coordinates: Sequence[str]) -> tuple[int, int]:
    return int(coordinates[0]), int(coordinates[1])
