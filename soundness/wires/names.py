"""What the wires of a compiled circuit are called."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from prover import native
from prover.compile import CompiledCircuit
from prover.symbols import symbol_lines

_INDEX = re.compile(r"\[\d+\]")
# circom numbers anonymous components by the place of the call in the source.
_ANONYMOUS = re.compile(r"_\d+_\d+(?=[\[.])")


@dataclass(frozen=True, slots=True)
class Symbols:
    """The signals of a circuit that have a wire.

    Attributes
    ----------
    names : dict of int to str
        Each wire's first signal: of a signal and its copies, that of the outermost component.
    outputs, inputs : list of int
        Wires of the main component's outputs, of its inputs.
    """

    names: dict[int, str]
    outputs: list[int]
    inputs: list[int]


def read_names(compiled: CompiledCircuit) -> Symbols:
    """Return who stands on which wire. The main component's signals come first, its outputs before its inputs."""
    sizes = native.sizes(compiled.r1cs)
    outputs = sizes["public_outputs"]
    inputs = sizes["public_inputs"] + sizes["private_inputs"]
    wires = [wire for wire, _ in islice(symbol_lines(compiled.symbols), outputs + inputs)]
    names: dict[int, str] = {}
    for wire, name in symbol_lines(compiled.symbols):
        names.setdefault(wire, name)
    present = [wire for wire in wires[outputs:] if wire >= 0]
    return Symbols(names, wires[:outputs], present)


def signal_class(name: str) -> str:
    """Return a name without what tells equal parts apart: `main.same[3].IsEqual_4_101.out` is `same[].IsEqual.out`."""
    return _INDEX.sub("[]", _ANONYMOUS.sub("", name)).removeprefix("main.")


def by_class(names: Iterable[str]) -> dict[str, list[str]]:
    """Collect names under their classes."""
    classes = defaultdict(list)
    for name in names:
        classes[signal_class(name)].append(name)
    return dict(classes)
