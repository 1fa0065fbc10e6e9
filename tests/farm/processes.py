"""Real processes of a farm, which a test starts, kills and starts again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from prover.artifacts import PROJECT_ROOT
from prover.farm.client import FarmClient
from prover.farm.job import JobState
from sequencer.chain.child import start, wait_until_said
from tests.farm.commitments import SIZE, line
from tests.farm.provers import ONCE_VARIABLE, PID_VARIABLE, named

TOKEN = "t" * 64
LEASE_SECONDS = 2
ATTEMPTS_MAX = 3
WAIT_SECONDS = 240


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


class Site:
    """A queue's process, workers' processes, a client."""

    def __init__(
        self,
        stack: ExitStack,
        path: Path,
        kind: str = "child",
        lease_seconds: int = LEASE_SECONDS,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        self._stack, self._path, self._kind = stack, path, kind
        self._limits = (lease_seconds, attempts_max)
        self._started = 0
        self.port = 0
        self.pid_file = path / "pid"
        self.server = self.start_server()
        self.client = FarmClient(self.url, TOKEN)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_server(self) -> subprocess.Popen[bytes]:
        """The queue's process, at the port of the one before."""
        process, log = self._start("tests.farm.server_main", self._path / "jobs", self.port, *self._limits)
        self.port = int(wait_until_said(process, log, re.compile(r"^Listening on (\d+)$", re.MULTILINE)))
        self.server = process
        return process

    def start_worker(self, function: str) -> "WorkerProcess":
        """A worker's process that proves with a function of tests/farm/provers.py."""
        name = f"worker-{self._started}"
        process, log = self._start("tests.farm.pool_main", self._kind, self.url, name, named(function))
        return WorkerProcess(process, log, name)

    def kill_server(self) -> None:
        """End the queue's process as a failing machine does."""
        self.server.kill()
        self.server.wait()

    def submit(self, number: int, priority: int = 0) -> str:
        return self.client.submit(SIZE, line(number), priority)

    def wait_for(self, state: JobState, *jobs: str) -> None:
        until(lambda: all(self.client.view(job).state is state for job in jobs))

    def wait_for_progress(self, job: str, text: str) -> None:
        until(lambda: text in self.client.view(job).progress)

    def evidence(self, job: str) -> list[str]:
        return [failure.evidence for failure in self.client.view(job).failures]

    def _start(self, module: str, *arguments: object) -> tuple[subprocess.Popen[bytes], Path]:
        self._started += 1
        log = self._path / f"{self._started}.log"
        command = [sys.executable, "-m", module, *map(str, arguments)]
        names = {ONCE_VARIABLE: str(self._path / "once"), PID_VARIABLE: str(self.pid_file)}
        process = start(command, log, PROJECT_ROOT, os.environ | names)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process, log


class WorkerProcess:
    """A worker's process, its name, and what it has said."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, name: str) -> None:
        self.process, self.name, self._log = process, name, log

    def said(self) -> list[str]:
        return self._log.read_text().splitlines()

    def kill(self) -> None:
        """End it as a failing machine does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as an operator does; return its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS)


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
