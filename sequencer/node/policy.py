"""The node's bounds and intervals."""

from msgspec import Struct


class NodePolicy(Struct, frozen=True):
    """What an operator chooses; none of it changes what a message does.

    Attributes
    ----------
    batch_seconds : int
        How old a batch gets before it is closed, or, while it is empty, opened at newer prices.
    promise_seconds : int
        How long after a batch was opened its receipts are due.
    waiting_max : int
        Messages that may wait to be sequenced; more are refused as overloaded.
    group_max : int
        Messages that are verified at once.
    unproven_max : int
        Closed batches that may wait for their proofs; with more no message is taken.
    recent_max : int
        Entries that are kept in memory for clients that resume.
    """

    batch_seconds: int = 5
    promise_seconds: int = 3_600
    waiting_max: int = 10_000
    group_max: int = 256
    unproven_max: int = 100
    recent_max: int = 20_000
