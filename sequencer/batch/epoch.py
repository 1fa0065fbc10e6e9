"""What a batch fixes before it acknowledges a message: time, prices and the end of the request queue."""

from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.engine.commands import OpenEpoch


class Epoch(Struct, frozen=True):
    """The fixed part of a batch that has a message.

    Attributes
    ----------
    batch_number : int
        From 1 up.
    timestamp : int
        Seconds.
    requests_end : int
        L1 requests consumed when the batch is done.
    hash : int
        Of timestamp, oracle round and `requests_end`, as the batch's header has it.
    """

    batch_number: int
    timestamp: int
    requests_end: int
    hash: int


def epoch_hash(opening: OpenEpoch, requests_end: int) -> int:
    """Return time, prices and queue end in one word (docs/spec/messages.md)."""
    oracle_hash = poseidon([report.signer_word() for report in opening.reports])
    return poseidon((opening.timestamp, oracle_hash, requests_end))
