"""A corrupt file or a wrong witness is named, with the reason, and no proof leaves."""

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from prover.artifacts import ArtifactStore
from prover.backends import BACKENDS
from prover.compile import compile_circuit
from prover.errors import (
    ArtifactError,
    InvalidProofError,
    MissingToolError,
    UnknownBackendError,
    WitnessRejectedError,
)
from prover.prover import Prover, open_prover
from prover.setup import Keys, development_keys
from prover.snarkjs import run_snarkjs
from prover.witness import WitnessCalculator
from tests.prover.conftest import Recorder, commitment_inputs, small_circuit


@pytest.fixture(params=sorted(BACKENDS))
def own_prover(request: pytest.FixtureRequest, empty_store: ArtifactStore) -> Prover:
    """A prover whose files may be damaged: copies of those in the shared cache."""
    shared = Prover(small_circuit("Commitment"), BACKENDS[request.param])
    shared.prepare()
    for entry in (shared.compiled.directory, shared.keys.directory):
        shutil.copytree(entry, empty_store.root / entry.parent.name / entry.name)
    return Prover(shared.circuit, shared.backend, empty_store)


@pytest.fixture
def own_keys(own_prover: Prover, empty_store: ArtifactStore) -> Keys:
    """The keys of `own_prover`, which has not looked at them yet."""
    return development_keys(own_prover.compiled, empty_store)


def flip_bit(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_corrupt_key_is_found_before_it_is_used(own_prover: Prover, own_keys: Keys) -> None:
    flip_bit(own_keys.zkey, own_keys.zkey.stat().st_size // 2)
    with pytest.raises(ArtifactError, match=r"circuit\.zkey: the zkey has SHA-256 .*; delete its directory"):
        own_prover.prepare()


@pytest.mark.parametrize("file", ["circuit.zkey", "verification_key.json", "verifier.sol", "manifest.json"])
def test_a_missing_file_is_named(own_prover: Prover, own_keys: Keys, file: str) -> None:
    (own_keys.directory / file).unlink()
    with pytest.raises(ArtifactError, match=file):
        own_prover.prepare()


def test_a_key_that_rots_while_in_use_is_blamed(own_prover: Prover) -> None:
    own_prover.prepare()
    flip_bit(own_prover.keys.zkey, own_prover.keys.zkey.stat().st_size * 3 // 4)
    with pytest.raises(ArtifactError, match=r"circuit\.zkey"):
        own_prover.prove(commitment_inputs())


def test_a_truncated_key_is_blamed(own_prover: Prover) -> None:
    own_prover.prepare()
    zkey = own_prover.keys.zkey
    zkey.write_bytes(zkey.read_bytes()[:-10_000])
    with pytest.raises(ArtifactError, match=r"circuit\.zkey"):
        own_prover.prove(commitment_inputs())


def test_a_truncated_witness_is_blamed(prover: Prover, tmp_path: Path) -> None:
    path = tmp_path / "short.wtns"
    WitnessCalculator(prover.compiled).calculate(commitment_inputs()).write(path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ArtifactError, match=r"short\.wtns"):
        prover.prove_witness(path)
    with pytest.raises(ArtifactError, match=r"short\.wtns"):
        prover.backend.prove(prover.keys.zkey, path)


def test_a_wrong_witness_gives_no_proof(prover: Prover, tmp_path: Path) -> None:
    path = tmp_path / "wrong.wtns"
    honest = WitnessCalculator(prover.compiled).calculate(commitment_inputs())
    honest.replaced({len(honest) - 1: 0}).write(path)
    with pytest.raises(InvalidProofError, match=r"wrong\.wtns: the witness breaks constraint \d+"):
        prover.prove_witness(path)


def test_a_witness_of_another_circuit_gives_no_proof(prover: Prover, tmp_path: Path) -> None:
    product = Prover(small_circuit("Product"), prover.backend)
    path = tmp_path / "other.wtns"
    WitnessCalculator(product.compiled).calculate({"c": 30, "r": 2, "y": 3, "factor": 5}).write(path)
    with pytest.raises(ArtifactError, match=r"other\.wtns"):
        prover.prove_witness(path)


def test_inputs_are_checked_without_a_proof(prover: Prover) -> None:
    assert prover.check(commitment_inputs()).public(2)[1] == 11
    with pytest.raises(WitnessRejectedError, match="Commitment line 30"):
        prover.check({**commitment_inputs(), "y": 0})


def test_a_check_asks_the_constraint_system_and_not_the_calculator(empty_store: ArtifactStore) -> None:
    circuit = small_circuit("Product")
    checked = Prover(circuit, BACKENDS["native"], empty_store)
    stricter = (
        "template Product() { signal input c, r, y, factor; signal s <== r * y; c === s * factor + 1; }"
    )
    other = compile_circuit(replace(circuit, source=stricter), empty_store)
    shutil.copy(other.r1cs, checked.compiled.r1cs)
    with pytest.raises(WitnessRejectedError, match="the witness breaks constraint"):
        checked.check({"c": 30, "r": 2, "y": 3, "factor": 5})


def test_an_unknown_back_end_is_refused() -> None:
    with pytest.raises(UnknownBackendError, match="choose one of snarkjs, native"):
        open_prover("small", "abacus")


def test_without_node_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match=r"install Node\.js"):
        run_snarkjs("--help")


def test_the_steps_of_a_first_proof_are_told_in_order(empty_store: ArtifactStore, recorder: Recorder) -> None:
    name = "test-product"
    prover = Prover(small_circuit("Product"), BACKENDS["native"], empty_store, recorder)
    prover.prove({"c": 30, "r": 2, "y": 3, "factor": 5})
    assert recorder.steps == [
        f"compile {name}",
        f"set up keys of {name}",
        f"export verifier of {name}",
        f"check files of {name}",
        f"load witness calculator of {name}",
        f"witness of {name}",
        f"proof of {name} by native",
        f"verify proof of {name}",
    ]
