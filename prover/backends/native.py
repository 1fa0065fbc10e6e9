"""The native back end, in Rust, in this process."""

from pathlib import Path

from prover import native
from prover.measure import Usage, measured
from prover.proof import Points


class NativeBackend:
    """`prover.native.prove`; its cost is that of the whole process meanwhile."""

    name = "native"

    def prove(self, zkey: Path, witness: Path) -> tuple[Points, tuple[int, ...], Usage]:
        """See `Backend.prove`; a witness that breaks a constraint is an InvalidProofError here."""
        with measured() as usage:
            points, public = native.prove(zkey, witness)
        return points, public, usage
