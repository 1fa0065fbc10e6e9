"""A process that serves this one and never outlives it."""

import ctypes
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

START_SECONDS_MAX: Final = 120.0

_POLL_SECONDS: Final = 0.02
_STOP_SECONDS: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1


class ChildError(Exception):
    """A process did not start; the text says why, for who started it to say more."""


def start(
    command: Sequence[str],
    log: Path,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process whose output goes to a file.

    Raises
    ------
    ChildError
        If there is no such program.
    """
    try:
        with log.open("wb") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=environment,
                preexec_fn=die_with_parent,
            )
    except OSError as error:
        raise ChildError(f"{command[0]} cannot be started: {error.strerror}") from error


def die_with_parent() -> None:
    """Ask the kernel to kill the process when this one dies, even if it is killed itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until_said(process: subprocess.Popen[bytes], log: Path, line: re.Pattern[str]) -> str:
    """Return the first group of the line that says that the process is ready.

    Raises
    ------
    ChildError
        If it ends, or takes too long.
    """
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        status = process.poll()
        said = log.read_text(errors="replace")
        if match := line.search(said):
            return match[1]
        if status is not None:
            last = said.strip().splitlines()[-1:] or ["nothing"]
            raise ChildError(f"ended with status {status} and said: {last[0]}")
        time.sleep(_POLL_SECONDS)
    raise ChildError(f"did not listen within {START_SECONDS_MAX:.0f} seconds")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process, by force if it takes too long."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
