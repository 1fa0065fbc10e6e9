"""What the wires of a compiled circuit are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from prover import native
from prover.compile import CompiledCircuit
from prover.symbols import symbol_lines

# circom numbers an anonymous component by the place of the call in the source.
_WITHOUT = re.compile(r"^main\.|\[\d+\]|_\d+_\d+(?=[\[.])")

_ARGUMENT = re.compile(r"^main\.(\w+)")


@dataclass(frozen=True, slots=True)
class Wires:
    """The wires of a circuit that carry a signal.

    Attributes
    ----------
    names : dict of int to str
        Each wire's first signal: of a signal and its copies, that of the outermost component.
    outputs, inputs : list of int
        Those of the main component.
    dropped : tuple of str
        Inputs of it without a wire of their own: copies of outputs, or read by nothing.
    """

    names: dict[int, str]
    outputs: list[int]
    inputs: list[int]
    dropped: tuple[str, ...]


def read_wires(compiled: CompiledCircuit) -> Wires:
    """Return the wires; the symbols begin with the main component's outputs, then its inputs."""
    sizes = native.sizes(compiled.r1cs)
    outputs, inputs = sizes["public_outputs"], sizes["public_inputs"] + sizes["private_inputs"]
    names: dict[int, str] = {}
    for wire, name in symbol_lines(compiled.symbols):
        names.setdefault(wire, name)
    main = list(islice(symbol_lines(compiled.symbols), outputs + inputs))
    return Wires(
        names,
        [wire for wire, _ in main[:outputs]],
        [wire for wire, _ in main[outputs:] if wire >= 0],
        tuple(dict.fromkeys(_ARGUMENT.findall(name)[0] for wire, name in main[outputs:] if wire < 0)),
    )


def kind(name: str) -> str:
    """Return a signal's name without what tells equal parts apart.

    `main.same[3].IsEqual_4_101[0].out` is `same.IsEqual.out`.
    """
    return _WITHOUT.sub("", name)


def kinds(names: Iterable[str]) -> list[str]:
    """Return the kinds of signals, each once, in the order of their first signals."""
    return list(dict.fromkeys(map(kind, names)))
