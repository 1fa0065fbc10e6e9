"""What a worker's child runs: a batch's proof with either back end."""

from prover.progress import Progress
from prover.proof import Points
from prover.prover import open_prover
from prover.witness import Inputs


def native(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Return the proof of a batch, made in this process."""
    return open_prover(size, "native", progress).prove(inputs).points


def snarkjs(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Return the proof of a batch, made by snarkjs."""
    return open_prover(size, "snarkjs", progress).prove(inputs).points


def prove_named(backend: str) -> str:
    """Return the name of the function for a back end, as an engine takes it."""
    return f"{__name__}:{backend}"
