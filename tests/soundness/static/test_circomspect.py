"""No finding in the circuits is left unexplained, and what is wrong in one is found."""

from pathlib import Path

import pytest

from prover.artifacts import PROJECT_ROOT
from soundness.static.circomspect import CIRCUITS, EXPLAINED, analyse
from soundness.static.errors import AnalyserError
from soundness.static.findings import Finding, Place, complaints, explanations

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
    assert list(complaints(findings, explanations(EXPLAINED))) == []


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
