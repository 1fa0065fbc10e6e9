"""The moments of the settler's work, for logs, and for tests that kill the process at each of them."""

from collections.abc import Callable
from enum import Enum, auto

from sequencer.submitter.moments import Moment as SubmitterMoment


class Moment(Enum):
    """What has just happened, with which batch."""

    SEALED = auto()
    """A closed batch is built. Not stored yet."""
    COMMITTED = auto()
    """Stored: the ledger has the batch."""
    SNAPSHOT = auto()
    """Stored: the snapshot of the batch. Older ones are not removed yet."""
    GIVEN = auto()
    """The farm has the batch."""
    CONFIRMED = auto()
    """Stored: more requests are confirmed. The number is how many there are now."""
    PROGRESSED = auto()
    """Stored: the settlement log says how far the batch is."""
    DROPPED = auto()
    """Stored: no snapshot is later than this batch, after which all are undone in the ledger."""
    UNWOUND = auto()
    """Stored: the settlement log says that all batches after this one are undone."""
    WAITING = auto()
    """L1 does not say which requests there are, for the cause that is said."""


Announce = Callable[[Moment | SubmitterMoment, int, str], None]
"""Called with the moment, the batch's number and, where there is one, the cause."""


def silent(moment: Moment | SubmitterMoment, number: int, cause: str) -> None:
    """Announce nothing."""
