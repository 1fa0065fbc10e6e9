"""The witness calculator that circom generates, run under wasmtime.

The calculator takes and gives one 32-bit limb a call. A small module in the same store makes these calls for
a whole array at a time, so that Python crosses the border once per input signal and once for the witness.
"""

import functools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeAlias

import wasmtime

from prover.artifacts import ArtifactStore
from prover.binfile import FIELD_BYTES
from prover.compile import CompiledCircuit
from prover.errors import WitnessInputError, WitnessRejectedError
from prover.wasm import engine, load_module
from prover.wtns import Witness
from sequencer.model.constants import FIELD_MODULUS

Nested: TypeAlias = "int | Sequence[Nested] | Mapping[str, Nested]"
Inputs: TypeAlias = Mapping[str, Nested]

_LOG: Final = logging.getLogger(__name__)
_PAGE_BYTES: Final = 65_536
_CAUSES: Final = {
    1: "signal not found",
    2: "too many signals set",
    3: "signal already set",
    4: "constraint or assertion failed",
    5: "not enough memory",
    6: "input signal array access exceeds the size",
    7: "array access out of bounds",
}
_REJECTED: Final = 4
# The compiler numbers the instances of a template.
_PLACE = re.compile(r"Error in template (\w+)_\d+ line: (\d+)")

_COPIER: Final = Path(__file__).with_name("copier.wat")


class WitnessCalculator:
    """Calculates witnesses of one circuit.

    Parameters
    ----------
    compiled : CompiledCircuit
        The circuit.
    store : ArtifactStore, optional
        Cache of the translated module.
    """

    def __init__(self, compiled: CompiledCircuit, store: ArtifactStore | None = None) -> None:
        cure = f"delete {compiled.directory} to compile the circuit again"
        self._module = load_module(store or ArtifactStore(), compiled.wasm, cure)
        self._name = compiled.circuit.name

    def calculate(self, inputs: Inputs) -> Witness:
        """Return the witness of `inputs`.

        Parameters
        ----------
        inputs : mapping of str to nested lists of int
            Every input signal of the main component, in its shape; a bus is a mapping. Negative numbers are
            field elements.

        Raises
        ------
        WitnessInputError
            If a signal is unknown, missing, or has too few or too many values.
        WitnessRejectedError
            If the inputs break a constraint; the message names templates and lines, innermost first.
        """
        with closing(_Run(self._module, self._name)) as run:
            for name, numbers in signals(inputs).items():
                run.set(name, [_field_element(name, number) for number in numbers])
            return run.witness()


