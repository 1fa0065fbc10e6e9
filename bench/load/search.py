"""The highest rate that a server sustains."""

from collections.abc import Callable
from typing import Final

from bench.load.flow import Flow
from bench.load.modes import Mode
from bench.load.processes import Target
from bench.load.runs import Load, RunFigures, run_load
from prover.progress import Progress, reported

TRIAL_SECONDS: Final = 4.0
LONG_SECONDS: Final = 20.0
PRECISION: Final = 1.05
_STEP_BACK: Final = 0.95

Trial = Callable[[float], bool]


def sustained(
    target: Target, mode: Mode, flow: Flow, first_rate: float, progress: Progress, seconds: float
) -> RunFigures:
    """Return the long run at the highest rate that is sustained: found by short runs, lowered until it is."""

    def run(rate: float, seconds: float) -> RunFigures:
        with reported(progress, f"{target}, {mode.name}, {rate:,.0f} messages a second for {seconds:.0f} s"):
            return run_load(target, mode, flow, Load(rate, seconds))

    rate = highest(lambda rate: run(rate, TRIAL_SECONDS).has_kept_up, first_rate)
    while not (figures := run(rate, seconds)).has_kept_up:
        rate *= _STEP_BACK
    return figures


def highest(holds: Trial, first: float) -> float:
    """Return a rate that holds while one that is a twentieth higher does not."""
    low, high = first, 2 * first
    if holds(first):
        while holds(high):
            low, high = high, 2 * high
    else:
        low, high = first / 2, first
        while not holds(low):
            low, high = low / 2, low
    while high / low > PRECISION:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
