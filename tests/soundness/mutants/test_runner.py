"""Mutants of a planted circuit: what its tests check dies, what they leave unchecked lives."""

from pathlib import Path

import pytest

from soundness.mutants.mutant import mutants_of
from soundness.mutants.runner import UnsoundBaselineError, run_mutants, suites_of

CIRCUIT = """pragma circom 2.2.0;

template Both() {
    signal input a;
    signal input b;
    signal output out;

    a * (1 - a) === 0;
    b * (1 - b) === 0;
    out <== a * b;
}
"""

# It never offers a b that is neither 0 nor 1, and no output that is not the product.
TESTS = """
from tests.circuits.harness import CircuitTester


def test_one_is_not_enough():
    assert CircuitTester("Both").witness({"a": 1, "b": 0}) == {"out": 0}
    assert CircuitTester("Both").witness({"a": 0, "b": 1}) == {"out": 0}
    assert CircuitTester("Both").witness({"a": 1, "b": 1}) == {"out": 1}


def test_a_is_boolean():
    assert CircuitTester("Both").rejects({"a": 2, "b": 0})
"""


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    for path, text in {"circuits/lib/both.circom": CIRCUIT, "tests/circuits/lib/test_both.py": TESTS}.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return tmp_path


def test_an_unchecked_constraint_survives_and_a_checked_one_does_not(planted: Path) -> None:
    mutants = [mutant for _, found in mutants_of(planted / "circuits", "lib/both.circom") for mutant in found]
    verdicts = {
        mutant.change.partition(";")[0] + " / " + mutant.operator: verdict
        for mutant, verdict in run_mutants(((mutant, None) for mutant in mutants), planted)
    }
    test = "killed by tests/circuits/lib/test_both.py::"
    assert verdicts["a * (1 - a) === 0 / drop constraint"] == test + "test_a_is_boolean"
    assert verdicts["a * (1 - a) === 0 / shift constant"] == test + "test_one_is_not_enough"
    assert verdicts["b * (1 - b) === 0 / drop constraint"] == "survived"
    assert verdicts["out <== a * b / unconstrain"] == "survived"
    assert len(verdicts) == len({(mutant.operator, mutant.change[:9]) for mutant in mutants})


def test_tests_that_fail_without_a_mutation_say_nothing(planted: Path) -> None:
    test = planted / "tests/circuits/lib/test_both.py"
    test.write_text(TESTS.replace('{"out": 1}', '{"out": 2}'))
    (first, *_), *_ = (found for _, found in mutants_of(planted / "circuits", "lib/both.circom"))
    with pytest.raises(UnsoundBaselineError, match="test_one_is_not_enough"):
        list(run_mutants([(first, None)], planted))


def test_a_test_file_belongs_to_the_circuit_with_the_longest_name_it_bears(tmp_path: Path) -> None:
    circuits, tests = tmp_path / "circuits/book", tmp_path / "tests/circuits/book"
    for folder, names in (
        (circuits, ("row.circom", "row_word.circom")),
        (tests, ("test_row.py", "test_row_lies.py", "test_row_word.py", "test_rows.py")),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).touch()
    folder_name = "tests/circuits/book"
    assert suites_of(tmp_path, "book/row.circom") == (
        f"{folder_name}/test_row.py",
        f"{folder_name}/test_row_lies.py",
    )
    assert suites_of(tmp_path, "book/row_word.circom") == (f"{folder_name}/test_row_word.py",)
