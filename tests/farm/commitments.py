"""Jobs that take milliseconds: each commits to a line, as tests/prover does."""

from functools import cache

from prover.backends import BACKENDS
from prover.proof import Points
from prover.prover import Prover
from prover.verification_key import VerificationKey
from prover.witness import Inputs
from sequencer import _core
from sequencer.model.constants import FIELD_MODULUS
from tests.prover.conftest import small_circuit

SIZE = "commitment"
AT = 11


@cache
def prover() -> Prover:
    return Prover(small_circuit("Commitment"), BACKENDS["native"])


def keys() -> dict[str, VerificationKey]:
    return {SIZE: prover().keys.verification_key}


def line(number: int) -> Inputs:
    """The inputs of one job; another number, another job."""
    slope, offset = 3 + number, -5
    commitment = _core.poseidon([slope, offset % FIELD_MODULUS])
    return {"c": commitment, "r": AT, "y": AT * slope + offset, "line": [slope, offset]}


def proof(number: int) -> Points:
    return prover().prove(line(number)).points


def public(number: int) -> tuple[int, ...]:
    inputs = line(number)
    return tuple(int(str(inputs[name])) for name in ("c", "r", "y"))
