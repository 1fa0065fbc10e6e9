"""The machine that the figures are of."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from prover.compile import COMPILER_VERSION
from prover.snarkjs import SNARKJS_VERSION
from sequencer.chain.anvil import ANVIL

_CPUINFO: Final = Path("/proc/cpuinfo")
_GIBIBYTE: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Machine:
    """The processor, the system and the tools.

    Attributes
    ----------
    load_average : float
        Of the last minute, before the first figure: how many processes wanted a core.
    """

    processor: str
    cores: int
    memory_gib: float
    system: str
    load_average: float
    tools: dict[str, str]


def describe_machine() -> Machine:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    kernel = ".".join(platform.release().split(".")[:2])
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / _GIBIBYTE, 1),
        system=f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {kernel}",
        load_average=round(os.getloadavg()[0], 2),
        tools={
            "Python": platform.python_version(),
            "Rust": _said("rustc", "--version").split()[1],
            "Node.js": _said("node", "--version").removeprefix("v"),
            "circom": COMPILER_VERSION,
            "snarkjs": SNARKJS_VERSION,
            "wasmtime": version("wasmtime"),
            "anvil": _said(str(ANVIL), "--version").splitlines()[0].split()[-1],
        },
    )


def _processor() -> str:
    lines = _CPUINFO.read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
