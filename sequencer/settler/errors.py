"""Why the settler stops."""

from sequencer.model.errors import ProofbookError


class SettlerError(ProofbookError):
    """The settler cannot go on without a decision."""


class JournalMismatchError(SettlerError):
    """The journal does not lead on from the ledger, or not as the settlement log says."""

    code = "journal_mismatch"
    cure = "they are of different venues or times: remove the ledger, it is made anew from the journal"


class JournalBehindError(SettlerError):
    """The journal ends before a batch that was settled."""

    code = "journal_behind"
    cure = "restore the journal from a copy that has the batch; do not start the node on this one"


class GenesisMissingError(SettlerError):
    """There is no ledger, and no snapshot of the genesis to begin one with."""

    code = "genesis_missing"
    cure = "`proofbook serve init` writes it from the configuration with which the rollup was deployed"


class SettlementMismatchError(SettlerError):
    """The settlement log says what this ledger has never had."""

    code = "settlement_mismatch"
    cure = "it is of another venue or time: remove its directory, it is made anew from the journal"


class UnreadableEntryError(SettlerError):
    """A log holds an entry that this release does not know."""

    code = "unreadable_entry"
    cure = "use the release that wrote the log"


class ProofFailedError(SettlerError):
    """A batch's proving job was set aside or cancelled."""

    code = "proof_failed"
    cure = "`proofbook prove show` says why, `proofbook prove retry` lets it be tried again; then start again"
