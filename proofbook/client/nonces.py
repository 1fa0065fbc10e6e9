"""Nonces: the client's own names for messages, in the order in which they are signed."""

import threading
import time
from collections.abc import Callable
from typing import Final

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000


def now_ms() -> int:
    """Return UTC milliseconds."""
    return time.time_ns() // _NANOSECONDS_PER_MILLISECOND


class NonceClock:
    """Nonces that strictly increase: the time in milliseconds, else one more than the last.

    Safe to share between threads. After a restart it goes on above all that it gave, unless it gave more than
    one a millisecond for the whole time.

    Parameters
    ----------
    clock
        Returns UTC milliseconds.
    """

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._last = 0

    def next(self) -> int:
        """Return a nonce larger than all before."""
        with self._lock:
            self._last = max(self._last + 1, self._clock())
            return self._last

    def pass_over(self, nonce: int) -> None:
        """Give only larger nonces from now on."""
        with self._lock:
            self._last = max(self._last, nonce)

    def ahead(self, milliseconds: int) -> int:
        """Return a nonce that the others reach only after some time; it is not counted among them."""
        with self._lock:
            return max(self._last, self._clock()) + milliseconds
