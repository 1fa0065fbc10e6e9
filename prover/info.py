"""How large a circuit is, in all and by part.

Rule for the parts: a constraint belongs to the component, first level below `main`, of its youngest wire.
circom numbers a component's own signals before those of its components, these in the order of their creation,
and a constraint defines a signal from older ones; so the youngest wire tells where the constraint stands.
Simplification moves a few constraints of `main` itself to the component that they read. The parts add up.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Final, TypedDict

from prover import native
from prover.artifacts import ArtifactStore
from prover.binfile import read_section, read_sections
from prover.circuit import circuit_of
from prover.compile import CompiledCircuit, compile_circuit
from prover.manifest import file_digest
from prover.progress import SILENT, Progress, reported
from prover.symbols import symbol_lines

_RULE_VERSION: Final = "1"
_CONSTRAINTS_SECTION: Final = 2
# A term of a linear combination in 32-bit words: the wire, then the coefficient.
_TERM_WORDS: Final = 9
_MAIN: Final = "main"
# An anonymous component is named after its template, with a place in the source added.
_PART = re.compile(r"main\.(?P<name>\w+?)(?:_\d+_\d+)?(?:\[\d+\])*\.")


class CircuitInfo(TypedDict):
    """What `proofbook circuit info` shows."""

    name: str
    template: str
    parameters: dict[str, int]
    constraints: int
    constraints_by_part: dict[str, int]
    wires: int
    public_inputs: list[str]
    private_inputs: int
    public_outputs: int
    r1cs_sha256: str


def circuit_info(size: str, progress: Progress = SILENT, store: ArtifactStore | None = None) -> CircuitInfo:
    """Return the figures of a batch size, or of `exit`; compiles the circuit if it is not compiled."""
    store = store or ArtifactStore()
    return describe(compile_circuit(circuit_of(size), store, progress), store, progress)


def describe(compiled: CompiledCircuit, store: ArtifactStore, progress: Progress = SILENT) -> CircuitInfo:
    """Return the figures of a compiled circuit; counted once, then kept in the cache."""
    digest = file_digest(compiled.r1cs)

    def count(target: Path) -> None:
        with reported(progress, f"count constraints of {compiled.circuit.name}"):
            target.write_text(json.dumps(constraints_by_part(compiled)))

    kept = store.file("info", compiled.circuit.name, digest + _RULE_VERSION, count)
    circuit, sizes = compiled.circuit, native.sizes(compiled.r1cs)
    return {
        "name": circuit.name,
        "template": circuit.template,
        "parameters": circuit.parameters,
        "constraints": sizes["constraints"],
        "constraints_by_part": json.loads(kept.read_text()),
        "wires": sizes["wires"],
        "public_inputs": list(circuit.public),
        "private_inputs": sizes["private_inputs"],
        "public_outputs": sizes["public_outputs"],
        "r1cs_sha256": digest,
    }


def constraints_by_part(compiled: CompiledCircuit) -> dict[str, int]:
    """Return the number of constraints of each part, the largest first; `main` is what no component holds."""
    youngest = _youngest_wires(compiled.r1cs)
    counted: Counter[str] = Counter()
    for wire, name in symbol_lines(compiled.symbols):
        constraints = youngest.pop(wire, 0)
        if constraints:
            place = _PART.match(name)
            counted[place["name"] if place else _MAIN] += constraints
    counted[_MAIN] += sum(youngest.values())
    return {part: count for part, count in counted.most_common() if count}


def _youngest_wires(r1cs: Path) -> Counter[int]:
    """Return how many constraints have each wire as the one of the highest number."""
    sections = read_sections(r1cs, b"r1cs", "compile the circuit again")
    words = memoryview(read_section(r1cs, sections[_CONSTRAINTS_SECTION])).cast("I")
    youngest: Counter[int] = Counter()
    at = 0
    while at < len(words):
        highest = 0
        for _ in range(3):
            end = at + 1 + words[at] * _TERM_WORDS
            highest = max((highest, *words[at + 1 : end : _TERM_WORDS]))
            at = end
        youngest[highest] += 1
    return youngest
