"""Why a log cannot be written or read; one class a cause."""

from sequencer.model.errors import ProofbookError


class JournalError(ProofbookError):
    """A log cannot be opened, written or read."""


class JournalMissingError(JournalError):
    """There is no log at the path."""

    code = "log_missing"
    cure = "give the path of an existing log"


class JournalLockedError(JournalError):
    """Another process, or another part of this one, has the log open for writing."""

    code = "log_locked"
    cure = "stop the other writer first: a log has one"


class JournalUnavailableError(JournalError):
    """The log cannot be read or written, or a write failed and what the disk holds is unknown."""

    code = "log_unavailable"
    cure = "check the path, its permissions and the disk, and open the log again"


class JournalCorruptedError(JournalError):
    """The log holds something that no writer wrote, or lacks what one wrote."""

    code = "log_corrupted"
    cure = "restore the log's directory from a backup; nothing was cut"


class JournalShortError(JournalError):
    """The log ends before the entries that its reader has had."""

    code = "log_short"
    cure = "restore the log that belongs to the reader's state, or start the reader anew"


class JournalOversizedError(JournalError):
    """An entry is longer than a frame may be; it was not appended."""

    code = "log_oversized"
    cure = "split the entry"


class JournalBacklogError(JournalError):
    """Too much waits for a commit; the entry was not appended."""

    code = "log_backlog"
    cure = "commit, then append again"
