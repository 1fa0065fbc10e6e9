"""The claims table is true."""

from pathlib import Path

import pytest

from soundness.claims.check import find_errors
from soundness.claims.command import untrue_claims
from soundness.claims.table import Rule, read_rules

TABLE = """
| rule | enforced by | why that is enough | fails without it |
| --- | --- | --- | --- |
| a fill is signed | `Step`, `Check` | a hash binds it | `a/test_a.py::test_one`, `attack: forge` |
"""


@pytest.fixture
def tests_folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/test_a.py").write_text("def test_one() -> None: ...\n")
    return tmp_path


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    document = tmp_path / "soundness.md"
    document.write_text(TABLE)
    (only,) = read_rules(document)
    return only


def test_the_claims_table_is_true() -> None:
    assert untrue_claims() == []


def test_a_row_is_read_without_its_heading(rule: Rule) -> None:
    assert rule == Rule(
        "a fill is signed", ("Step", "Check"), "a hash binds it", ("a/test_a.py::test_one",), ("forge",)
    )


def test_a_true_table_has_no_errors(rule: Rule, tests_folder: Path) -> None:
    assert find_errors([rule], {"Step", "Check"}, tests_folder, ["forge"]) == []


@pytest.mark.parametrize(
    ("templates", "attacks", "error"),
    [
        ({"Step"}, ["forge"], "there is no template Check"),
        ({"Step", "Check", "Other"}, ["forge"], "template Other stands in no rule"),
        ({"Step", "Check"}, [], "there is no attack forge"),
    ],
)
def test_a_wrong_name_is_an_error(
    rule: Rule, tests_folder: Path, templates: set[str], attacks: list[str], error: str
) -> None:
    assert any(error in found for found in find_errors([rule], templates, tests_folder, attacks))


def test_a_renamed_test_is_an_error(rule: Rule, tests_folder: Path) -> None:
    (tests_folder / "a/test_a.py").write_text("def test_two() -> None: ...\n")
    (error,) = find_errors([rule], {"Step", "Check"}, tests_folder, ["forge"])
    assert "there is no test a/test_a.py::test_one" in error
