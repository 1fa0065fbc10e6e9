"""A circuit is compiled once for what it is made of, and a refusal says where."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from prover.artifacts import PROJECT_ROOT, ArtifactStore
from prover.circuit import Circuit, batch_circuit, circuit_of, exit_circuit
from prover.compile import compile_circuit
from prover.errors import CircuitSourceError, CompileError, UnknownSizeError
from prover.sources import include_graph, source_digest
from tests.prover.conftest import Recorder, small_circuit


def test_a_second_run_reuses_the_first(empty_store: ArtifactStore, recorder: Recorder) -> None:
    first = compile_circuit(small_circuit("Product"), empty_store, recorder)
    second = compile_circuit(small_circuit("Product"), empty_store, recorder)
    assert first == second
    assert recorder.steps == ["compile test-product"]


def test_another_parameter_public_input_or_flag_is_another_circuit(empty_store: ArtifactStore) -> None:
    circuit = small_circuit("Product")
    variants = [circuit, replace(circuit, public=("c", "r")), replace(circuit, optimization="--O1")]
    assert len({compile_circuit(variant, empty_store).directory for variant in variants}) == 3


def test_the_hash_covers_every_included_file() -> None:
    text = small_circuit("Commitment").main_source()
    names = {path.name for path in include_graph(PROJECT_ROOT, text)}
    assert names == {"commitment.circom", "poseidon.circom", "poseidon_constants.circom"}


def test_the_hash_changes_with_an_included_file(tmp_path: Path) -> None:
    text = 'include "circuits/outer.circom";'
    (tmp_path / "circuits").mkdir()
    (tmp_path / "circuits" / "outer.circom").write_text('include "inner.circom";')
    inner = tmp_path / "circuits" / "inner.circom"
    inner.write_text("// one")
    before = source_digest(tmp_path, text)
    inner.write_text("// two")
    assert source_digest(tmp_path, text) != before
    inner.write_text("// one")
    assert source_digest(tmp_path, text) == before


def test_a_comment_includes_nothing() -> None:
    text = '// include "a.circom";\n/* \ninclude "b.circom";\n*/'
    assert include_graph(PROJECT_ROOT, text) == []


def test_a_missing_include_is_named() -> None:
    with pytest.raises(
        CircuitSourceError, match=r"nowhere\.circom: the file is included by the main component"
    ):
        compile_circuit(Circuit("test-missing", 'include "nowhere.circom";', "T", {}))


def test_a_refusal_of_the_compiler_says_what_and_where(empty_store: ArtifactStore) -> None:
    source = "template T() {\n    signal input a;\n    a === b;\n}"
    with pytest.raises(CompileError, match=r"(?s)Undeclared symbol.*a === b") as refusal:
        compile_circuit(Circuit("test-refused", source, "T", {}), empty_store)
    assert refusal.value.code == "compile"
    assert not list((empty_store.root / "circuits").glob("test-refused*"))


def test_a_batch_has_the_parameters_of_its_size() -> None:
    main = batch_circuit("small").main_source()
    assert main.endswith("component main {public [c, r, y]} = Batch(8, 4, 4, 24, 4, 4, 1);\n")
    with pytest.raises(UnknownSizeError, match="choose one of small, reference"):
        batch_circuit("tiny")


def test_the_exit_circuit_is_of_the_depth_of_the_account_tree() -> None:
    main = exit_circuit().main_source()
    assert main.endswith("component main {public [exitRoot, account, owner, equity]} = Exit(10);\n")


def test_a_circuit_is_named_by_a_batch_size_or_as_the_exit() -> None:
    assert circuit_of("exit") == exit_circuit()
    assert circuit_of("small") == batch_circuit("small")
    with pytest.raises(UnknownSizeError):
        circuit_of("tiny")
