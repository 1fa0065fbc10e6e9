"""Free wires of honest batches and exits: those that can be changed alone."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from prover import Prover, native
from prover.compile import CompiledCircuit
from prover.witness import Inputs
from prover.wtns import Witness
from sequencer.batch.sealed import SealedBatch
from soundness.wires.names import kinds, read_wires
from tests.batch.fixtures import demo_like_batches

# Among their batches each slot of every table is met in use and out of use.
SEEDS = (3, 11)
BATCHES_A_SEED = 2


def honest_batches(size: str) -> list[SealedBatch]:
    """Return batches of random trading."""
    return [batch for seed in SEEDS for batch in demo_like_batches(seed, BATCHES_A_SEED, size)]


def free_in(prover: Prover, honest: Iterable[Inputs]) -> list[str]:
    """Return the kinds of signals whose wires are free in one of the witnesses of honest inputs."""
    wires: set[int] = set()
    for inputs in honest:
        wires.update(free_wires(prover.compiled, prover.check(inputs)))
    names = read_wires(prover.compiled).names
    return kinds(names[wire] for wire in sorted(wires))


def free_wires(compiled: CompiledCircuit, witness: Witness) -> list[int]:
    """Return the free wires of a valid witness."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "witness.wtns"
        witness.write(path)
        return native.free_wires(compiled.r1cs, path)
