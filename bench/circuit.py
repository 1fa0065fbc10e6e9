"""The reference circuit: its constraints, and what compiling it and making its keys takes."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.timing import StepTimes
from prover import native
from prover.artifacts import ArtifactStore
from prover.compile import CompiledCircuit
from prover.info import describe
from prover.measure import Usage, measured
from prover.progress import reported
from prover.setup import DEVELOPMENT_SEED


@dataclass(frozen=True, slots=True)
class CircuitFigures:
    """The reference circuit and its set-up.

    Attributes
    ----------
    parts : dict of str to int
        Constraints by part, the largest first (docs/spec/proving.md says what a part is).
    compile_seconds : float or None
        None where the cache had the compiled circuit.
    setup : Usage
        Of the native set-up.
    """

    parameters: dict[str, int]
    constraints: int
    parts: dict[str, int]
    wires: int
    compile_seconds: float | None
    setup: Usage


def measure_circuit(compiled: CompiledCircuit, progress: StepTimes) -> CircuitFigures:
    info = describe(compiled, ArtifactStore(), progress)
    with tempfile.TemporaryDirectory() as directory:
        zkey = Path(directory) / "circuit.zkey"
        with reported(progress, f"native set-up of {info['name']}"), measured() as setup:
            native.setup(compiled.r1cs, zkey, DEVELOPMENT_SEED)
    return CircuitFigures(
        parameters=info["parameters"],
        constraints=info["constraints"],
        parts=info["constraints_by_part"],
        wires=info["wires"],
        compile_seconds=progress.seconds.get(f"compile {info['name']}"),
        setup=setup,
    )
