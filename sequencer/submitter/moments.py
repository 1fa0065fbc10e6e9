"""The moments of a batch's way, for logs, and for tests that kill the process at each of them."""

from collections.abc import Callable
from enum import Enum, auto


class Moment(Enum):
    """What has just happened; between two moments nothing is written twice."""

    PROVING = auto()
    """Stored: the prover has the batch."""
    PROOF_MADE = auto()
    """Not stored yet."""
    PROVEN = auto()
    """Stored: the proof."""
    SIGNED = auto()
    """Not stored yet."""
    SUBMITTING = auto()
    """Stored: the signed transaction. Not sent yet."""
    SENT = auto()
    """The node has been handed the transaction."""
    FOUND = auto()
    """A block has the batch. Not stored yet."""
    MINED = auto()
    """Stored: where it is."""
    BURIED = auto()
    """The block is deep enough. Not stored yet."""
    FINAL = auto()
    """Stored: the batch is final."""
    TAKEN_BACK = auto()
    """Stored: a reorganisation took the batch out of the chain."""
    UNWINDING = auto()
    """The batch cannot be mined any more. Nothing is undone yet."""
    UNWOUND = auto()
    """Stored: the ledger before the batch, and its messages as returned."""
    WAITING = auto()
    """Nothing can be done now, for the cause that is said."""


Announce = Callable[[Moment, int, str], None]
"""Called with the moment, the batch's number and, where there is one, the cause."""


def silent(moment: Moment, number: int, cause: str) -> None:
    """Announce nothing."""
