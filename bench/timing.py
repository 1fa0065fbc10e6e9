"""Measuring. Runs that are compared take turns in one process, so that a busy moment meets them all."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from prover.measure import Usage
from prover.progress import Progress, reported
from sequencer.cli.progress import StepProgress

Seconds = float


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of something a second: the median run, and all of them in order."""

    median: int
    runs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step costs: seconds of the median run, the most memory of any, and all runs in order."""

    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    runs: tuple[Usage, ...]


class StepTimes(StepProgress):
    """Prints the steps and keeps how long each took."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: dict[str, float] = {}

    def finished(self, step: str, seconds: float) -> None:
        super().finished(step, seconds)
        self.seconds[step] = seconds


def side_by_side(
    variants: Mapping[str, Callable[[], Seconds]], count: int, runs: int, progress: Progress
) -> dict[str, Rate]:
    """Run the variants in turn, `runs` times each; a run does `count` things and returns its seconds."""
    taken: dict[str, list[Seconds]] = {name: [] for name in variants}
    for number in range(1, runs + 1):
        for name, run in variants.items():
            with reported(progress, f"{name}, run {number} of {runs}"):
                taken[name].append(run())
    return {name: _rate(count, seconds) for name, seconds in taken.items()}


def cost(runs: Sequence[Usage]) -> Cost:
    return Cost(
        seconds=median(run.seconds for run in runs),
        cpu_seconds=median(run.cpu_seconds for run in runs),
        peak_memory_bytes=max(run.peak_memory_bytes for run in runs),
        runs=tuple(runs),
    )


def seconds_of(step: Callable[[], object]) -> Seconds:
    """Return how long a call takes."""
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def _rate(count: int, taken: Sequence[Seconds]) -> Rate:
    rates = tuple(round(count / seconds) for seconds in taken)
    return Rate(round(median(rates)), rates)
