"""Where a venue keeps what it has; each directory has one process that writes it."""

from pathlib import Path

from msgspec import Struct


class Directories(Struct, frozen=True):
    """The parts of a data directory."""

    data: Path

    @property
    def journal(self) -> Path:
        """The node's log: what was sequenced."""
        return self.data / "journal"

    @property
    def history(self) -> Path:
        """The node's database of orders and trades."""
        return self.data / "history"

    @property
    def settlement(self) -> Path:
        """The settler's log: what L1 shows."""
        return self.data / "settlement"

    @property
    def snapshots(self) -> Path:
        """The settler's snapshots of the ledger."""
        return self.data / "snapshots"

    @property
    def ledger(self) -> Path:
        """The settler's ledger."""
        return self.data / "ledger"

    @property
    def jobs(self) -> Path:
        """The queue of proving jobs."""
        return self.data / "jobs"
