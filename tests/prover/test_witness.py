"""The witness calculator gives what snarkjs gives, and says why it refuses."""

import json
from pathlib import Path

import pytest

from prover.artifacts import ArtifactStore
from prover.compile import CompiledCircuit
from prover.errors import ArtifactError, WitnessInputError, WitnessRejectedError
from prover.snarkjs import run_snarkjs
from prover.witness import Inputs, WitnessCalculator, signals
from prover.wtns import Witness, read_witness
from sequencer.model.constants import FIELD_MODULUS
from tests.prover.conftest import commitment_inputs


@pytest.fixture(scope="session")
def calculator(commitment: CompiledCircuit) -> WitnessCalculator:
    return WitnessCalculator(commitment)


def test_the_witness_file_is_that_of_snarkjs_to_the_byte(
    commitment: CompiledCircuit, calculator: WitnessCalculator, tmp_path: Path
) -> None:
    inputs = commitment_inputs()
    calculator.calculate(inputs).write(tmp_path / "ours.wtns")
    as_text = {name: [str(value) for value in values] for name, values in signals(inputs).items()}
    (tmp_path / "inputs.json").write_text(json.dumps(as_text))
    outcome = run_snarkjs(
        "wtns", "calculate", commitment.wasm, tmp_path / "inputs.json", tmp_path / "theirs.wtns"
    )
    assert outcome.status == 0, outcome.reason
    assert (tmp_path / "ours.wtns").read_bytes() == (tmp_path / "theirs.wtns").read_bytes()


def test_a_broken_constraint_names_template_and_line(calculator: WitnessCalculator) -> None:
    with pytest.raises(WitnessRejectedError, match="Commitment line 30") as refusal:
        calculator.calculate({**commitment_inputs(), "y": 0})
    assert refusal.value.trace == [("Commitment", 30)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"z": 1}, "has no input 'z'"),
        ({"line": [1]}, "'line' of test-commitment has 2 values, got 1"),
        ({"line": [1, 2, 3]}, "'line' of test-commitment has 2 values, got 3"),
        ({"r": FIELD_MODULUS}, "reduce it modulo p"),
    ],
)
def test_an_input_that_does_not_fit_is_named(
    calculator: WitnessCalculator, change: Inputs, reason: str
) -> None:
    with pytest.raises(WitnessInputError, match=reason):
        calculator.calculate({**commitment_inputs(), **change})


def test_a_missing_input_is_counted(calculator: WitnessCalculator) -> None:
    inputs = {name: value for name, value in commitment_inputs().items() if name != "line"}
    with pytest.raises(WitnessInputError, match="2 input values of test-commitment are missing"):
        calculator.calculate(inputs)


def test_a_calculator_is_good_again_after_a_refusal(calculator: WitnessCalculator) -> None:
    before = calculator.calculate(commitment_inputs())
    with pytest.raises(WitnessRejectedError):
        calculator.calculate({**commitment_inputs(), "c": 0})
    assert calculator.calculate(commitment_inputs()) == before


def test_machine_code_of_another_machine_is_named(commitment: CompiledCircuit, tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    WitnessCalculator(commitment, store)
    (translated,) = (store.root / "wasm").glob("*/circuit")
    translated.write_bytes(b"not machine code")
    with pytest.raises(ArtifactError, match=r"the machine code is corrupt or of another machine"):
        WitnessCalculator(commitment, store)


def test_buses_are_named_as_circom_names_them() -> None:
    inputs: Inputs = {
        "point": {"x": 1, "y": [2, 3]},
        "points": [{"x": 4}, {"x": 5}],
        "grid": [[6, 7], [8, 9]],
    }
    assert signals(inputs) == {
        "point.x": [1],
        "point.y": [2, 3],
        "points[0].x": [4],
        "points[1].x": [5],
        "grid": [6, 7, 8, 9],
    }


def test_a_witness_survives_its_file(tmp_path: Path) -> None:
    witness = Witness(bytes(96)).replaced({0: 1, 2: -1})
    witness.write(tmp_path / "witness.wtns")
    again = read_witness(tmp_path / "witness.wtns")
    assert [again[wire] for wire in range(len(again))] == [1, 0, FIELD_MODULUS - 1]


def test_a_section_longer_than_any_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "witness.wtns"
    Witness(bytes(96)).write(path)
    content = bytearray(path.read_bytes())
    length_at = 16
    content[length_at : length_at + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"witness\.wtns: the file is truncated"):
        read_witness(path)


@pytest.mark.parametrize("cut_bytes", [1, 32, 100])
def test_a_truncated_witness_is_named(tmp_path: Path, cut_bytes: int) -> None:
    path = tmp_path / "witness.wtns"
    Witness(bytes(96)).write(path)
    path.write_bytes(path.read_bytes()[:-cut_bytes])
    with pytest.raises(ArtifactError, match=r"witness\.wtns: the (sections take|file is truncated)"):
        read_witness(path)
