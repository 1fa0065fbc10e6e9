"""An explanation has a reason, and holds for the findings that it names and for no others."""

from pathlib import Path

import pytest

from soundness.static import circomspect, slither
from soundness.static.findings import Explanation, Finding, Place, complaints, explanations


@pytest.mark.parametrize("listed", [circomspect.EXPLAINED, slither.EXPLAINED], ids=lambda path: path.stem)
def test_every_explanation_has_a_reason(listed: Path) -> None:
    assert [entry for entry in explanations(listed) if len(entry.reason.split()) < 5] == []


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
