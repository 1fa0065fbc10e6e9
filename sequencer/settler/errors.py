"""Why the settler stops."""

from sequencer.model.errors import ProofbookError


class SettlerError(ProofbookError):
    """The settler cannot go on without a decision."""


class JournalMismatchError(SettlerError):
    """The journal does not lead on from the ledger."""

    code = "journal_mismatch"
    cure = "journal and ledger must be of one venue and one time: restore both from the same backup"


class SettlementMismatchError(SettlerError):
    """The settlement log says what this ledger has never had."""

    code = "settlement_mismatch"
    cure = "settlement log and ledger must be of one venue and one time: restore both from the same backup"


class UnreadableEntryError(SettlerError):
    """A log holds an entry that this release does not know."""

    code = "unreadable_entry"
    cure = "use the release that wrote the log"


class ProofFailedError(SettlerError):
    """A batch's proving job was set aside or cancelled."""

    code = "proof_failed"
    cure = "`proofbook prove show` says why, `proofbook prove retry` lets it be tried again; then start again"
