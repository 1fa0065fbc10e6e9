"""Where a leased job runs: in a child of this process, or elsewhere."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, TypeAlias

from prover.farm.job import Job
from prover.progress import Progress
from prover.proof import Points
from prover.witness import Inputs

Prove: TypeAlias = Callable[[str, Inputs, Progress], Points]
"""Makes the proof of a size and its inputs; named as `module:function`, for another process to find it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """That there is no proof, and why."""

    evidence: str


Outcome: TypeAlias = Points | Failed


class Attempt(Protocol):
    """A job that runs; it is ended when it is left."""

    @property
    def progress(self) -> str:
        """What it does now."""

    def wait(self, seconds: float) -> Outcome | None:
        """Return what came of it, None if that is not known within so many seconds."""

    def __enter__(self) -> "Attempt": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """Starts attempts."""

    def start(self, job: Job) -> Attempt:
        """Let a job run; what goes wrong is the attempt's outcome."""


def named_prove(name: str) -> Prove:
    """Return the function that `module:function` names."""
    module, function = name.split(":")
    prove: Prove = getattr(importlib.import_module(module), function)
    return prove
