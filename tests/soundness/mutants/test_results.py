"""The record accounts for every mutant of today's circuits, or says which it does not."""

from pathlib import Path

import pytest

from soundness.mutants.results import Results, Subject, complaints, prune, read_equivalents, subjects
from soundness.mutants.summary import write_summary

TEXT = "template A() {\n Bool()(a);\n}\ntemplate B() {\n a === c;\n}\n"
KILL = "killed by tests/test_x.py::test_y"


@pytest.fixture
def circuits(tmp_path: Path) -> Path:
    (tmp_path / "x.circom").write_text(TEXT)
    return tmp_path


def recorded(today: list[Subject], verdict: str = KILL) -> Results:
    results = Results({})
    for subject in today:
        results.enter(subject.mutant, subject.digest, verdict)
    return results


def test_dead_mutants_leave_nothing_to_say(circuits: Path, tmp_path: Path) -> None:
    today = subjects(circuits)
    recorded(today).write(tmp_path / "results.json")
    assert len(today) == 2
    assert list(complaints(today, Results.read(tmp_path / "results.json"), {})) == []


def test_new_text_of_a_template_leaves_its_mutants_without_a_verdict(circuits: Path) -> None:
    results = recorded(subjects(circuits))
    (circuits / "x.circom").write_text("// new\n" + TEXT.replace("a ===", "a * b ==="))
    found = list(complaints(subjects(circuits), results, {}))
    assert found
    assert all(":B:" in problem and "not run" in problem for problem in found)


def test_a_verdict_on_an_old_text_is_forgotten_and_its_killer_remembered(circuits: Path) -> None:
    results = recorded(subjects(circuits))
    (circuits / "x.circom").write_text(TEXT.replace("Bool()(a);", "Bool()(a); Bool()(b);"))
    today = subjects(circuits)
    old = next(each for each in today if each.mutant.change.startswith("Bool()(a)"))
    assert results.verdict(old.mutant, old.digest) is None
    assert results.killer(old.mutant) == "tests/test_x.py::test_y"


def test_a_survivor_needs_a_reason(circuits: Path) -> None:
    today = subjects(circuits)
    results = recorded(today, "survived")
    names = [subject.mutant.name for subject in today]
    assert len(list(complaints(today, results, {}))) == 2
    assert list(complaints(today, results, dict.fromkeys(names, "nobody can see it"))) == []


def test_a_reason_for_a_mutant_that_dies_or_is_no_more_is_refused(circuits: Path) -> None:
    today = subjects(circuits)
    listed = {today[0].mutant.name: "nobody can see it", "gone": "nobody can see it"}
    found = list(complaints(today, recorded(today), listed))
    assert [problem.partition(": ")[0] for problem in found] == [today[0].mutant.name, "gone"]


def test_what_is_no_more_is_pruned(circuits: Path) -> None:
    results = recorded(subjects(circuits))
    (circuits / "x.circom").write_text(TEXT.partition("template B")[0])
    prune(results, subjects(circuits))
    assert set(results.templates) == {("x.circom", "A")}


def test_reasons_are_read_by_mutant(tmp_path: Path) -> None:
    file = tmp_path / "equivalents.toml"
    file.write_text('[[equivalent]]\nreason = "r"\n[equivalent.mutants]\n"x:A:widen:0" = "a -> b"\n')
    assert read_equivalents(file) == {"x:A:widen:0": "r"}


def test_the_page_counts_what_became_of_each_mutant(circuits: Path, tmp_path: Path) -> None:
    today = subjects(circuits)
    results = recorded(today[:1])
    results.enter(today[1].mutant, today[1].digest, "survived")
    page = tmp_path / "page.md"
    write_summary(today, results, {}, page)
    assert "| all | 2 | 1 | 0 | 0 | 0 | 1 |" in page.read_text()
    write_summary(today, results, {today[1].mutant.name: "r"}, page)
    assert "| all | 2 | 1 | 0 | 0 | 1 | 0 |" in page.read_text()
