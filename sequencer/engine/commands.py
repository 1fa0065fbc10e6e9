"""What the engine is asked to do; `apply` takes one of these."""

from msgspec import Struct

from sequencer.model.config import Configuration
from sequencer.model.message import Message
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request


class OpenEpoch(Struct, frozen=True, gc=False):
    """Open a batch: its timestamp (seconds) and the quorum's reports of one new oracle round.

    Attributes
    ----------
    configuration : Configuration or None
        What holds from this batch on, where the last batch consumed a change; None keeps what held.
    """

    timestamp: int
    reports: tuple[OracleReport, ...]
    configuration: Configuration | None = None


class ProcessRequest(Struct, frozen=True, gc=False):
    """Consume the next request of the L1 queue."""

    request: Request


class SequenceMessage(Struct, frozen=True, gc=False):
    """Give an admitted message the next sequence and carry it out."""

    message: Message


class CloseEpoch(Struct, frozen=True, gc=False):
    """Close a batch: the debt that the insurance fund's trades left is charged, and what it has is noted."""


Command = OpenEpoch | ProcessRequest | SequenceMessage | CloseEpoch
