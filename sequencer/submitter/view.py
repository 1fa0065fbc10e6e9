"""What the chain shows, as values: all of one view is read at one block."""

from msgspec import Struct

from sequencer.store.life import Inclusion


class Block(Struct, frozen=True):
    """A block's header; wei a unit of gas, seconds."""

    number: int
    hash: bytes
    base_fee: int
    timestamp: int


class Landing(Struct, frozen=True):
    """How the contract came to have a batch.

    Attributes
    ----------
    words : tuple of int
        What the operator sent: the data stream without the words of the queue.
    commitment : int
        The circuit's commitment to the whole stream.
    proof : tuple of int
        That the contract accepted: the eight coordinates of a, b, c.
    """

    inclusion: Inclusion
    words: tuple[int, ...]
    commitment: int
    proof: tuple[int, ...]


class BatchView(Struct, frozen=True):
    """What the chain shows of a batch that is not known to be mined.

    Attributes
    ----------
    batch_count, state_root : int
        Of the contract at the head.
    nonce, buried_nonce : int
        The operator's next nonce at the head, and as deep as a final block.
    max_age : int
        Seconds by which a block may be later than a batch that it makes final: the contract's bound.
    missing_since : int, optional
        Height from which on the chain lacks a request that the batch consumes; none if it has them all.
    inclusion : Inclusion, optional
        Of one of the batch's transactions that succeeded.
    landing : Landing, optional
        Where the contract has a batch of the number and there is no inclusion: what it has, and from where.
    is_known : bool
        Whether the node has the last transaction that was sent, in a block or waiting.
    """

    head: Block
    batch_count: int
    state_root: int
    nonce: int
    buried_nonce: int
    max_age: int
    missing_since: int | None
    inclusion: Inclusion | None
    landing: Landing | None
    is_known: bool
