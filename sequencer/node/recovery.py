"""Starting where the disk says: snapshot, journal and history lead to the machine and its projector."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct

from sequencer.batch.sizes import BatchSize
from sequencer.history.projector import Projector
from sequencer.history.seeding import projector_after
from sequencer.history.store import HistoryStore
from sequencer.history.types import Projection
from sequencer.journal.reader import read_log
from sequencer.journal.writer import LogWriter
from sequencer.node.errors import ReplayError
from sequencer.node.machine import Machine
from sequencer.node.survivors import Numbered, Survivors
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, JournalEntry, Unwound
from sequencer.records.entry_codec import decode_entry
from sequencer.snapshot.files import newest_snapshot
from sequencer.snapshot.snapshot import Snapshot
from sequencer.store.life import BatchState

_GROUP_MAX: Final = 1_000
"""Entries that the history gets at once."""


class Recovered(Struct):
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
    course = _course(directories, history)
    machine = _machine(course.snapshot, size, history)
    projector = projector_after(machine.state, course.snapshot.batch, history)
    replayed = _replayed(course.survivors, machine, projector)
    while group := list(islice(replayed, _GROUP_MAX)):
        history.apply(group)
    machine.returned.extend(course.survivors.returned)
    return Recovered(machine, writer, history, projector, course.unwindings)


def _replayed(survivors: Survivors, machine: Machine, projector: Projector) -> Iterator[Projection]:
    """Carry out what counts; yield what each entry changed."""
    for number, entry in survivors:
        events = () if entry is None else machine.carry_out(entry)
        if events is None:
            raise ReplayError(f"entry {number} does not fit its batch: the journal is of another batch size")
        update = None if entry is None else machine.update(number, entry, events)
        yield projector.skip(number) if update is None else projector.apply(update)


def _machine(snapshot: Snapshot, size: BatchSize, history: HistoryStore) -> Machine:
    """Return the machine where a snapshot stands in the journal; its batch need not be proven or final."""
    machine = Machine(snapshot, size)
    unfinished = [each for each in history.unfinished_batches() if each.number <= snapshot.batch]
    proven = [each.number for each in unfinished if each.state and each.state >= BatchState.PROVEN]
    machine.final = min((each.number - 1 for each in unfinished), default=snapshot.batch)
    machine.proven = max(proven, default=machine.final)
    for payload in snapshot.place.armed:
        machine.carry_out(_decoded(payload))
    return machine


def _course(directories: Directories, history: HistoryStore) -> "_Course":
    """Return the newest snapshot that the history reaches and no unwinding undoes, and what follows it.

    What the journal has before the snapshot's place is not read. An unwinding there matters to nothing: the
    snapshot is of what was left, none of the messages that it returned waits any more, the snapshot counts
    it, and the history, which reaches as far, has seen it.
    """
    up_to: int | None = None
    while True:
        snapshot = newest_snapshot(directories.snapshots, up_to, within=history.position)
        if snapshot is None:
            raise ReplayError(f"{directories.snapshots} has no snapshot that the history reaches")
        course = _Course(directories.journal, snapshot)
        if course.last_unwound > history.position > 0:
            history.wipe()
        elif course.left < snapshot.batch:
            up_to = course.left
        elif course.length < history.position:
            raise ReplayError(
                f"the history ends with entry {history.position}, the journal with {course.length}"
            )
        else:
            return course


class _Course:
    """A snapshot, and what the journal says after it; read once, when this is made.

    Attributes
    ----------
    snapshot : Snapshot
        Where it begins.
    survivors : Survivors
        The entries after the snapshot's place.
    length : int
        Number of the journal's last entry.
    unwindings : int
        How many the whole journal has.
    last_unwound : int
        Number of the last one after the snapshot's place, 0 if there is none.
    left : int
        The last batch of the snapshot that none of those undoes.
    """

    def __init__(self, journal: Path, snapshot: Snapshot) -> None:
        self.snapshot, self.left = snapshot, snapshot.batch
        self.length, self.unwindings, self.last_unwound = snapshot.place.entry, snapshot.place.unwindings, 0
        self.survivors = Survivors(self._read(journal), snapshot.batch + 1)

    def _read(self, journal: Path) -> Iterator[Numbered]:
        place, batch = self.snapshot.place, self.snapshot.batch
        entries = _entries(journal, max(place.entry, 1))
        if place.entry and next(entries, None) != (place.entry, Closed(batch)):
            raise ReplayError(f"entry {place.entry} of the journal does not close batch {batch}")
        for number, entry in entries:
            self.length = number
            if isinstance(entry, Unwound):
                self.last_unwound, self.unwindings = number, self.unwindings + 1
                self.left = min(self.left, entry.to_batch)
            yield number, entry


def _entries(journal: Path, first: int) -> Iterator[Numbered]:
    for number, payload in read_log(journal, first):
        yield number, _decoded(payload)


def _decoded(payload: bytes) -> JournalEntry:
    return decode_entry(payload)  # type: ignore[return-value]  # the journal has journal entries alone
