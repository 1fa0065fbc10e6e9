"""Circuits under test: one template at a time, with honest witnesses and with lies."""

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from prover.artifacts import PROJECT_ROOT
from prover.circuit import Circuit, Optimization
from prover.compile import compile_circuit
from prover.errors import WitnessRejectedError
from prover.sources import include_graph, template_files, templates_in
from prover.symbols import Values, nested, read_symbols
from prover.witness import Inputs, WitnessCalculator
from prover.wtns import Witness
from sequencer import _core

_NAMELESS: Final = re.compile(r"(\w+?)_(\d+)_(\d+)(?=\.)")


class CircuitTester:
    """One template, compiled into the cache with fixed parameters.

    Parameters
    ----------
    source_or_template : str
        A template's name, which one file below `circuits/` defines; or circom text, whose last template is
        meant (project files are included by their path from the root, circomlib's by their name).
    parameters : tuple of int
        The template's parameters.
    public : tuple of str
        Public input signals.
    optimization : {"--O1", "--O2"}
        O1 keeps every signal that is not a plain copy of another, so that overrides can reach it.
    """

    def __init__(
        self,
        source_or_template: str,
        parameters: tuple[int, ...] = (),
        public: tuple[str, ...] = (),
        optimization: Optimization = "--O1",
    ) -> None:
        inline = "template" in source_or_template
        source = source_or_template if inline else f'include "{_file_of(source_or_template)}";'
        template = list(templates_in(source_or_template))[-1] if inline else source_or_template
        named = {str(index): value for index, value in enumerate(parameters)}
        circuit = Circuit(f"test-{template}", source, template, named, public, optimization)
        self._compiled = compile_circuit(circuit)
        self._calculator = WitnessCalculator(self._compiled)
        self._wires = read_symbols(self._compiled.symbols)
        self._sizes = _core.r1cs_info(str(self._compiled.r1cs))

    @property
    def constraints(self) -> int:
        """Number of constraints, linear ones included."""
        return self._sizes["constraints"]

    def witness(self, inputs: Inputs) -> dict[str, Values]:
        """Return the outputs of the main component by name, arrays as nested lists."""
        witness = self._calculator.calculate(inputs)
        outputs = list(self._wires)[: self._sizes["public_outputs"]]
        return nested({name.removeprefix("main."): witness[self._wires[name]] for name in outputs})

    def accepts(self, inputs: Inputs) -> bool:
        """Return whether the honest witness of `inputs` exists and satisfies every constraint."""
        try:
            return self._satisfies(self._calculator.calculate(inputs))
        except WitnessRejectedError:
            return False

    def rejects(self, inputs: Inputs) -> bool:
        """Return whether a constraint refuses `inputs`.

        An `assert` binds no prover: a rejection that rests on one is an AssertionError, not a pass.
        """
        try:
            return not self._satisfies(self._calculator.calculate(inputs))
        except WitnessRejectedError as rejection:
            self._require_constraint(rejection)
            return True

    def accepts_witness_with(self, inputs: Inputs, overrides: Mapping[str, int]) -> bool:
        """Return whether the constraints hold when some wires of the honest witness are overwritten.

        Parameters
        ----------
        overrides : mapping of str to int
            New values by symbol, for example ``main.quotient[0]``. circom keeps one name a wire: of a signal
            and its copies, that of the outermost component.
        """
        for name in overrides:
            if self._wires[name] < 0:
                raise KeyError(f"{name} was simplified away: override the signals that it is computed from")
        lies = {self._wires[name]: value for name, value in overrides.items()}
        return self._satisfies(self._calculator.calculate(inputs).replaced(lies))

    def accepts_splice(self, inputs: Inputs, others: Inputs, kept: str) -> bool:
        """Return whether the constraints hold of the witness of `others`, but for some wires.

        Parameters
        ----------
        inputs
            In whose honest witness those have their values.
        kept
            Pattern that the symbols of those wires match from their start, without ``main.``. Components that
            have no name are numbered by template, as in ``Range#0.bits``.
        """
        return self.accepts_mosaic((inputs, kept), (others, ".*"))

    def accepts_mosaic(self, *pieces: tuple[Inputs, str], lies: Mapping[str, int] | None = None) -> bool:
        """Return whether the constraints hold of a witness that is put together from honest ones.

        Parameters
        ----------
        pieces
            Inputs, and a pattern as in `accepts_splice`: a wire is as in the first witness whose pattern its
            symbol matches. Every wire needs one.
        lies
            Values of wires that no honest witness has, by symbol without ``main.``.
        """
        names = _numbered(name for name, wire in self._wires.items() if wire >= 0)
        witnesses = [(self._calculator.calculate(inputs), pattern) for inputs, pattern in pieces]
        told = dict(lies or {})
        values = {}
        for name, alias in names.items():
            (honest, *_) = [witness for witness, pattern in witnesses if re.match(pattern, alias)]
            wire = self._wires[name]
            values[wire] = told.pop(alias, honest[wire])
        assert not told, f"no wires: {', '.join(told)}"
        return self._satisfies(witnesses[0][0].replaced(values))

    def _satisfies(self, witness: Witness) -> bool:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "witness.wtns"
            witness.write(path)
            return _core.check_witness(str(self._compiled.r1cs), str(path)) is None

    def _require_constraint(self, rejection: WitnessRejectedError) -> None:
        if not rejection.trace:
            return
        template, line = rejection.trace[0]
        main = self._compiled.directory / "circuit.circom"
        for path in [main, *include_graph(PROJECT_ROOT, main.read_text())]:
            text = path.read_text()
            if template in templates_in(text):
                statement = text.splitlines()[line - 1]
                assert "assert" not in statement or "===" in statement, (
                    f"{path.name}:{line} rejects with an assert, which a prover is free to leave out"
                )


def wires(names: str) -> str:
    """Return the pattern of the symbols of some signals and components, all that is in these included."""
    return rf"(?:{'|'.join(names.split())})\b"


def circuit_sources() -> dict[str, str]:
    """Return the text of every file below `circuits/`, by its path from there."""
    folder = PROJECT_ROOT / "circuits"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.circom"))}


def _numbered(symbols: Iterable[str]) -> dict[str, str]:
    """Return symbols of the main component, its nameless components numbered by line."""
    names = {symbol: symbol.removeprefix("main.") for symbol in symbols}
    found = {match.groups() for name in names.values() if (match := _NAMELESS.match(name))}
    order = sorted(found, key=lambda each: (each[0], int(each[2])))
    counted = {
        f"{template}_{line}_{place}": f"{template}#{sum(other[0] == template for other in order[:rank])}"
        for rank, (template, line, place) in enumerate(order)
    }
    return {
        symbol: counted[match[0]] + name[match.end() :] if (match := _NAMELESS.match(name)) else name
        for symbol, name in names.items()
    }


def _file_of(template: str) -> Path:
    files = template_files(PROJECT_ROOT / "circuits")
    if template not in files:
        raise LookupError(f"no file below circuits/ defines the template {template}")
    return files[template].relative_to(PROJECT_ROOT)
