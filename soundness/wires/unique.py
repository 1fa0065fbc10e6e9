"""Which signals of a template its inputs determine."""

from collections.abc import Collection
from dataclasses import dataclass

from msgspec.structs import replace

from prover import native
from prover.compile import CompiledCircuit, compile_circuit
from soundness.templates import Template
from soundness.wires.explained import Explanation, matches
from soundness.wires.names import kind, kinds, read_wires


@dataclass(frozen=True, slots=True)
class Determinacy:
    """What the inputs of one circuit determine.

    Attributes
    ----------
    outputs, determined_outputs : int
        How many outputs there are and how many are determined.
    inverses : int
        Wires that are open only where all that they multiply is zero, so that nothing depends on them.
    trusted : list of str
        Kinds of signals that are open unless the explanations are trusted.
    open : list of str
        Kinds of signals that are open nevertheless.
    """

    outputs: int
    determined_outputs: int
    inverses: int
    trusted: list[str]
    open: list[str]


def template_determinacy(template: Template, trusted: Collection[Explanation]) -> Determinacy:
    """Propagate from the inputs of a template, every one of which has a wire.

    circom drops a private input whose copy is an output; a public one it keeps.
    """
    circuit = template.circuit()
    compiled = compile_circuit(circuit)
    dropped = read_wires(compiled).dropped
    return determinacy(compile_circuit(replace(circuit, public=dropped)) if dropped else compiled, trusted)


def determinacy(compiled: CompiledCircuit, trusted: Collection[Explanation]) -> Determinacy:
    """Propagate from the inputs of the main component.

    Parameters
    ----------
    trusted : collection of Explanation
        Of quotients whose divisor is never zero and of bits that are unique although their sum could wrap.
    """
    wires = read_wires(compiled)
    trusted_wires = [wire for wire, name in wires.names.items() if wire > 0 and matches(trusted, kind(name))]
    alone = native.undetermined_wires(compiled.r1cs, wires.inputs, [])
    left = native.undetermined_wires(compiled.r1cs, wires.inputs, trusted_wires) if trusted_wires else alone
    return Determinacy(
        outputs=len(wires.outputs),
        determined_outputs=sum(wire not in left for wire in wires.outputs),
        inverses=sum(left.values()),
        trusted=kinds(wires.names[wire] for wire in trusted_wires if wire in alone and wire not in left),
        open=kinds(wires.names[wire] for wire, only_times_zero in left.items() if not only_times_zero),
    )
