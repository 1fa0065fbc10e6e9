"""Mutants with names that outlive edits elsewhere."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundness.mutants.operators import Edit, mutations
from soundness.mutants.source import Template, templates

_NAME_CHARACTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed circuit file.

    Attributes
    ----------
    file : str
        The file, relative to ``circuits/``.
    template : str
        The template that is changed.
    operator : str
        The kind of change.
    name : str
        ``<file>:<template>:<operator>:<hash>``; the hash covers the statement and the change, not its line.
    change : str
        The statement before and after, for people.
    edits : tuple of Edit
        What to replace in the file.
    frees_copy : bool
        Whether a plain copy loses its constraint.
    """

    file: str
    template: str
    operator: str
    name: str
    change: str
    edits: tuple[Edit, ...]
    frees_copy: bool

    def apply(self, text: str) -> str:
        """Return the file's text with the change in it."""
        for start, end, replacement in sorted(self.edits, reverse=True):
            text = text[:start] + replacement + text[end:]
        return text


def circuit_files(circuits: Path) -> list[str]:
    """Return the circuit files below a folder, relative to it."""
    return sorted(str(path.relative_to(circuits)) for path in circuits.rglob("*.circom"))


def mutants_of(circuits: Path, file: str) -> Iterator[tuple[Template, list[Mutant]]]:
    """Yield each template of a file with its mutants."""
    text = (circuits / file).read_text()
    for template in templates(text):
        yield template, _named(file, template, text)


def _named(file: str, template: Template, text: str) -> list[Mutant]:
    found: list[Mutant] = []
    repeated: Counter[str] = Counter()
    for mutation in mutations(template):
        statement = mutation.statement
        before = " ".join(statement.text.split())
        places = [(start - statement.start, end - start, new) for start, end, new in mutation.edits[:1]]
        key = hashlib.sha256(repr((before, _normal(statement.text, places))).encode()).hexdigest()
        prefix = f"{file}:{template.name}:{mutation.operator}:{key[:_NAME_CHARACTERS]}"
        repeated[prefix] += 1
        name = prefix if repeated[prefix] == 1 else f"{prefix}-{repeated[prefix]}"
        after = _changed(statement.text + ";", statement.start, mutation.edits)
        change = f"{before};  ->  {after or '(nothing)'}"
        found.append(
            Mutant(file, template.name, mutation.operator, name, change, mutation.edits, mutation.frees_copy)
        )
    return found


def _normal(text: str, places: list[tuple[int, int, str]]) -> str:
    """Return the changed statement with white space made even, the identity of the change."""
    for start, length, new in places:
        text = f"{text[:start]}{new}{text[start + length :]}"
    return " ".join(text.split())


def _changed(text: str, origin: int, edits: tuple[Edit, ...]) -> str:
    inside = [edit for edit in edits if origin <= edit[0] < origin + len(text)]
    for start, end, new in sorted(inside, reverse=True):
        text = text[: start - origin] + new + text[end - origin :]
    return " ".join(text.split())
