"""The faults of a disk that `disk.c` lets happen, in this process."""

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class Fault(IntEnum):
    """As in disk.c."""

    NONE = 0
    KILLED = 1
    FULL = 2
    FAILING = 3


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong, and when.

    Attributes
    ----------
    call : int
        At which of the calls that change what is watched, from 1.
    permille : int
        How much of a write is written nevertheless.
    """

    fault: Fault = Fault.NONE
    call: int = 0
    permille: int = 0

    def begin(self, watched: Iterable[Path]) -> None:
        """Let it happen in this process, which has the library preloaded, to what lies at some paths."""
        disk = ctypes.CDLL(None)
        for path in watched:
            disk.disk_watch(bytes(path))
        disk.disk_fail(int(self.fault), ctypes.c_long(self.call), ctypes.c_long(self.permille))


def calls() -> str:
    """A letter for each call so far: w(rite), s(ync), c(hange of a name or a length).

    It is a capital one where the call was under the first of the watched paths.
    """
    disk = ctypes.CDLL(None)
    disk.disk_calls.restype = ctypes.c_char_p
    return bytes(disk.disk_calls()).decode()
