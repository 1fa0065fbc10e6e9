"""How long steps tell what they are doing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Listener to long steps; a command line prints them."""

    def started(self, step: str) -> None:
        """Hear that a step began, for example ``compile batch-small``."""

    def finished(self, step: str, seconds: float) -> None:
        """Hear that the step ended well after `seconds`."""


class Silent:
    """A listener that says nothing."""

    def started(self, step: str) -> None:
        """Ignore the step."""

    def finished(self, step: str, seconds: float) -> None:
        """Ignore the step."""


SILENT: Progress = Silent()


@contextmanager
def reported(progress: Progress, step: str) -> Iterator[None]:
    """Report the body as one step; a step that raises is started and never finished."""
    progress.started(step)
    begin = time.perf_counter()
    yield
    progress.finished(step, time.perf_counter() - begin)
