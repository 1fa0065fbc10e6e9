"""A constant load for a long time: whether the server's memory grows."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression
from typing import Final

from bench.load.flow import Flow
from bench.load.modes import Mode
from bench.load.processes import Server
from bench.load.runs import Load, RunFigures, drive, prepare

MEBIBYTE: Final = 1 << 20
WARM_SHARE: Final = 0.3
"""Of the time, before which growth does not count: buffers and caches that have a bound fill up first."""

_PERIOD_SECONDS: Final = 1.0
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class SoakFigures:
    """The run, and the server's memory in it.

    Attributes
    ----------
    memory_mib : tuple of float
        Each second from the start of the load.
    growth : float
        MiB a minute: the slope of a straight line through all seconds after the warm-up.
    """

    run: RunFigures
    memory_mib: tuple[float, ...]
    growth: float


class _Sampler(threading.Thread):
    """Reads the memory of a server each second."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._ended = threading.Event()
        self._samples: list[tuple[float, float]] = []

    def run(self) -> None:
        begin = time.monotonic()
        while not self._ended.wait(_PERIOD_SECONDS):
            self._samples.append((time.monotonic() - begin, self._server.memory_bytes() / MEBIBYTE))

    def end(self) -> list[tuple[float, float]]:
        """Return seconds and MiB of each sample."""
        self._ended.set()
        self.join()
        return self._samples


def measure_soak(mode: Mode, flow: Flow, load: Load) -> SoakFigures:
    """Drive a new server while its memory is read."""
    prepare(mode, flow, load)
    with Server("service") as server:
        sampler = _Sampler(server)
        sampler.start()
        try:
            run = drive(server, mode, flow, load)
        finally:
            samples = sampler.end()
    return SoakFigures(run, tuple(round(memory, 1) for _, memory in samples), growth(samples))


def growth(samples: Sequence[tuple[float, float]]) -> float:
    """Return by how much a minute grows what is given with its seconds, after the warm-up."""
    late = [(at, value) for at, value in samples if at >= WARM_SHARE * samples[-1][0]]
    return linear_regression(*zip(*late, strict=True)).slope * _MINUTE
