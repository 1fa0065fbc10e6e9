"""An engine whose attempts are child processes: a crash of native code, or a kill, ends nothing else."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import IO, Final

from pydantic import ValidationError

from prover.farm.engine import Attempt, Failed, Outcome
from prover.farm.job import EVIDENCE_CHARACTERS_MAX, Job
from prover.farm.wire import Body, PointsBody

LINE_BYTES_MAX: Final = 64 << 10

_PART_BYTES: Final = 1 << 16


class Said(Body):
    """A line from the child: one of these is there."""

    progress: str | None = None
    proof: PointsBody | None = None
    error: str | None = None


class ChildEngine:
    """Runs each attempt as `python -m prover.farm.child_main`.

    Parameters
    ----------
    prove : str
        `module:function` of a `Prove`.
    """

    def __init__(self, prove: str) -> None:
        self._prove = prove

    def start(self, job: Job) -> Attempt:
        """See `Engine.start`."""
        return ChildAttempt(self._prove, job)


class ChildAttempt:
    """A child that proves one job; it and its children die when it is left, or when this process dies."""

    def __init__(self, prove: str, job: Job) -> None:
        self.progress = "start"
        self._partial = b""
        # Unlinked files: nothing is left of them when this process is killed.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the attempt is left
        with tempfile.TemporaryFile() as inputs:
            inputs.write(job.inputs)
            inputs.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "prover.farm.child_main", prove, job.size],
                stdin=inputs,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._said = self._process.stdout.fileno()

    def __enter__(self) -> "ChildAttempt":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The group outlives its leader where snarkjs runs in it.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()

    def wait(self, seconds: float) -> Outcome | None:
        """See `Attempt.wait`."""
        ready, _, _ = select.select([self._said], [], [], seconds)
        if not ready:
            return None
        part = os.read(self._said, _PART_BYTES)
        if not part:
            return self._failed(f"the prover's process ended with {self._ending()} and no proof")
        *lines, self._partial = (self._partial + part).split(b"\n")
        if len(self._partial) > LINE_BYTES_MAX:
            return self._failed("the prover's process says what cannot be read")
        for line in lines:
            if (outcome := self._heard(line)) is not None:
                return outcome
        return None

    def _heard(self, line: bytes) -> Outcome | None:
        try:
            said = Said.model_validate_json(line)
        except ValidationError:
            return self._failed("the prover's process says what cannot be read")
        if said.proof is not None:
            return said.proof.points()
        if said.error is not None:
            return self._failed(said.error)
        self.progress = said.progress or ""
        return None

    def _ending(self) -> str:
        status = self._process.wait()
        return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"

    def _failed(self, cause: str) -> Failed:
        """Return a cause with what it was doing and the end of what it printed."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - EVIDENCE_CHARACTERS_MAX // 2))
        printed = self._errors.read().decode(errors="replace").strip()
        lines = [cause, f"it was at: {self.progress}", *([f"it printed:\n{printed}"] if printed else [])]
        return Failed("\n".join(lines))
