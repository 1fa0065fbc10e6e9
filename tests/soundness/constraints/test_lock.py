"""Nobody changes the number of constraints of a template, or of a part of the batch, without saying so."""

from pathlib import Path

import pytest

from soundness.constraints.lock import Lock, count, differences, read_lock, write_lock

LOCK: Lock = {
    "templates": {"Range": {"parameters": {"n": 8}, "constraints": 8}},
    "sizes": {"small": {"all": 10, "steps": 9, "main": 1}},
}


def test_the_circuits_have_the_constraints_that_are_locked() -> None:
    assert list(differences(read_lock(), count(["small", "exit"]))) == [], (
        "if meant: `python -m soundness constraints --write`"
    )


def test_the_parts_of_every_size_add_up() -> None:
    for parts in read_lock()["sizes"].values():
        assert parts["all"] == sum(parts.values()) - parts["all"]


def test_a_lock_survives_its_file(tmp_path: Path) -> None:
    write_lock(LOCK, tmp_path / "constraints.json")
    assert read_lock(tmp_path / "constraints.json") == LOCK


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ({"Range": {"parameters": {"n": 8}, "constraints": 7}}, "constraints 7, locked at parameters"),
        ({"Range": {"parameters": {"n": 9}, "constraints": 8}}, "template Range: parameters {'n': 9}"),
        ({}, "template Range: not there, locked at"),
        (
            {**LOCK["templates"], "Bool": {"parameters": {}, "constraints": 1}},
            "Bool: parameters {}, constraints 1, locked at not",
        ),
    ],
)
def test_a_template_that_changes_comes_or_goes_is_named(counted: dict[str, object], said: str) -> None:
    (difference,) = differences(LOCK, {**LOCK, "templates": counted})  # type: ignore[typeddict-item]
    assert said in difference


def test_a_part_that_changes_is_named() -> None:
    counted = {"small": {"all": 11, "steps": 10, "main": 1}}
    assert list(differences(LOCK, {**LOCK, "sizes": counted})) == [
        "part of small all: 11, locked at 10",
        "part of small steps: 10, locked at 9",
    ]


def test_a_size_that_was_not_counted_is_not_compared() -> None:
    assert list(differences(LOCK, {**LOCK, "sizes": {}})) == []
