"""Rules that hold in the text of every circuit."""

import re

import pytest

from tests.circuits.harness import circuit_sources

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@pytest.mark.parametrize("arrow", ["<--", "-->"])
def test_no_signal_is_assigned_without_its_constraint(arrow: str) -> None:
    careless = [name for name, text in circuit_sources().items() if arrow in _COMMENT.sub("", text)]
    assert careless == [], "hints are inputs: what a circuit computes, it constrains"
