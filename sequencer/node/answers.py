"""What the node tells of itself and of a message."""

from msgspec import Struct

from sequencer.batch.sizes import BatchSize
from sequencer.chain.receipts import SignedReceipt
from sequencer.history.types import MessageRecord, OrderRecord
from sequencer.node.listing import Listing


class Answer(Struct, frozen=True, gc=False):
    """What became of a signed message.

    Attributes
    ----------
    order : OrderRecord or None
        Of an order: as it is now.
    receipt : SignedReceipt
        The operator's promise; the same whenever the message is sent again.
    repeated : bool
        Whether it was sequenced before.
    """

    record: MessageRecord
    order: OrderRecord | None
    receipt: SignedReceipt
    repeated: bool


class VenueInfo(Struct, frozen=True):
    """What does not change while the exchange lives.

    Attributes
    ----------
    rollup, receipt_signer : str
        Addresses on L1.
    domain : int
        What messages are signed for.
    """

    listings: tuple[Listing, ...]
    chain_id: int
    rollup: str
    domain: int
    receipt_signer: str
    size: BatchSize


class NodeStatus(Struct, frozen=True):
    """How the node is.

    Attributes
    ----------
    causes : tuple of str
        Why it takes no messages; empty if it does.
    open_batch, closed_batch, proven_batch, final_batch : int
        0 where there is none.
    entry : int
        The last one that is durable and shown.
    waiting : int
        Messages that wait to be sequenced.
    """

    causes: tuple[str, ...]
    open_batch: int
    closed_batch: int
    proven_batch: int
    final_batch: int
    entry: int
    waiting: int

    @property
    def is_ready(self) -> bool:
        """Whether it takes messages."""
        return not self.causes
