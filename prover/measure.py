"""What a step costs: wall-clock time, processor time, and the most memory that was resident at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR_REFS: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"
KIBIBYTE: Final = 1024


@dataclass(slots=True)
class Usage:
    """Cost of a step that ran in one process.

    Attributes
    ----------
    seconds : float
        Wall-clock time.
    cpu_seconds : float
        Processor time of all threads, which a busy machine does not stretch.
    peak_memory_bytes : int
        Largest resident set of the process during the step.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0


@contextmanager
def measured() -> Iterator[Usage]:
    """Measure the body, which runs in this process; the figures are there when it ends.

    Where the kernel does not let the peak be reset, it is that of the process so far.
    """
    with suppress(OSError):
        _CLEAR_REFS.write_text(_RESET_PEAK)
    usage = Usage()
    begin, cpu_begin = time.perf_counter(), time.process_time()
    yield usage
    usage.seconds = time.perf_counter() - begin
    usage.cpu_seconds = time.process_time() - cpu_begin
    usage.peak_memory_bytes = _peak_memory_bytes()


def _peak_memory_bytes() -> int:
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * KIBIBYTE for line in lines if line.startswith("VmHWM:"))
