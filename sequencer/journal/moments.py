"""The moments of a write, for tests that kill the process at each of them."""

from collections.abc import Callable
from enum import Enum, auto


class Moment(Enum):
    """What has just happened to the files of a log."""

    SEGMENT_CREATED = auto()
    """A new segment's file is there, and empty."""
    HEADER_WRITTEN = auto()
    """Its header is on disk. Its name is not yet."""
    SEGMENT_DURABLE = auto()
    """Header and name are on disk."""
    WRITING = auto()
    """A commit has taken its frames. None is written yet."""
    WRITTEN = auto()
    """The frames are in the file. They are not on disk yet."""
    DURABLE = auto()
    """The frames are on disk. Nobody knows yet."""
    TAIL_CUT = auto()
    """Opening has cut a torn tail off. The cut is not on disk yet."""


Announce = Callable[[Moment], None]
"""Called with each moment."""


def silent(moment: Moment) -> None:
    """Announce nothing."""
