"""A circuit without buses is the circuit: circom makes the same constraints of both."""

from collections import Counter

import pytest

from prover.artifacts import PROJECT_ROOT
from prover.binfile import read_section, read_sections
from prover.circuit import Circuit
from prover.compile import CompiledCircuit, compile_circuit
from prover.sources import include_graph
from soundness.static.buses import names_of, without_buses
from soundness.static.circomspect import CIRCUITS
from soundness.static.errors import BusSyntaxError
from soundness.templates import Template, every_template

NAMES = names_of(path.read_text() for path in CIRCUITS.rglob("*.circom"))
# Buses in buses, arrays of them, as ports, as inputs and outputs of anonymous components, with parameters.
TEMPLATES = ["AccountLeaf", "Intake", "Row", "LoadRows", "LoadAccounts", "MarketTable", "RequestQueue"]


def plain_source(template: Template) -> str:
    """All files of a template in one text, without buses."""
    text = f'include "{template.file.relative_to(PROJECT_ROOT)}";'
    graph = include_graph(PROJECT_ROOT, text)
    ours = [path for path in graph if path.is_relative_to(CIRCUITS)]
    lines = [
        line
        for path in ours
        for line in without_buses(path.read_text(), NAMES).splitlines()
        if not line.startswith(("pragma", "include"))
    ]
    includes = [f'include "{path.name}";' for path in graph if path not in ours]
    return "\n".join(["pragma circom 2.2.3;", *includes, *lines])


def constraints(compiled: CompiledCircuit) -> Counter[tuple[tuple[bytes, ...], ...]]:
    """The coefficients of A, B and C in each constraint; wires have other numbers in arrays of buses."""
    section = read_sections(compiled.r1cs, b"r1cs", "")[2]
    content, at = read_section(compiled.r1cs, section), 0
    found: Counter[tuple[tuple[bytes, ...], ...]] = Counter()
    while at < len(content):
        combinations = []
        for _ in range(3):
            terms, at = int.from_bytes(content[at : at + 4], "little"), at + 4
            combinations.append(
                tuple(sorted(content[at + 36 * term + 4 : at + 36 * (term + 1)] for term in range(terms)))
            )
            at += 36 * terms
        found[tuple(combinations)] += 1
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_same_constraints_come_of_both(name: str) -> None:
    (template,) = [template for template in every_template() if template.name == name]
    circuit = template.circuit()
    plain = Circuit(f"plain-{name}", plain_source(template), name, template.parameters, (), "--O1")
    assert constraints(compile_circuit(plain)) == constraints(compile_circuit(circuit))


def test_every_line_stays_where_it_is() -> None:
    for path in CIRCUITS.rglob("*.circom"):
        text = path.read_text()
        assert len(without_buses(text, NAMES).splitlines()) == len(text.splitlines())


def test_a_bus_becomes_the_signals_of_its_fields() -> None:
    text = (
        "bus Point(n) { signal x[n]; signal y; }\n"
        "template T(A) {\n    input Point(2) at[A]; // where\n    at[0].x[1] === at[1].y;\n}"
    )
    assert without_buses(text, names_of([text])).splitlines() == [
        "",
        "template T(A) {",
        "    signal input at$x[A][2]; signal input at$y[A];         ",
        "    at$x[0][1] === at$y[1];",
        "}",
    ]


def test_a_bus_that_is_assigned_something_else_is_refused() -> None:
    text = "bus Point() { signal x; signal y; }\ntemplate T() { Point() at; at <== 1 + 1; }"
    with pytest.raises(BusSyntaxError, match="2 signals and 1"):
        without_buses(text, names_of([text]))
