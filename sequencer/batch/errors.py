"""Why a command cannot be part of a batch. Nothing has changed when one of these is raised."""

from sequencer.model.errors import ProofbookError


class CapacityError(ProofbookError):
    """A command needs more room than an empty batch has."""

    code = "capacity"
    cure = "trade against fewer resting orders at once, or run a larger circuit size"


class RequestAfterMessageError(ProofbookError):
    """Requests are consumed before messages."""

    code = "request_after_message"
    cure = "put the request into the next batch"


class EpochOpenError(ProofbookError):
    """Requests may still join the batch, so its epoch is not known."""

    code = "epoch_open"
    cure = "ask once the batch has a message"


class BatchSealedError(ProofbookError):
    """The batch was sealed already."""

    code = "batch_sealed"
    cure = "open the next batch"
