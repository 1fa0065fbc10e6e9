"""What a worker may be given in the place of a prover: honest, slow, broken, lying."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from prover.errors import WitnessRejectedError
from prover.progress import Progress
from prover.proof import Points
from prover.witness import Inputs
from tests.farm import commitments

MODULE = __name__
ONCE_VARIABLE = "PROOFBOOK_TEST_ONCE"
PID_VARIABLE = "PROOFBOOK_TEST_PID"


def honest(size: str, inputs: Inputs, progress: Progress) -> Points:
    """The proof of a commitment."""
    assert size == commitments.SIZE
    progress.started(f"proof of {size}")
    points = commitments.prover().prove(inputs).points
    progress.finished(f"proof of {size}", 0.0)
    return points


def slow(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Never ends with the first line, whose process it leaves the number of; is honest with the others."""
    if inputs == commitments.line(0):
        Path(os.environ[PID_VARIABLE]).write_text(str(os.getpid()))
        progress.started(f"slow proof of {size}")
        time.sleep(3_600)
    return honest(size, inputs, progress)


def patient(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Ends when a test says so."""
    pid_file = Path(os.environ[PID_VARIABLE])
    pid_file.write_text(str(os.getpid()))
    while not pid_file.with_name("go").exists():
        time.sleep(0.05)
    return honest(size, inputs, progress)


def unhurried(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Takes a moment, so that a kill finds it at work."""
    progress.started(f"unhurried proof of {size}")
    time.sleep(0.3)
    return honest(size, inputs, progress)


def crashing(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Native code that reads where nothing is."""
    progress.started(f"proof of {size}")
    print("about to crash", file=sys.stderr, flush=True)
    ctypes.string_at(0)
    return honest(size, inputs, progress)


def killed(size: str, inputs: Inputs, progress: Progress) -> Points:
    """What happens to who takes all the memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return honest(size, inputs, progress)


def refusing(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Inputs that break a constraint."""
    progress.started(f"witness of {size}")
    raise WitnessRejectedError("constraint 7 is broken", "correct the inputs", [])


def lying(size: str, inputs: Inputs, progress: Progress) -> Points:
    """A valid proof of something else."""
    return honest(size, commitments.line(1_000), progress)


def chatting(size: str, inputs: Inputs, progress: Progress) -> Points:
    """A library that prints to standard output."""
    print("hello from a library")
    os.write(1, b"and from native code\n")
    return honest(size, inputs, progress)


def lying_once(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Lies the first time."""
    return (lying if _first() else honest)(size, inputs, progress)


def crashing_once(size: str, inputs: Inputs, progress: Progress) -> Points:
    """Crashes the first time."""
    return (crashing if _first() else honest)(size, inputs, progress)


def _first() -> bool:
    try:
        Path(os.environ[ONCE_VARIABLE]).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def named(function: str) -> str:
    """The name by which an engine finds one of these."""
    return f"{MODULE}:{function}"
