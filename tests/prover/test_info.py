"""Constraints are counted for the part of the circuit in which they stand."""

from prover.artifacts import ArtifactStore
from prover.compile import CompiledCircuit, compile_circuit
from prover.info import constraints_by_part, describe
from tests.prover.conftest import Recorder, small_circuit

POSEIDON_2_CONSTRAINTS = 240


def test_constraints_are_counted_by_component(commitment: CompiledCircuit) -> None:
    assert constraints_by_part(commitment) == {"hash": POSEIDON_2_CONSTRAINTS, "main": 1}


def test_the_parts_add_up_and_the_sizes_are_those_of_the_constraint_system(
    commitment: CompiledCircuit, recorder: Recorder
) -> None:
    info = describe(commitment, ArtifactStore())
    assert sum(info["constraints_by_part"].values()) == info["constraints"]
    assert info["public_inputs"] == ["c", "r", "y"]
    assert info["private_inputs"] == 2
    assert info["public_outputs"] == 0
    assert info["template"] == "Commitment"


def test_a_count_is_kept(empty_store: ArtifactStore, recorder: Recorder) -> None:
    compiled = compile_circuit(small_circuit("Product"), empty_store)
    assert describe(compiled, empty_store, recorder) == describe(compiled, empty_store, recorder)
    assert recorder.steps == ["count constraints of test-product"]
