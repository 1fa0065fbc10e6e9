"""The service beside a bare endpoint: the rates that both sustain, latency at half of them; the fan-out."""

from dataclasses import dataclass
from typing import Final

from bench.load.fanout import FanoutFigures, close_code_of_who_never_reads, measure_fanout
from bench.load.flow import Flow
from bench.load.modes import BATCHES, MODES, SINGLES, Mode
from bench.load.processes import Target
from bench.load.runs import Load, RunFigures, run_load
from bench.load.search import LONG_SECONDS, highest, sustained
from prover.progress import Progress, reported

ROUNDS: Final = 2
SUBSCRIBERS: Final = 1_000

_WAYS: Final[dict[str, tuple[Target, Mode]]] = {
    "baseline": ("baseline", MODES["single"]),
    "single": ("service", MODES["single"]),
    "batch": ("service", MODES["batch"]),
    "stream": ("service", MODES["stream"]),
}
_FIRST_RATE: Final = 500.0
# What was found is met again at once, or from below.
_AGAIN: Final = 0.9
_FANOUT_FIRST_RATE: Final = 100.0
_FANOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class WayFigures:
    """One way of sending to one server: the long runs at the highest rates, and one at half of the lowest."""

    sustained: tuple[RunFigures, ...]
    half: RunFigures

    @property
    def per_second(self) -> float:
        """The median of the rates that were sustained, the lower one of two."""
        return sorted(run.per_second for run in self.sustained)[(len(self.sustained) - 1) // 2]


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """What the service sustains.

    Attributes
    ----------
    ways : dict of str to WayFigures
        The bare endpoint first.
    fanout : FanoutFigures
        At the highest rate at which every change of the book reaches everyone in time.
    slow_code : int
        With which a stream that never reads was closed.
    """

    ways: dict[str, WayFigures]
    fanout: FanoutFigures
    slow_code: int

    def times_baseline(self, way: str) -> float:
        return self.ways[way].per_second / self.ways["baseline"].per_second


def measure_service(progress: Progress) -> ServiceFigures:
    flows = {framing: Flow(framing) for framing in (SINGLES, BATCHES)}
    runs: dict[str, list[RunFigures]] = {way: [] for way in _WAYS}
    for _ in range(ROUNDS):
        for way, (target, mode) in _WAYS.items():
            first = _AGAIN * runs[way][-1].per_second if runs[way] else _FIRST_RATE
            found = sustained(target, mode, flows[mode.framing], first, progress, LONG_SECONDS)
            runs[way].append(found)
    ways = {}
    for way, (target, mode) in _WAYS.items():
        rate = min(run.per_second for run in runs[way]) / 2
        with reported(progress, f"{way} at half of what it sustains"):
            half = run_load(target, mode, flows[mode.framing], Load(rate, LONG_SECONDS))
        ways[way] = WayFigures(tuple(runs[way]), half)
    fanout = _fanout(flows[SINGLES], progress)
    with reported(progress, "a stream that never reads"):
        return ServiceFigures(ways, fanout, close_code_of_who_never_reads(flows[BATCHES]))


def _fanout(flow: Flow, progress: Progress) -> FanoutFigures:
    kept: dict[float, FanoutFigures] = {}

    def holds(rate: float) -> bool:
        with reported(progress, f"{SUBSCRIBERS:,} subscribers, {rate:.1f} messages a second"):
            figures = measure_fanout(SUBSCRIBERS, flow, Load(rate, _FANOUT_SECONDS))
        if figures.has_kept_up:
            kept[rate] = figures
        return figures.has_kept_up

    return kept[highest(holds, _FANOUT_FIRST_RATE)]
