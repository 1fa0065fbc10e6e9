"""Starting where the disk says: snapshot, journal and history lead to the machine and its projector."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sequencer.batch.sizes import BatchSize
from sequencer.history.projector import Projector
from sequencer.history.seeding import projector_after
from sequencer.history.store import HistoryStore
from sequencer.journal.reader import read_log
from sequencer.journal.writer import LogWriter
from sequencer.node.errors import ReplayError
from sequencer.node.machine import Machine
from sequencer.node.survivors import Numbered, Survivors
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Unwound
from sequencer.records.entry_codec import decode_entry
from sequencer.snapshot.files import newest_snapshot


@dataclass(slots=True)
class Recovered:
    """A node's parts as the disk has them.

    Attributes
    ----------
    unwindings : int
        How many the journal has.
    """

    machine: Machine
    writer: LogWriter
    history: HistoryStore
    projector: Projector
    unwindings: int


def recover(directories: Directories, size: BatchSize) -> Recovered:
    """Take the journal for writing, and carry out what the newest usable snapshot does not hold.

    The history gets what it lacks; it is made anew if batches were undone since it was written.

    Raises
    ------
    JournalError, HistoryError, SnapshotError
        If another node has the directory, or what it holds is damaged.
    ReplayError
        If journal and snapshots do not belong together.
    """
    writer = LogWriter(directories.journal)
    try:
        history = HistoryStore(directories.history)
    except BaseException:
        writer.close()
        raise
    try:
        return _recovered(directories, size, writer, history)
    except BaseException:
        history.close()
        writer.close()
        raise


def _recovered(
    directories: Directories, size: BatchSize, writer: LogWriter, history: HistoryStore
) -> Recovered:
    outline = _Outline(directories.journal)
    if outline.last_unwound > history.position > 0:
        history.wipe()
    if history.position > outline.length:
        raise ReplayError(
            f"the history ends with entry {history.position}, the journal with {outline.length}"
        )
    snapshot = newest_snapshot(directories.snapshots, up_to=outline.batch_closed_by(history.position))
    if snapshot is None:
        raise ReplayError(f"{directories.snapshots} has no snapshot that the history reaches")
    machine = Machine(snapshot, size)
    begin = outline.closed_at(snapshot.batch)
    survivors = Survivors(_entries(directories.journal), snapshot.batch + 1)
    projector = projector_after(machine.state, snapshot.batch, history)
    for number, entry in survivors:
        events = () if entry is None else machine.carry_out(entry)
        if events is None:
            raise ReplayError(f"entry {number} does not fit its batch: the journal is of another batch size")
        if number > begin:
            update = None if entry is None else machine.update(number, entry, events)
            history.apply(projector.skip(number) if update is None else projector.apply(update))
    machine.returned.extend(survivors.returned)
    return Recovered(machine, writer, history, projector, outline.unwindings)


class _Outline:
    """Where batches were closed and undone in a journal."""

    def __init__(self, journal: Path) -> None:
        self.length = self.last_unwound = self.unwindings = 0
        self._closings: list[tuple[int, int]] = []
        for number, entry in _entries(journal):
            self.length = number
            if isinstance(entry, Closed):
                self._closings.append((number, entry.batch))
            elif isinstance(entry, Unwound):
                self.last_unwound = number
                self.unwindings += 1
                self._closings = [each for each in self._closings if each[1] <= entry.to_batch]

    def closed_at(self, batch: int) -> int:
        """Return the entry that closed a batch; 0 for the genesis."""
        return next((closing for closing, closed in self._closings if closed == batch), 0)

    def batch_closed_by(self, number: int) -> int:
        """Return the last batch that an entry up to this one closed; 0 if none."""
        return max((batch for closing, batch in self._closings if closing <= number), default=0)


def _entries(journal: Path) -> Iterator[Numbered]:
    for number, payload in read_log(journal):
        yield number, decode_entry(payload)  # type: ignore[misc]  # the journal has journal entries alone
