"""The moments of writing a snapshot, for tests that kill the process at each of them."""

from collections.abc import Callable
from enum import Enum, auto


class Moment(Enum):
    """What has just happened in the directory."""

    WRITTEN = auto()
    """A temporary file has the bytes. They are not on disk yet."""
    SYNCED = auto()
    """They are on disk."""
    NAMED = auto()
    """The file has its name. The name is not on disk yet."""
    REMOVED = auto()
    """A snapshot is gone. That is not on disk yet."""


Announce = Callable[[Moment], None]
"""Called with each moment."""


def silent(moment: Moment) -> None:
    """Announce nothing."""
