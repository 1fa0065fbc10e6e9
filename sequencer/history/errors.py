"""Why the history cannot be read or continued."""

from sequencer.model.errors import ProofbookError


class HistoryError(ProofbookError):
    """The history cannot be opened, read, written or continued."""


class HistoryLockedError(HistoryError):
    """Another process, or another part of this one, has the history open."""

    code = "history_locked"
    cure = "stop the other node of this venue first"


class HistoryVersionError(HistoryError):
    """The history was written with another schema."""

    code = "history_version"
    cure = "delete its directory: the node rebuilds it from the journal"


class HistoryCorruptedError(HistoryError):
    """What the history holds is not what was written."""

    code = "history_corrupted"
    cure = "delete its directory: the node rebuilds it from the journal"


class HistoryUnavailableError(HistoryError):
    """The disk did not take a write."""

    code = "history_unavailable"
    cure = "make room on the disk or mend it, then start the node again"


class HistoryGapError(HistoryError):
    """Projections are applied one after the other, none left out."""

    code = "history_gap"
    cure = "replay the journal from the entry behind the history's position"


class HistoryBehindError(HistoryError):
    """The history ends before the snapshot from which it should go on."""

    code = "history_behind"
    cure = "start from an older snapshot: that of the genesis is always there"


class UnknownOrderError(HistoryError):
    """The engine moved an order that the projector does not hold."""

    code = "history_unknown_order"
    cure = "delete the history and replay the journal from its first entry"


class UnknownBatchError(HistoryError):
    """The journal closes a batch that is not open."""

    code = "history_unknown_batch"
    cure = "delete the history and replay the journal from its first entry"


class PageError(HistoryError):
    """A page has 1 to `PAGE_MAX` rows and begins at a row's position."""

    code = "history_page"
    cure = "ask for fewer rows, and give the cursor that came with the page before"


class IntervalError(HistoryError):
    """There are no candles of this length."""

    code = "history_interval"
    cure = "ask for one of the lengths in INTERVALS"
