"""The prover: inputs in, verified proof out."""

import tempfile
from functools import cached_property
from pathlib import Path

from prover import native
from prover.artifacts import ArtifactStore
from prover.backends import Backend, backend_named
from prover.circuit import Circuit, circuit_of
from prover.compile import CompiledCircuit, compile_circuit
from prover.errors import ArtifactError, InvalidProofError, WitnessRejectedError
from prover.measure import Usage, measured
from prover.progress import SILENT, Progress, reported
from prover.proof import Points, Proof
from prover.setup import Keys, development_keys
from prover.witness import Inputs, WitnessCalculator
from prover.wtns import Witness, read_witness


class Prover:
    """Proves one circuit with one back end and development keys.

    Parameters
    ----------
    circuit : Circuit
        What is proven.
    backend : Backend
        Who proves it.
    store : ArtifactStore, optional
        Cache of circuits and keys.
    progress : Progress, optional
        Told of every long step.
    """

    def __init__(
        self,
        circuit: Circuit,
        backend: Backend,
        store: ArtifactStore | None = None,
        progress: Progress = SILENT,
    ) -> None:
        self.circuit = circuit
        self.backend = backend
        self._store = store or ArtifactStore()
        self.progress = progress

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The compiled circuit; compiled when first asked for."""
        return compile_circuit(self.circuit, self._store, self.progress)

    @cached_property
    def keys(self) -> Keys:
        """The keys, made when first asked for; every file's hash is checked against the manifest."""
        keys = development_keys(self.compiled, self._store, self.progress)
        with reported(self.progress, f"check files of {self.circuit.name}"):
            keys.check(self.compiled)
        return keys

    @cached_property
    def _calculator(self) -> WitnessCalculator:
        with reported(self.progress, f"load witness calculator of {self.circuit.name}"):
            return WitnessCalculator(self.compiled, self._store)

    def prepare(self) -> Keys:
        """Do all that needs no inputs: compile, set up, load. Quick when the cache has it."""
        keys = self.keys
        _ = self._calculator
        return keys

    def check(self, inputs: Inputs) -> Witness:
        """Return the witness of `inputs` if it satisfies every constraint, without proving anything.

        Raises
        ------
        WitnessInputError
            If the inputs do not fit the circuit.
        WitnessRejectedError
            If they break a constraint.
        """
        witness = self._calculator.calculate(inputs)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "witness.wtns"
            witness.write(path)
            constraint = native.violated_constraint(self.compiled.r1cs, path)
        if constraint is not None:
            raise WitnessRejectedError(
                f"{self.circuit.name}: the witness breaks constraint {constraint}",
                "correct the circuit's inputs",
                [],
            )
        return witness

    def prove(self, inputs: Inputs) -> Proof:
        """Return a verified proof of `inputs`.

        Raises
        ------
        WitnessInputError, WitnessRejectedError
            As `check`, where the witness calculator sees it.
        ArtifactError
            If a file is corrupt; names it.
        InvalidProofError
            If the proof does not verify.
        """
        self.prepare()
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "witness.wtns"
            with reported(self.progress, f"witness of {self.circuit.name}"), measured() as usage:
                self._calculator.calculate(inputs).write(path)
            return self.prove_witness(path, usage)

    def prove_witness(self, path: Path, witness_usage: Usage | None = None) -> Proof:
        """Return a verified proof of the witness in a file; errors as `prove`."""
        expected = self._public_signals(path)
        with reported(self.progress, f"proof of {self.circuit.name} by {self.backend.name}"):
            points, public, proving = self._made(path)
        with reported(self.progress, f"verify proof of {self.circuit.name}"), measured() as verifying:
            valid = public == expected and native.verify(self.keys.zkey, points, public)
        if not valid:
            raise self._blame(path)
        return Proof(points, public, witness_usage or Usage(), proving, verifying)

    def _public_signals(self, path: Path) -> tuple[int, ...]:
        sizes, witness = native.sizes(self.compiled.r1cs), read_witness(path)
        if len(witness) != sizes["wires"]:
            raise ArtifactError(
                f"the witness has {len(witness)} values, {self.circuit.name} has {sizes['wires']} wires",
                "calculate it with this circuit's calculator",
                path,
            )
        return witness.public(sizes["public_outputs"] + sizes["public_inputs"])

    def _made(self, path: Path) -> tuple[Points, tuple[int, ...], Usage]:
        try:
            return self.backend.prove(self.keys.zkey, path)
        except InvalidProofError as error:
            raise self._blame(path) from error

    def _blame(self, path: Path) -> InvalidProofError:
        """Say why a proof does not verify: the witness, else a key file (raised), else the back end."""
        constraint = native.violated_constraint(self.compiled.r1cs, path)
        if constraint is not None:
            return InvalidProofError(
                f"the witness breaks constraint {constraint} of {self.circuit.name}",
                "correct the inputs",
                path,
            )
        self.keys.check(self.compiled)
        return InvalidProofError(
            f"{self.backend.name} made a wrong proof from a good witness and key", "report this error", path
        )


def open_prover(
    size: str,
    backend: str = "snarkjs",
    progress: Progress = SILENT,
    store: ArtifactStore | None = None,
) -> Prover:
    """Return the prover of a batch size, or for `exit` that of exits; nothing is built before `prepare`.

    Parameters
    ----------
    size : str
        A size of `circuits/sizes.json`, or `exit`.
    backend : {"snarkjs", "native"}
        Who proves.

    Raises
    ------
    UnknownSizeError, UnknownBackendError
        If there is none of that name.
    """
    return Prover(circuit_of(size), backend_named(backend), store, progress)
