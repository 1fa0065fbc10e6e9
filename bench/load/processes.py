"""A server in a process of its own, and what it takes of the machine."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

Target = Literal["service", "baseline"]

DATA: Final = Path(__file__).resolve().parents[2] / ".build" / "load"
"""On a disk: what is synced to memory is not durable."""

_MODULES: Final[dict[Target, str]] = {"service": "bench.load.server", "baseline": "bench.load.baseline"}
_STOP_SECONDS: Final = 60
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
# Of /proc/PID/stat behind the name in brackets: user and system time, in ticks.
_TIMES: Final = slice(11, 13)


class Server:
    """A server on a new directory, from its first answer to its end; it must end well."""

    def __init__(self, target: Target) -> None:
        self.target: Target = target

    def __enter__(self) -> Self:
        DATA.mkdir(parents=True, exist_ok=True)
        self._data = tempfile.TemporaryDirectory(dir=DATA)
        command = (sys.executable, "-m", _MODULES[self.target], str(Path(self._data.name, "venue")), "0")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None, "it is a pipe"
        told = self._process.stdout.readline()
        if not told:
            self._data.cleanup()
            raise RuntimeError(f"{' '.join(command)} ended with {self._process.wait()}")
        self.port: int = json.loads(told)["port"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        finally:
            self._data.cleanup()
        # uvicorn alone ends by the signal that it was sent, once it has shut down.
        if status not in (0, -signal.SIGTERM) and kind is None:
            raise RuntimeError(f"the server ended with {status}")

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far."""
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        return sum(map(int, text.rpartition(")")[2].split()[_TIMES])) / _TICKS

    def memory_bytes(self) -> int:
        """What it has in memory now."""
        resident = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(resident) * _PAGE_BYTES
