"""Why the node takes no message, or cannot run."""

from sequencer.model.errors import ProofbookError


class NodeError(ProofbookError):
    """The node cannot do what it was asked."""


class NotReadyError(NodeError):
    """The node takes no messages at present."""

    code = "not_ready"
    cure = "send the same message again once the status says ready"


class OverloadedError(NodeError):
    """More messages wait than the node lets wait."""

    code = "overloaded"
    cure = "send the same message again, more slowly"


class SettlementBehindError(NodeError):
    """Too many batches wait for their proofs."""

    code = "settlement_behind"
    cure = "send the same message again when proofs have caught up"


class StoppingError(NodeError):
    """The node is about to stop."""

    code = "stopping"
    cure = "send the same message again to the node that follows"


class NonceUsedError(NodeError):
    """Another message of the account was sequenced under this nonce."""

    code = "nonce_used"
    cure = "sign again with a larger nonce"


class NotReplacedError(NodeError):
    """The cancel of a replacement found no order, so that the new order was not sequenced."""

    code = "not_replaced"
    cure = "look up the order that was to be replaced: it has ended"


class DeadManError(NodeError):
    """A cancel-all cannot be kept for later."""

    code = "dead_man"
    cure = "sign a cancel-all with a nonce that no other message will reach, and a time to come"


class ListingError(NodeError):
    """The listings are not those of the configuration's markets."""

    code = "listing"
    cure = "name each live market once, with tick_size * lot_size * 10^6 = its quote_per_tick_lot"


class ReplayError(NodeError):
    """The journal does not lead from the snapshot to a state: they are not of one exchange."""

    code = "journal_replay"
    cure = "restore journal and snapshots from one backup"


class UnwoundError(NodeError):
    """Batches were undone: the node starts anew from what is left."""

    code = "unwound"
    cure = "start the node again"
