"""The times that the service reads: a parameter, so that a test can say them."""

import time
from collections.abc import Callable
from dataclasses import dataclass


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """UTC in milliseconds, and seconds that never go back."""

    wall_ms: Callable[[], int] = _wall_ms
    seconds: Callable[[], float] = time.monotonic
