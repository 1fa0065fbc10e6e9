"""Who makes the proof: back ends on the same proving key and witness files."""

from pathlib import Path
from typing import Final, Protocol

from prover.backends.native import NativeBackend
from prover.backends.snarkjs import SnarkjsBackend
from prover.errors import UnknownBackendError
from prover.measure import Usage
from prover.proof import Points


class Backend(Protocol):
    """A Groth16 prover."""

    @property
    def name(self) -> str:
        """Name on the command line."""

    def prove(self, zkey: Path, witness: Path) -> tuple[Points, tuple[int, ...], Usage]:
        """Return a proof, its public signals and its cost.

        A back end does not check the witness: what it returns may not verify.

        Raises
        ------
        ArtifactError
            If a file cannot be used; names the file.
        ProvingError
            If the prover fails otherwise.
        """


BACKENDS: Final[dict[str, Backend]] = {"snarkjs": SnarkjsBackend(), "native": NativeBackend()}


def backend_named(name: str) -> Backend:
    """Return the back end of a name; UnknownBackendError if there is none."""
    if name not in BACKENDS:
        raise UnknownBackendError(f"there is no prover {name!r}", f"choose one of {', '.join(BACKENDS)}")
    return BACKENDS[name]
