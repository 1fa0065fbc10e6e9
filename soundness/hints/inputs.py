"""The hints, as the compiled circuit names them, and reading and replacing them in a batch's inputs."""

import re
from collections.abc import Mapping
from itertools import islice

from prover import native
from prover.compile import CompiledCircuit
from prover.symbols import symbol_lines
from sequencer.state.record import Signal

Inputs = Mapping[str, Signal]
Place = tuple[int, ...]
"""The indices of one element of a signal; empty for a signal without any."""

_SYMBOL = re.compile(r"main\.(?P<name>\w+)(?P<indices>(\[\d+\])*)")


def hint_elements(compiled: CompiledCircuit) -> dict[str, list[Place]]:
    """Return the elements of each hint: a circuit's first labels are its inputs, even eliminated ones."""
    sizes = native.sizes(compiled.r1cs)
    count = sizes["public_outputs"] + sizes["public_inputs"] + sizes["private_inputs"]
    elements: dict[str, list[Place]] = {}
    for _, symbol in islice(symbol_lines(compiled.symbols), count):
        found = _SYMBOL.fullmatch(symbol)
        if found is None:
            raise ValueError(f"{symbol} is no input of the main component")
        if found["name"] not in compiled.circuit.public:
            place = tuple(int(index) for index in re.findall(r"\d+", found["indices"]))
            elements.setdefault(found["name"], []).append(place)
    return elements


def value_at(signal: Signal, place: Place) -> int:
    """Return one element."""
    for index in place:
        assert not isinstance(signal, int)
        signal = signal[index]
    assert isinstance(signal, int)
    return signal


def with_value(inputs: Inputs, name: str, place: Place, value: int) -> dict[str, Signal]:
    """Return the inputs with another value of one element."""
    return {**inputs, name: _replaced(inputs[name], place, value)}


def _replaced(signal: Signal, place: Place, value: int) -> Signal:
    if not place:
        return value
    assert not isinstance(signal, int)
    return [
        _replaced(item, place[1:], value) if index == place[0] else item for index, item in enumerate(signal)
    ]
