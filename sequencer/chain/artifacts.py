"""Compiled contracts: this project's own through forge, the verifier that snarkjs exports through solc."""

import fcntl
import functools
import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prover.artifacts import ArtifactStore
from sequencer.chain.errors import ContractBuildError

PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = PROJECT_ROOT / ".build" / "contracts"

# More runs than our own contracts get (foundry.toml): the verifier has room below the size limit.
_VERIFIER_SETTINGS: Final = {
    "optimizer": {"enabled": True, "runs": 10_000},
    "evmVersion": "cancun",
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode"]}},
}

# A build of the sources alone: compiling the Solidity tests takes a minute that no deployment needs.
_OUTPUT: Final = BUILD / "deployed"
_FORGE_BUILD: Final = ("build", "contracts/src", "--out", str(_OUTPUT), "--cache-path", f"{_OUTPUT}-cache")


@dataclass(frozen=True, slots=True)
class ContractArtifact:
    """A contract that can be deployed.

    Attributes
    ----------
    abi : list
        Its interface, as solc writes it.
    bytecode : str
        Creation code in hexadecimal.
    """

    abi: list[Any]
    bytecode: str

    @property
    def errors(self) -> list[Any]:
        """The custom errors of the interface."""
        return [entry for entry in self.abi if entry["type"] == "error"]


@dataclass(frozen=True, slots=True)
class ContractCode:
    """The code that a chain keeps of a contract, but for what its constructor fills in.

    Attributes
    ----------
    code : bytes
        With zeros where the immutables stand.
    immutables : tuple of (int, int)
        Where each begins, and its length.
    """

    code: bytes
    immutables: tuple[tuple[int, int], ...]

    def is_of(self, deployed: bytes) -> bool:
        """Tell whether code on chain is this contract's, whatever its immutables."""
        if len(deployed) != len(self.code):
            return False
        masked = bytearray(deployed)
        for start, length in self.immutables:
            masked[start : start + length] = bytes(length)
        return bytes(masked) == self.code


@functools.cache
def contract(name: str) -> ContractArtifact:
    """Return a contract of `contracts/src`, compiled if its sources have changed.

    Raises
    ------
    ContractBuildError
        If forge refuses the sources or there is no such contract.
    """
    output = _built(name)
    return ContractArtifact(output["abi"], output["bytecode"]["object"])


@functools.cache
def contract_code(name: str) -> ContractCode:
    """Return what a contract of `contracts/src` is once deployed; errors as `contract`."""
    deployed = _built(name)["deployedBytecode"]
    places = [place for uses in deployed["immutableReferences"].values() for place in uses]
    code = bytes.fromhex(deployed["object"].removeprefix("0x"))
    return ContractCode(code, tuple((place["start"], place["length"]) for place in places))


def _built(name: str) -> Any:
    """Return forge's output for a contract."""
    build_contracts()
    path = _OUTPUT / f"{name}.sol" / f"{name}.json"
    if not path.is_file():
        raise ContractBuildError(f"{path} is not there after the build")
    return json.loads(path.read_text())


@functools.cache
def build_contracts() -> None:
    """Compile the contracts; forge knows by content what is already built.

    Raises
    ------
    ContractBuildError
        With the compiler's own words.
    """
    with _locked(BUILD / ".lock"):
        _run([str(PROJECT_ROOT / "tools" / "forge"), *_FORGE_BUILD])


def verifier(source: str, store: ArtifactStore | None = None) -> ContractArtifact:
    """Return the verifier contract that snarkjs exported, compiled once.

    Parameters
    ----------
    source
        Solidity text of the one contract.
    """
    output = _compiled_verifier(source, store)
    return ContractArtifact(output["abi"], output["evm"]["bytecode"]["object"])


def verifier_code(source: str, store: ArtifactStore | None = None) -> bytes:
    """Return the code that a chain keeps of the exported verifier, to the byte.

    The code ends with solc's hash of the source and of the settings, so equal code comes from equal text.

    Raises
    ------
    ContractBuildError
        If deployment would fill in values (immutables, libraries) that the compiler cannot know.
    """
    deployed = _compiled_verifier(source, store)["evm"]["deployedBytecode"]
    if deployed["immutableReferences"] or deployed["linkReferences"]:
        raise ContractBuildError("the exported verifier has immutables or libraries: its code is not known")
    return bytes.fromhex(deployed["object"])


def _compiled_verifier(source: str, store: ArtifactStore | None) -> Any:
    request = {
        "language": "Solidity",
        "sources": {"Verifier.sol": {"content": source}},
        "settings": _VERIFIER_SETTINGS,
    }
    text = json.dumps(request)
    digest = hashlib.sha256(text.encode()).hexdigest()

    def compile_to(path: Path) -> None:
        path.write_text(json.dumps(_run_solc(text)))

    return json.loads(
        (store or ArtifactStore()).file("verifiers", "Verifier.json", digest, compile_to).read_text()
    )


def _run_solc(request: str) -> Any:
    answer = json.loads(_run([str(PROJECT_ROOT / "tools" / "solc"), "--standard-json"], request))
    errors = [entry["message"] for entry in answer.get("errors", ()) if entry["severity"] == "error"]
    if errors:
        raise ContractBuildError(f"solc refused the exported verifier: {errors[0]}")
    (exported,) = answer["contracts"]["Verifier.sol"].values()
    return exported


def _run(command: list[str], standard_input: str = "") -> str:
    try:
        done = subprocess.run(
            command, input=standard_input, capture_output=True, text=True, check=False, cwd=PROJECT_ROOT
        )
    except OSError as error:
        raise ContractBuildError(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise ContractBuildError(f"{Path(command[0]).name} ended with status {done.returncode}: {said}")
    return done.stdout


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process build at a time: forge itself does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
