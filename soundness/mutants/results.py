"""What became of each mutant: the committed record, and what it lacks.

`results.json` is what the tool measured; `equivalents.toml` explains, by hand, the mutants that change
nothing that a test could see.
A template's results count while its text is the one they were measured on.
"""

import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from soundness.mutants.mutant import Mutant, circuit_files, mutants_of

FOLDER: Final = Path(__file__).parent
RESULTS_FILE: Final = FOLDER / "results.json"
EQUIVALENTS_FILE: Final = FOLDER / "equivalents.toml"
SURVIVED: Final = "survived"
KILLED: Final = "killed by "
REFUSED: Final = "refused by circom"


@dataclass(slots=True)
class TemplateResults:
    """Verdicts on the mutants of one template.

    Attributes
    ----------
    digest : str
        Of the template's text as it was when they were measured.
    verdicts : dict of str to str
        By the mutant's name: ``killed by <test>``, ``refused by circom``, ``survived`` or what went wrong.
    """

    digest: str
    verdicts: dict[str, str] = field(default_factory=dict)


class Results:
    """Verdicts by file and template.

    Parameters
    ----------
    templates : mapping
        Results by (file, template).
    """

    def __init__(self, templates: Mapping[tuple[str, str], TemplateResults]) -> None:
        self.templates = dict(templates)

    @staticmethod
    def read(path: Path = RESULTS_FILE) -> "Results":
        """Read a record; a file that is not there is an empty one."""
        record = json.loads(path.read_text()) if path.is_file() else {}
        return Results(
            {
                (file, template): TemplateResults(entry["digest"], entry["verdicts"])
                for file, templates in record.items()
                for template, entry in templates.items()
            }
        )

    def write(self, path: Path = RESULTS_FILE) -> None:
        """Write the record in a fixed order."""
        record: dict[str, dict[str, object]] = {}
        for (file, template), results in sorted(self.templates.items()):
            verdicts = dict(sorted(results.verdicts.items()))
            record.setdefault(file, {})[template] = {"digest": results.digest, "verdicts": verdicts}
        path.write_text(json.dumps(record, indent=1) + "\n")

    def verdict(self, mutant: Mutant, digest: str) -> str | None:
        """Return the verdict on a mutant of a template whose text has this digest, if there is one."""
        results = self.templates.get((mutant.file, mutant.template))
        return results.verdicts.get(mutant.name) if results and results.digest == digest else None

    def enter(self, mutant: Mutant, digest: str, verdict: str) -> None:
        """Record a verdict; those on an older text of the template are forgotten."""
        place = (mutant.file, mutant.template)
        results = self.templates.get(place)
        if results is None or results.digest != digest:
            results = self.templates[place] = TemplateResults(digest)
        results.verdicts[mutant.name] = verdict

    def killer(self, mutant: Mutant) -> str | None:
        """Return the test that killed the mutant last time, of whatever text of its template."""
        results = self.templates.get((mutant.file, mutant.template))
        verdict = results.verdicts.get(mutant.name, "") if results else ""
        return verdict.removeprefix(KILLED) if verdict.startswith(KILLED) else None


@dataclass(frozen=True, slots=True)
class Subject:
    """A mutant of today's circuits and the digest of its template."""

    mutant: Mutant
    digest: str


def subjects(circuits: Path) -> list[Subject]:
    """Return every mutant of the circuits."""
    return [
        Subject(mutant, template.digest)
        for file in circuit_files(circuits)
        for template, mutants in mutants_of(circuits, file)
        for mutant in mutants
    ]


def prune(results: Results, today: Iterable[Subject]) -> None:
    """Forget templates and mutants that are no more."""
    alive = {(each.mutant.file, each.mutant.template): set[str]() for each in today}
    for each in today:
        alive[each.mutant.file, each.mutant.template].add(each.mutant.name)
    for place in set(results.templates) - set(alive):
        del results.templates[place]
    for place, names in alive.items():
        if place in results.templates:
            entry = results.templates[place]
            entry.verdicts = {name: verdict for name, verdict in entry.verdicts.items() if name in names}


def read_equivalents(path: Path = EQUIVALENTS_FILE) -> dict[str, str]:
    """Return why each mutant that is equivalent is so, by the mutant's name."""
    groups = tomllib.loads(path.read_text())["equivalent"] if path.is_file() else []
    return {name: group["reason"] for group in groups for name in group["mutants"]}


def complaint(subject: Subject, results: Results, equivalents: Mapping[str, str]) -> str | None:
    """Return why the record does not account for a mutant, or None if it does."""
    name, verdict = subject.mutant.name, results.verdict(subject.mutant, subject.digest)
    if verdict is None:
        problem = "not run"
    elif verdict.startswith(KILLED) or verdict == REFUSED:
        problem = f"listed as equivalent, but {verdict}" if name in equivalents else ""
    else:
        problem = "" if name in equivalents and verdict == SURVIVED else verdict
    return f"{name}: {problem}; {subject.mutant.change}" if problem else None


def complaints(today: Collection[Subject], results: Results, equivalents: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps the record from accounting for every mutant of today."""
    for subject in today:
        if problem := complaint(subject, results, equivalents):
            yield problem
    for name in sorted(set(equivalents) - {subject.mutant.name for subject in today}):
        yield f"{name}: listed as equivalent, but there is no such mutant"
