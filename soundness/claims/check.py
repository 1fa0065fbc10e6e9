"""Compares the claims table with the circuits, the tests and the attack catalogue."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from soundness.claims.table import Rule

_TEMPLATE = re.compile(r"^template\s+(\w+)\s*\(", re.MULTILINE)


def template_names(circuits: Path) -> set[str]:
    """Return the names of all templates defined below `circuits`."""
    return {name for file in circuits.rglob("*.circom") for name in _TEMPLATE.findall(file.read_text())}


def find_errors(
    rules: Collection[Rule], templates: Collection[str], tests: Path, attacks: Collection[str]
) -> list[str]:
    """Return what is untrue in the table, one sentence an error.

    Parameters
    ----------
    rules : collection of Rule
        The table.
    templates : collection of str
        Every template of ours: each must stand in the table.
    tests : Path
        The folder that test ids are relative to.
    attacks : collection of str
        Names of the catalogue.
    """
    errors = [
        f"template {name} stands in no rule: say what it enforces"
        for name in sorted(set(templates) - {name for rule in rules for name in rule.templates})
    ]
    for rule in rules:
        errors += [f"{rule.text!r}: {problem}" for problem in _problems(rule, templates, tests, attacks)]
    return errors


def _problems(rule: Rule, templates: Collection[str], tests: Path, attacks: Collection[str]) -> Iterator[str]:
    if not rule.argument:
        yield "no argument"
    if not rule.tests and not rule.attacks:
        yield "no test fails without it"
    yield from (f"there is no template {name}" for name in rule.templates if name not in templates)
    yield from (f"there is no test {name}" for name in rule.tests if not _test_exists(tests, name))
    yield from (f"there is no attack {name}" for name in rule.attacks if name not in attacks)


def _test_exists(tests: Path, name: str) -> bool:
    path, _, function = name.partition("::")
    file = tests / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text())
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in ast.walk(tree))
