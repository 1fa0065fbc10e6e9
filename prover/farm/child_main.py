"""A worker's child: inputs come in, lines of JSON go out, the last with a proof or why there is none."""

import os
import select
import signal
import sys
import threading

from prover.errors import ProverError
from prover.farm.child import Said
from prover.farm.engine import named_prove
from prover.farm.inputs import decoded
from prover.farm.wire import PointsBody


class Mouth:
    """Says lines to the worker; a `Progress` too.

    Parameters
    ----------
    descriptor : int
        The pipe to the worker.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def say(self, said: Said) -> None:
        """Say one line."""
        line = said.model_dump_json(exclude_none=True).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

    def started(self, step: str) -> None:
        """Say which step began."""
        self.say(Said(progress=step))

    def finished(self, step: str, seconds: float) -> None:
        """Leave it to the next step to be said."""


def main() -> None:
    """Prove what the worker gives, and say what came of it."""
    _, prove, size = sys.argv
    # What others print must not be taken for a line.
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_die_with_worker, args=(descriptor,), daemon=True).start()
    mouth = Mouth(descriptor)
    try:
        points = named_prove(prove)(size, decoded(sys.stdin.buffer.read()), mouth)
    except ProverError as error:
        mouth.say(Said(error=str(error)))
    else:
        mouth.say(Said(proof=PointsBody.of(points)))


def _die_with_worker(descriptor: int) -> None:
    """End the whole process group when nobody is left to read the pipe."""
    poll = select.poll()
    poll.register(descriptor, 0)
    poll.poll()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
