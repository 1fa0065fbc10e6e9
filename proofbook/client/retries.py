"""When to try again, and how long to wait before."""

import random

from msgspec import Struct


class RetryPolicy(Struct, frozen=True):
    """How a client treats what may pass.

    Attributes
    ----------
    attempts_max : int
        How often a request is sent at most.
    patience_seconds : float
        No more attempt begins so long after the first.
    first_seconds, longest_seconds : float
        Pause after the first attempt, which doubles each time, and its bound.
    """

    attempts_max: int = 8
    patience_seconds: float = 30.0
    first_seconds: float = 0.1
    longest_seconds: float = 5.0

    def pause(self, attempt: int, asked_seconds: float = 0.0) -> float:
        """Return how long to wait after an attempt, counted from 1.

        Between half of the pause and all of it, so that clients do not come back together; at least what the
        exchange asked for.
        """
        longest = min(self.longest_seconds, self.first_seconds * 2.0 ** min(attempt - 1, 30))
        return max(asked_seconds, longest * random.uniform(0.5, 1.0))
