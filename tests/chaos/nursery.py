"""Processes that cost little, so that hundreds may be killed: forks of one that has imported everything."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sequencer.chain.child import die_with_parent
from tests.chaos.disk import Trouble

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("disk.c")
KILLED = -signal.SIGKILL
NO_TROUBLE = Trouble()
_POLL_SECONDS = 0.002
_SECONDS_MAX = 120

Work = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Birth:
    """What a process is to do, and what trouble its disk meets at some paths."""

    work: Work
    arguments: tuple[Any, ...]
    watched: tuple[Path, ...]
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Death:
    """How a process ended.

    Attributes
    ----------
    status : int
        0 if it did its work, 1 if that raised an error, the negative number of the signal that killed it.
    calls : str
        Of a process that was not killed: how it changed what was watched; see `tests.chaos.disk.calls`.
    """

    status: int
    calls: str


class Child:
    """A process at work."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid

    def kill(self) -> None:
        """End it here and now; it must not have been waited for."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Death:
        """Return how it ended."""
        death = self._nursery.ask("wait", self.pid)
        assert isinstance(death, Death)
        return death

    def has_ended(self) -> bool:
        return bool(self._nursery.ask("has_ended", self.pid))

    def wait_for(self, said: Path) -> None:
        """Return once there is something in a file that the process writes, or it has ended."""
        deadline = time.monotonic() + _SECONDS_MAX
        while not (said.exists() and said.stat().st_size) and not self.has_ended():
            assert time.monotonic() < deadline, "the process says nothing"
            time.sleep(_POLL_SECONDS)


class Nursery:
    """The process of which the others are forks."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout

    def prepare(self, work: Work) -> None:
        """Do a work in the nursery itself, so that what it caches is there in all processes."""
        self.ask("prepare", work)

    def start(
        self, work: Work, *arguments: Any, watched: tuple[Path, ...] = (), trouble: Trouble = NO_TROUBLE
    ) -> Child:
        """Return a process that does a work, which must be a function of a module."""
        return Child(self, self.ask("start", Birth(work, arguments, watched, trouble)))

    def run(
        self, work: Work, *arguments: Any, watched: tuple[Path, ...] = (), trouble: Trouble = NO_TROUBLE
    ) -> Death:
        """Let a process do a work; return how it ended."""
        return self.start(work, *arguments, watched=watched, trouble=trouble).wait()

    def ask(self, what: str, of: Any) -> Any:
        """Have the nursery do something; return its answer."""
        pickle.dump((what, of), self._to)
        self._to.flush()
        return pickle.load(self._from)


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """A nursery whose processes have a disk that fails on command; it is compiled into a folder."""
    library = folder / "disk.so"
    subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.nursery_main"],
        cwd=ROOT,
        env={**os.environ, "LD_PRELOAD": str(library)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=die_with_parent,
    )
    with process:
        yield Nursery(process)
        process.kill()
