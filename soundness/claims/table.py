"""Reads the claims table."""

import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"`([^`]+)`")
_ATTACK = "attack: "
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Parameters
    ----------
    text : str
        What must hold.
    templates : tuple of str
        Circom templates that enforce it.
    argument : str
        Why they are enough.
    tests, attacks : tuple of str
        What fails without it: test ids below `tests/` and names of the attack catalogue.
    """

    text: str
    templates: tuple[str, ...]
    argument: str
    tests: tuple[str, ...]
    attacks: tuple[str, ...]


def read_rules(document: Path) -> list[Rule]:
    """Return the rows of every table of `document`, headings left out."""
    rules = []
    for line in document.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == _COLUMNS and not _is_heading(cells):
            rules.append(_rule(cells))
    return rules


def _is_heading(cells: list[str]) -> bool:
    return cells[0] == "rule" or set(cells[0]) <= {"-", ":"}


def _rule(cells: list[str]) -> Rule:
    text, templates, argument, evidence = cells
    names = _NAME.findall(evidence)
    return Rule(
        text,
        tuple(_NAME.findall(templates)),
        argument,
        tuple(name for name in names if not name.startswith(_ATTACK)),
        tuple(name.removeprefix(_ATTACK) for name in names if name.startswith(_ATTACK)),
    )
