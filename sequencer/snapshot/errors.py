"""Why a snapshot cannot be had or made."""

from sequencer.model.errors import ProofbookError


class SnapshotError(ProofbookError):
    """A snapshot cannot be read or written."""


class SnapshotCorruptedError(SnapshotError):
    """There are snapshots, and none of them is what was written."""

    code = "snapshot_corrupted"
    cure = "restore one from a backup, the genesis at least; the journal leads from there to the present"


class SnapshotUnavailableError(SnapshotError):
    """The file system fails."""

    code = "snapshot_unavailable"
    cure = "check the path, its permissions and the disk"
