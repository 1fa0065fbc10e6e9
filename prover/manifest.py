"""What a set of keys is: the circuit, the kind of set-up, and the hashes of all its files."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from prover.errors import ArtifactError, DevelopmentKeyError

LOCAL_CHAINS: Final = (31337, 1337)
_REBUILD: Final = "delete its directory to build it again"


class Setup(StrEnum):
    """Who knows the toxic waste of the set-up."""

    DEVELOPMENT = "DEVELOPMENT"
    PRODUCTION = "PRODUCTION"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Content of manifest.json.

    Attributes
    ----------
    circuit, template : str
        Name of the artifacts; the template of the main component.
    parameters : dict of str to int
        The template's arguments.
    public : list of str
        Public input signals, in the order of the proof.
    setup : Setup
        DEVELOPMENT keys prove anything for whoever knows the seed: they are for local chains.
    sha256 : dict of str to str
        Hash of each file: r1cs, wasm, zkey, verification_key, verifier.
    """

    circuit: str
    template: str
    parameters: dict[str, int]
    public: list[str]
    setup: Setup
    sha256: dict[str, str]

    def require_chain(self, chain_id: int) -> None:
        """Raise DevelopmentKeyError unless proofs of these keys may be trusted on the chain."""
        require_chain(self.circuit, self.setup, chain_id)

    def check(self, files: dict[str, Path]) -> None:
        """Raise ArtifactError unless each file is there and has the hash that stands here."""
        for name, expected in self.sha256.items():
            path = files[name]
            if not path.is_file():
                raise ArtifactError(f"the {name} is not there", _REBUILD, path)
            actual = file_digest(path)
            if actual != expected:
                raise ArtifactError(
                    f"the {name} has SHA-256 {actual}, the manifest says {expected}: the file is corrupt",
                    _REBUILD,
                    path,
                )

    def write(self, path: Path) -> None:
        """Write manifest.json."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def require_chain(circuit: str, setup: Setup, chain_id: int) -> None:
    """Raise DevelopmentKeyError unless proofs of such a key may be trusted on the chain."""
    if setup is not Setup.PRODUCTION and chain_id not in LOCAL_CHAINS:
        raise DevelopmentKeyError(
            f"{circuit} has a {setup} key, which chain {chain_id} must not trust",
            f"use a key of a ceremony (docs/operations/CEREMONY.md), or a local chain {LOCAL_CHAINS}",
        )


def read_manifest(path: Path) -> Manifest:
    """Read manifest.json; ArtifactError if it is missing or malformed."""
    try:
        fields = json.loads(path.read_text())
        fields["setup"] = Setup(fields["setup"])
        return Manifest(**fields)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"the manifest cannot be read ({error})", _REBUILD, path) from error


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
