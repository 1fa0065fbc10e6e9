"""The entries of the two logs. The journal moves the engine's state; the settlement log says what L1 shows.

Applied in order to the same snapshot, the journal's entries lead to the same state on every machine.
"""

from msgspec import Struct

from sequencer.engine.commands import OpenEpoch
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.store.life import BatchState


class Opened(Struct, frozen=True, gc=False):
    """A batch was opened; one of the same number that is still empty gives way to it."""

    batch: int
    opening: OpenEpoch


class Consumed(Struct, frozen=True, gc=False):
    """The open batch took the next request of the L1 queue."""

    request: Request


class Sequenced(Struct, frozen=True, gc=False):
    """A signed message got the next sequence; `received_ms` is the node's clock (UTC), for reports alone."""

    signed: SignedMessage
    received_ms: int


class Decided(Struct, frozen=True, gc=False):
    """A liquidation or an unwinding, which nobody signs, got the next sequence."""

    message: Message


class Closed(Struct, frozen=True, gc=False):
    """The open batch is complete."""

    batch: int


class Armed(Struct, frozen=True, gc=False):
    """A pre-signed cancel-all is kept for its account, to be sequenced from `fire_at_ms` (UTC) on.

    It takes the place of the one that was kept before.
    """

    signed: SignedMessage
    fire_at_ms: int


class Disarmed(Struct, frozen=True, gc=False):
    """No cancel-all is kept for the account any more."""

    account: int


class Progressed(Struct, frozen=True, gc=False):
    """A batch has come further on its way to L1, or back.

    Attributes
    ----------
    state : BatchState
        Never `SEQUENCED`: that is what `Closed` says.
    transaction : bytes
        Hash of the transaction that carried the batch, 32 bytes; empty until it is mined.
    """

    batch: int
    state: BatchState
    transaction: bytes = b""


class Unwound(Struct, frozen=True, gc=False):
    """Every batch after `to_batch` is undone; its signed messages are to be sequenced again, in order."""

    to_batch: int
    cause: str


class Refused(Struct, frozen=True, gc=False):
    """A message of an undone batch is not sequenced again: the state does not admit it, for this code."""

    signed: SignedMessage
    code: str


class Confirmed(Struct, frozen=True, gc=False):
    """The next request of the L1 queue is deep enough to be consumed.

    After an `Unwound` they begin again with the first one: what was confirmed may be another queue now.
    """

    request: Request


JournalEntry = (
    Opened | Consumed | Sequenced | Decided | Closed | Armed | Disarmed | Progressed | Unwound | Refused
)
SettlementEntry = Confirmed | Progressed | Unwound
Entry = JournalEntry | SettlementEntry
