"""Why a store cannot be used."""

from sequencer.model.errors import ProofbookError


class StoreError(ProofbookError):
    """A store cannot be opened, read or written."""


class StoreMissingError(StoreError):
    """There is no store at the path."""

    code = "store_missing"
    cure = "create one from the genesis, or give the path of an existing store"


class StoreExistsError(StoreError):
    """There is a store at the path already."""

    code = "store_exists"
    cure = "open it, or create the new one at another path"


class StoreLockedError(StoreError):
    """Another process, or another part of this one, has the store open."""

    code = "store_locked"
    cure = "stop the other sequencer first: two would fork the ledger"


class StoreVersionError(StoreError):
    """The store was written with another schema."""

    code = "store_version"
    cure = "use the release that wrote it, or remove the directory: a settler makes it anew from the journal"


class StoreCorruptedError(StoreError):
    """What the store holds is not what was written."""

    code = "store_corrupted"
    cure = "remove the directory: a settler makes it anew from the journal"


class StoreUnavailableError(StoreError):
    """The disk does not take what is written: all of it, or nothing, is there."""

    code = "store_unavailable"
    cure = "make room on the disk, or replace it, and start again"


class BatchOutOfOrderError(StoreError):
    """Batches are committed one after the other, each once."""

    code = "batch_out_of_order"
    cure = "reopen the store and go on from the batch that it ends with"


class RecordMissingError(StoreError):
    """The store has no record of a batch."""

    code = "record_missing"
    cure = "ask for a batch between 1 and the last one committed"


class BatchFinalError(StoreError):
    """What a final batch did cannot be undone."""

    code = "batch_final"
    cure = (
        "ask for more confirmations before a batch counts as final; then remove the ledger: it is made anew"
    )