class _Run:
    """One instance of the calculator, good for one witness."""

    def __init__(self, module: wasmtime.Module, name: str) -> None:
        self._name = name
        self._said: list[str] = []
        self._store = wasmtime.Store(engine())
        self._linker = wasmtime.Linker(engine())
        self._define_host(self._linker)
        circuit = self._linker.instantiate(self._store, module)
        self._linker.define_instance(self._store, "circuit", circuit)
        copier = self._linker.instantiate(self._store, _copier())
        self._circuit = circuit.exports(self._store)
        self._copier = copier.exports(self._store)
        memory = self._copier["memory"]
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory
        self._missing = int(self._call(self._circuit["getInputSize"]))
        self._call(self._circuit["init"], 1)

    def set(self, name: str, values: list[int]) -> None:
        """Set one input signal; the last one to be set starts the calculation."""
        high, low = _signal_hash(name)
        size = int(self._call(self._circuit["getInputSignalSize"], high, low))
        if size <= 0 < len(values):
            raise WitnessInputError(f"{self._name} has no input {name!r}", "correct the name")
        if len(values) != size:
            raise WitnessInputError(
                f"input {name!r} of {self._name} has {size} values, got {len(values)}", "correct the shape"
            )
        self._missing -= size
        content = b"".join(value.to_bytes(FIELD_BYTES, "little") for value in values)
        self._reserve(len(content))
        self._memory.write(self._store, content)
        self._call(self._copier["set"], high, low, size)

    def witness(self) -> Witness:
        """Return the witness, once all inputs are set."""
        if self._missing:
            raise WitnessInputError(
                f"{self._missing} input values of {self._name} are missing", "give every input signal"
            )
        count = int(self._call(self._circuit["getWitnessSize"]))
        self._reserve(count * FIELD_BYTES)
        self._call(self._copier["read"], count)
        return Witness(bytes(self._memory.read(self._store, 0, count * FIELD_BYTES)))

    def close(self) -> None:
        """Free the instance's memory: its host functions refer back to it, so that no collector would."""
        self._linker.close()
        self._store.close()

    def _call(self, function: Any, *arguments: int) -> Any:
        return function(self._store, *arguments)

    def _reserve(self, size_bytes: int) -> None:
        lacking = size_bytes - self._memory.data_len(self._store)
        if lacking > 0:
            self._memory.grow(self._store, -(-lacking // _PAGE_BYTES))

    def _define_host(self, linker: wasmtime.Linker) -> None:
        one_code = wasmtime.FuncType([wasmtime.ValType.i32()], [])
        nothing = wasmtime.FuncType([], [])
        host = (
            ("exceptionHandler", one_code, self._stop),
            ("printErrorMessage", nothing, lambda caller: self._said.append(_message(caller))),
            ("writeBufferMessage", nothing, lambda caller: _LOG.info("%s", _message(caller))),
            ("showSharedRWMemory", nothing, lambda caller: _LOG.info("%d", _shared_value(caller))),
        )
        for name, kind, function in host:
            linker.define_func("runtime", name, kind, function, access_caller=True)

    def _stop(self, _caller: wasmtime.Caller, code: int) -> None:
        cause = _CAUSES.get(code, f"error {code}")
        trace = [(name, int(line)) for name, line in _PLACE.findall("\n".join(self._said))]
        where = ", in ".join(f"{name} line {line}" for name, line in trace)
        message = f"{self._name}: {cause} in {where or 'the witness calculator'}"
        if code == _REJECTED:
            raise WitnessRejectedError(message, "correct the circuit's inputs", trace)
        raise WitnessInputError(message, "correct the circuit's inputs")


def signals(inputs: Inputs, prefix: str = "") -> dict[str, list[int]]:
    """Return the numbers of each input signal, in order; a bus gives ``bus.field`` or ``bus[0].field``."""
    named: dict[str, list[int]] = {}
    for name, value in inputs.items():
        _collect(named, prefix + name, value)
    return named


def _collect(named: dict[str, list[int]], name: str, value: Nested) -> None:
    if isinstance(value, Mapping):
        named.update(signals(value, f"{name}."))
    elif isinstance(value, int) or not _holds_bus(value):
        named[name] = list(_flatten(value))
    else:
        for index, item in enumerate(value):
            _collect(named, f"{name}[{index}]", item)


def _holds_bus(value: Nested) -> bool:
    while isinstance(value, Sequence) and value:
        value = value[0]
    return isinstance(value, Mapping)


def _flatten(value: Nested) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    else:
        for item in value:
            assert not isinstance(item, str), "an array holds buses or numbers, not both"
            yield from _flatten(item)


@functools.cache
def _copier() -> wasmtime.Module:
    return wasmtime.Module(engine(), _COPIER.read_text())


def _field_element(name: str, value: int) -> int:
    if not -FIELD_MODULUS < value < FIELD_MODULUS:
        raise WitnessInputError(
            f"input {name!r} holds {value}, whose size is p or more", "reduce it modulo p"
        )
    return value % FIELD_MODULUS


def _signal_hash(name: str) -> tuple[int, int]:
    """Return the two halves of the name's 64-bit FNV-1a hash, as signed 32-bit integers."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return _signed(state >> 32), _signed(state & 0xFFFFFFFF)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word


def _exported(caller: wasmtime.Caller, name: str) -> wasmtime.Func:
    function = caller[name]
    assert isinstance(function, wasmtime.Func)
    return function


def _message(caller: wasmtime.Caller) -> str:
    take = _exported(caller, "getMessageChar")
    return "".join(map(chr, iter(lambda: int(take(caller)), 0)))


def _shared_value(caller: wasmtime.Caller) -> int:
    read = _exported(caller, "readSharedRWMemory")
    limbs = (int(read(caller, limb)) & 0xFFFFFFFF for limb in range(FIELD_BYTES // 4))
    return sum(limb << 32 * index for index, limb in enumerate(limbs))
