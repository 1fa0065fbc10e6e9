"""What an account and a resting order take in memory: fresh processes with many of them, and with none."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.full_venue import ORDERS_MAX, write_accounts, write_orders
from bench.resident import HOLDINGS, NODE, accounts
from prover.artifacts import PROJECT_ROOT
from prover.progress import Progress, reported

COUNT: Final = 100_000
RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class HeldFigures:
    """What is resident in a process without, and with, so many of something; the median of the runs."""

    count: int
    bytes_without: int
    bytes_with: int

    @property
    def bytes_each(self) -> int:
        return (self.bytes_with - self.bytes_without) // self.count


MemoryFigures = dict[str, HeldFigures]


def measure_memory(progress: Progress) -> MemoryFigures:
    """Return the figures by what is held."""
    figures = {
        holding: _held(holding, holding, COUNT, "0", str(COUNT), progress)
        for holding in HOLDINGS
        if holding != NODE
    }
    with TemporaryDirectory() as folder:
        names = ("dropped", "rested", "lone", "crowded")
        dropped, rested, lone, crowded = (Path(folder) / name for name in names)
        with reported(progress, "write the venues"):
            write_orders(dropped, rest=False)
            write_orders(rested, rest=True)
            write_accounts(lone, {})
            write_accounts(crowded, accounts(COUNT))
        for name, count, without, full in (
            ("accounts in a node", COUNT, lone, crowded),
            ("orders in a node", ORDERS_MAX, dropped, rested),
        ):
            figures[name] = _held(name, NODE, count, str(without), str(full), progress)
    return figures


def resident_bytes(holding: str, what: str) -> int:
    """Return what is resident in a fresh process that holds it."""
    command = (sys.executable, "-m", "bench.resident", holding, what)
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT_ROOT)
    return int(said.stdout)


def _held(name: str, holding: str, count: int, without: str, full: str, progress: Progress) -> HeldFigures:
    sizes: dict[str, list[int]] = {without: [], full: []}
    for number in range(1, RUNS + 1):
        with reported(progress, f"{name}, run {number} of {RUNS}"):
            for what, taken in sizes.items():
                taken.append(resident_bytes(holding, what))
    return HeldFigures(count, *(round(median(taken)) for taken in sizes.values()))
