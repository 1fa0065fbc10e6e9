"""The page that says how many mutants there are and what became of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from soundness.mutants.operators import OPERATOR_NAMES
from soundness.mutants.results import FOLDER, KILLED, REFUSED, Results, Subject

PAGE_FILE: Final = FOLDER / "RESULTS.md"
RULE: Final = "tests/circuits/test_sources.py"

_INTRODUCTION: Final = """# Mutants of the circuits

Written by `python -m soundness mutants`; do not edit. Each mutant changes one statement of one template; it
is dead when the tests of that template's file fail on it. Columns: killed by a test that runs the circuit /
killed only by the rule that no circuit of ours says `<--` (a copy of a signal has no wire of its own, so no
witness can lie about it) / refused by circom / equivalent, for the reason in `equivalents.toml` / alive.

"""
_FATES: Final = ("by a test", "by the rule", "refused", "equivalent", "alive")


def write_summary(
    today: Iterable[Subject],
    results: Results,
    equivalents: Mapping[str, str],
    path: Path = PAGE_FILE,
) -> None:
    """Write the page of counts, by folder and by operator."""
    counts: dict[str, Counter[str]] = {}
    for subject in today:
        verdict = results.verdict(subject.mutant, subject.digest)
        if verdict is None:
            continue
        folder = subject.mutant.file.rpartition("/")[0] or subject.mutant.file
        for row in (f"`{folder}`", subject.mutant.operator, "all"):
            counts.setdefault(row, Counter())[_fate(subject.mutant.name, verdict, equivalents)] += 1
    folders = sorted(row for row in counts if row.startswith("`"))
    operators = [row for row in OPERATOR_NAMES if row in counts]
    text = _INTRODUCTION + _table("folder", folders, counts) + "\n" + _table("operator", operators, counts)
    path.write_text(text)


def _fate(name: str, verdict: str, equivalents: Mapping[str, str]) -> str:
    if verdict.startswith(KILLED):
        return "by the rule" if RULE in verdict else "by a test"
    if verdict == REFUSED:
        return "refused"
    return "equivalent" if name in equivalents else "alive"


def _table(title: str, rows: Sequence[str], counts: Mapping[str, Counter[str]]) -> str:
    lines = [f"| {title} | mutants | {' | '.join(_FATES)} |", "| --- |" + " ---: |" * (len(_FATES) + 1)]
    for row in [*rows, "all"]:
        count = counts.get(row, Counter[str]())
        lines.append(f"| {row} | {count.total()} | {' | '.join(str(count[fate]) for fate in _FATES)} |")
    return "\n".join(lines) + "\n"
