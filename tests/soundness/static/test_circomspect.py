"""No finding of the static analyser is left unexplained, and no explanation outlives its finding."""

from pathlib import Path

import pytest

from prover.artifacts import PROJECT_ROOT
from soundness.static.analysis import (
    CIRCUITS,
    Explanation,
    Finding,
    Place,
    analyse,
    complaints,
    explanations,
)
from soundness.static.errors import AnalyserError

FORGOTTEN = """pragma circom 2.2.0;

bus Quote() {
    signal price;
    signal size;
}

template Notional() {
    input Quote() quote;
    signal output notional;

    notional <-- quote.price \\ quote.size;
}
"""


def findings_of(tmp_path: Path, text: str) -> list[Finding]:
    path = tmp_path / "circuits" / "notional.circom"
    path.parent.mkdir()
    path.write_text(text)
    return analyse([path], tmp_path)


def test_every_finding_in_our_circuits_is_explained() -> None:
    findings = analyse(sorted(CIRCUITS.rglob("*.circom")), PROJECT_ROOT)
    assert list(complaints(findings, explanations())) == []


def test_every_explanation_has_a_reason() -> None:
    assert [entry for entry in explanations() if len(entry.reason.split()) < 5] == []


def test_a_hint_that_nothing_constrains_is_found_on_its_line(tmp_path: Path) -> None:
    found = findings_of(tmp_path, FORGOTTEN)
    line = "notional <-- quote.price \\ quote.size;"
    assert Place("CS0005", "circuits/notional.circom", line) in {finding.place for finding in found}
    assert any("circuits/notional.circom:12: CS0005" in said for said in complaints(found, []))


def test_a_forgotten_field_of_a_bus_is_found(tmp_path: Path) -> None:
    text = FORGOTTEN.replace("<-- quote.price \\ quote.size", "<== quote.price * quote.price")
    assert "quote$size" in "".join(finding.message for finding in findings_of(tmp_path, text))


def test_what_the_analyser_cannot_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AnalyserError, match="passed over Notional"):
        findings_of(tmp_path, FORGOTTEN.replace("signal output notional", "signal output"))


def test_an_explanation_holds_for_as_many_findings_as_it_says() -> None:
    place = Place("CS0006", "a.circom", "input Quote() quote;")
    found = [Finding(place, 3, "the price is not used"), Finding(place, 3, "the size is not used")]
    assert list(complaints(found, [Explanation(place, 2, "reason")])) == []
    assert len(list(complaints(found, [Explanation(place, 1, "reason")]))) == 3
    assert list(complaints([], [Explanation(place, 2, "reason")])) == [
        "a.circom: 0 of 2 explained CS0006 on [input Quote() quote;]"
    ]


def test_an_explanation_holds_on_its_own_line_only() -> None:
    place = Place("CS0006", "a.circom", "input Quote() quote;")
    other = Place("CS0006", "a.circom", "input Quote() second;")
    assert len(list(complaints([Finding(other, 4, "unused")], [Explanation(place, 1, "reason")]))) == 2
