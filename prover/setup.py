"""From a compiled circuit to its keys: proving key, verification key, Solidity verifier, manifest."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover import native
from prover.artifacts import ArtifactStore
from prover.circuit import SNARKJS_VERIFIER
from prover.compile import CompiledCircuit
from prover.errors import SetupError
from prover.manifest import Manifest, Setup, file_digest, read_manifest
from prover.progress import SILENT, Progress, reported
from prover.snarkjs import SNARKJS_VERSION, run_snarkjs
from prover.transcript import Contribution, key_contributions, powers_contributions
from prover.verification_key import VerificationKey, read_verification_key

# A party alone would know the secret of a key.
CONTRIBUTIONS_MIN: Final = 2

# Public, hence the DEVELOPMENT mark; a new text makes new keys.
DEVELOPMENT_SEED: Final = b"proofbook development set-up 1"


@dataclass(frozen=True, slots=True)
class Keys:
    """Paths of a circuit's keys.

    Attributes
    ----------
    directory : Path
        Where the files lie.
    manifest : Manifest
        What they are.
    """

    directory: Path
    manifest: Manifest

    @property
    def zkey(self) -> Path:
        """The proving key."""
        return self.directory / "circuit.zkey"

    @property
    def verification_key(self) -> VerificationKey:
        """The verification key."""
        return read_verification_key(self.directory / "verification_key.json")

    @property
    def verifier(self) -> Path:
        """The Solidity verifier."""
        return self.directory / "verifier.sol"

    def files(self, compiled: CompiledCircuit) -> dict[str, Path]:
        """Return all files of the manifest by their names there, the circuit's too."""
        return _files(compiled, self.directory)

    def check(self, compiled: CompiledCircuit) -> None:
        """Raise ArtifactError unless all files, the circuit's too, are those of the manifest."""
        self.manifest.check(self.files(compiled))


def development_keys(
    compiled: CompiledCircuit,
    store: ArtifactStore | None = None,
    progress: Progress = SILENT,
    seed: bytes = DEVELOPMENT_SEED,
) -> Keys:
    """Return the circuit's development keys; make them if they are not there.

    The same seed gives the same files. Whoever knows it can prove anything under these keys.
    """

    def write_zkey(zkey: Path) -> None:
        with reported(progress, f"set up keys of {compiled.circuit.name}"):
            native.setup(compiled.r1cs, zkey, seed)

    return _keys(compiled, Setup.DEVELOPMENT, seed, write_zkey, store, progress)


def production_keys(
    compiled: CompiledCircuit,
    powers_of_tau: Path,
    zkey: Path,
    store: ArtifactStore | None = None,
    progress: Progress = SILENT,
) -> Keys:
    """Take over the proving key of a ceremony, once snarkjs has verified both phases.

    Parameters
    ----------
    compiled : CompiledCircuit
        The circuit.
    powers_of_tau, zkey : Path
        The prepared powers of tau of phase 1, and the key after the beacon of phase 2.

    Raises
    ------
    SetupError
        If a phase does not verify, has too few contributors or no beacon, or if the key is not one of this
        circuit over these powers of tau.
    """

    def verify_and_copy(target: Path) -> None:
        verify_powers(powers_of_tau, progress)
        # A key that nobody contributed to verifies, and everybody knows its secret: delta = 1.
        _require_contributors(key_contributions(zkey), zkey)
        with reported(progress, f"verify the key of {compiled.circuit.name}"):
            outcome = run_snarkjs("zkey", "verify", compiled.r1cs, powers_of_tau, zkey)
        if outcome.status != 0:
            raise SetupError(
                f"the key is not of {compiled.circuit.name} over {powers_of_tau}: {outcome.reason}",
                "check which circuit and powers of tau the ceremony was for",
                zkey,
            )
        shutil.copyfile(zkey, target)

    origin = (file_digest(powers_of_tau) + file_digest(zkey)).encode()
    return _keys(compiled, Setup.PRODUCTION, origin, verify_and_copy, store, progress)


def verify_powers(powers_of_tau: Path, progress: Progress = SILENT) -> None:
    """Raise SetupError unless the powers of tau verify, enough have contributed, and a beacon ended it."""
    _require_contributors(powers_contributions(powers_of_tau), powers_of_tau)
    with reported(progress, f"verify {powers_of_tau.name}"):
        outcome = run_snarkjs("powersoftau", "verify", powers_of_tau)
    if outcome.status != 0:
        raise SetupError(
            f"the powers of tau do not verify: {outcome.reason}", "take the file again", powers_of_tau
        )


def _require_contributors(contributions: list[Contribution], path: Path) -> None:
    secret = sum(not contribution.beacon for contribution in contributions)
    if secret < CONTRIBUTIONS_MIN or not contributions[-1].beacon:
        last = "a beacon" if contributions and contributions[-1].beacon else "no beacon"
        raise SetupError(
            f"{secret} contributed and {last} is last; {CONTRIBUTIONS_MIN} must, and a beacon must be last",
            "complete the ceremony",
            path,
        )


def _keys(
    compiled: CompiledCircuit,
    setup: Setup,
    origin: bytes,
    write_zkey: Callable[[Path], None],
    store: ArtifactStore | None,
    progress: Progress,
) -> Keys:
    circuit = compiled.circuit
    digest = hashlib.sha256(f"{setup}\0{SNARKJS_VERSION}\0{circuit.verifier}\0".encode() + origin)
    for path in (compiled.r1cs, compiled.wasm):
        digest.update(file_digest(path).encode())

    def build(directory: Path) -> None:
        files = _files(compiled, directory)
        write_zkey(files["zkey"])
        with reported(progress, f"export verifier of {circuit.name}"):
            _export(files)
            name_verifier(files["verifier"], circuit.verifier)
        hashes = {name: file_digest(path) for name, path in files.items()}
        manifest = Manifest(
            circuit.name, circuit.template, circuit.parameters, list(circuit.public), setup, hashes
        )
        manifest.write(directory / "manifest.json")

    entry = (store or ArtifactStore()).build("keys", circuit.name, digest.hexdigest(), build)
    return Keys(entry, read_manifest(entry / "manifest.json"))


def _files(compiled: CompiledCircuit, directory: Path) -> dict[str, Path]:
    return {
        "r1cs": compiled.r1cs,
        "wasm": compiled.wasm,
        "zkey": directory / "circuit.zkey",
        "verification_key": directory / "verification_key.json",
        "verifier": directory / "verifier.sol",
    }


def _export(files: dict[str, Path]) -> None:
    for what, name in (("verificationkey", "verification_key"), ("solidityverifier", "verifier")):
        outcome = run_snarkjs("zkey", "export", what, files["zkey"], files[name])
        if outcome.status != 0:
            raise SetupError(
                f"snarkjs cannot export {what}: {outcome.reason}", "run the set-up again", files["zkey"]
            )


def name_verifier(path: Path, name: str) -> None:
    """Call the exported contract by the name that the circuit gives it; SetupError if it is not snarkjs's."""
    exported, text = f"contract {SNARKJS_VERIFIER} ", path.read_text()
    if text.count(exported) != 1:
        raise SetupError("the exported verifier has another name", "check the version of snarkjs", path)
    path.write_text(text.replace(exported, f"contract {name} "))
