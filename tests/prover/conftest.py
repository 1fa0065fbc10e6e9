"""Small circuits with the batch circuit's public inputs, and a cache of their own."""

from pathlib import Path

import pytest

from prover.artifacts import ArtifactStore
from prover.backends import BACKENDS
from prover.circuit import PUBLIC_INPUTS, Circuit
from prover.compile import COMPILER, CompiledCircuit, compile_circuit
from prover.proof import Proof
from prover.prover import Prover
from prover.wasm import load_module
from prover.witness import Inputs
from sequencer import _core
from sequencer.model.constants import FIELD_MODULUS


def small_circuit(template: str) -> Circuit:
    source = f'include "tests/prover/circuits/{template.lower()}.circom";'
    return Circuit(f"test-{template.lower()}", source, template, {}, PUBLIC_INPUTS)


def commitment_inputs() -> Inputs:
    slope, offset, at = 3, -5, 11
    commitment = _core.poseidon([slope, offset % FIELD_MODULUS])
    return {"c": commitment, "r": at, "y": at * slope + offset, "line": [slope, offset]}


class Recorder:
    """A progress listener that keeps what it heard."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def started(self, step: str) -> None:
        self.steps.append(step)

    def finished(self, step: str, seconds: float) -> None:
        assert step in self.steps
        assert seconds >= 0


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def empty_store(tmp_path: Path) -> ArtifactStore:
    """A cache that holds nothing but the translated modules of the shared one."""
    shared = ArtifactStore()
    load_module(shared, COMPILER, "run `make setup`")
    store = ArtifactStore(tmp_path / "cache")
    store.root.mkdir()
    (store.root / "wasm").symlink_to(shared.root / "wasm")
    return store


@pytest.fixture(scope="session")
def commitment() -> CompiledCircuit:
    return compile_circuit(small_circuit("Commitment"))


@pytest.fixture(scope="session", params=sorted(BACKENDS))
def prover(request: pytest.FixtureRequest) -> Prover:
    """A prover of the commitment, with each back end."""
    return Prover(small_circuit("Commitment"), BACKENDS[request.param])


@pytest.fixture(scope="session")
def proof(prover: Prover) -> Proof:
    return prover.prove(commitment_inputs())
