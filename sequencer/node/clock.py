"""What time it is: a parameter of the node, so that a test can say it."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns UTC milliseconds."""


def system_clock() -> int:
    """Return UTC milliseconds."""
    return time.time_ns() // 1_000_000
