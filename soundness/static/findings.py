"""What an analyser finds, and the committed reasons why some of it is no fault."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """Where a rule found something: in this file, on lines that say this."""

    rule: str
    file: str
    line: str


class Finding(NamedTuple):
    """One finding of an analyser."""

    place: Place
    number: int
    message: str


class Explanation(NamedTuple):
    """Why so many findings at a place are none."""

    place: Place
    expected: int
    reason: str


def finding_at(root: Path, rule: str, file: Path, number: int, message: str) -> Finding:
    """Return a finding on a numbered line of a file, which is named from `root`."""
    line = (root / file).read_text().splitlines()[number - 1].strip()
    return Finding(Place(rule, str(file), line), number, message)


def explanations(path: Path) -> list[Explanation]:
    """Read the list of what is explained."""
    entries = tomllib.loads(path.read_text())["explained"]
    return [
        Explanation(
            Place(entry["rule"], entry["file"], entry["line"]), entry.get("count", 1), entry["reason"]
        )
        for entry in entries
    ]


def complaints(findings: Sequence[Finding], explained: Sequence[Explanation]) -> Iterator[str]:
    """Say which findings are not explained, and which explanations are stale.

    The number of findings at a place counts: one more field of a bus that is not used is one more finding.
    """
    found = Counter(finding.place for finding in findings)
    expected = Counter({explanation.place: explanation.expected for explanation in explained})
    for finding in findings:
        if found[finding.place] > expected[finding.place]:
            rule, file, line = finding.place
            yield f"{file}:{finding.number}: {rule} {finding.message} [{line}]"
    for place, count in expected.items():
        if found[place] != count:
            yield f"{place.file}: {found[place]} of {count} explained {place.rule} on [{place.line}]"
