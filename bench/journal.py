"""Replaying a journal: messages a second from the disk to the engine's state, as a node's start does it."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.order_flow import FlowBatch, onboarding, record_order_flow, unfunded_ledger
from bench.timing import Rate, Seconds, seconds_of, side_by_side
from prover.progress import Progress, reported
from sequencer.batch.sizes import BatchSize
from sequencer.engine import State
from sequencer.journal.writer import LogWriter
from sequencer.node.machine import Machine
from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Consumed, JournalEntry, Opened, Sequenced
from sequencer.records.entry_codec import encode_entry
from sequencer.snapshot.files import newest_snapshot, write_snapshot
from sequencer.state.ledger import Ledger

BATCHES: Final = 50
BATCH_MESSAGES: Final = 1_000
RUNS: Final = 3

ROOMY: Final = BatchSize(
    name="roomy",
    steps=1 << 20,
    accounts=1 << 20,
    pages=1 << 20,
    rows=1 << 20,
    messages=1 << 20,
    requests=1 << 20,
)
"""No circuit has this size: here a batch ends where the flow has an oracle round."""

_MILLISECONDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class JournalFigures:
    """A journal that begins at the genesis.

    Attributes
    ----------
    history_kept, history_rebuilt : Rate
        Messages a second: with the history in place, and without one, so that it is written anew.
    """

    messages: int
    entries: int
    journal_bytes: int
    history_kept: Rate
    history_rebuilt: Rate


def measure_journal(progress: Progress) -> JournalFigures:
    with TemporaryDirectory() as folder:
        directories = Directories(Path(folder))
        with reported(progress, "record the order flow"):
            batches = record_order_flow(BATCHES, BATCH_MESSAGES).batches
        with reported(progress, "write the journal"):
            state = write_journal(directories, batches)
        entries = len(batches) * (BATCH_MESSAGES + 2) + sum(1 for _ in onboarding())
        # The history that the first of the two writes is the one that the second finds.
        rebuilt, kept = side_by_side(
            {
                "replay, history rebuilt": lambda: _rebuilt(directories, state, entries),
                "replay, history kept": lambda: _replayed(directories, state, entries),
            },
            BATCHES * BATCH_MESSAGES,
            RUNS,
            progress,
        ).values()
        journal_bytes = sum(file.stat().st_size for file in directories.journal.iterdir())
    return JournalFigures(BATCHES * BATCH_MESSAGES, entries, journal_bytes, kept, rebuilt)


def write_journal(directories: Directories, batches: Iterable[FlowBatch]) -> State:
    """Write the flow's journal behind the genesis; return the engine's state that it leads to."""
    return write_entries(directories, unfunded_ledger(), _entries(batches))


def write_entries(directories: Directories, ledger: Ledger, entries: Iterable[JournalEntry]) -> State:
    """Carry entries out on the snapshot of a ledger as they are journaled, each batch durable at its end."""
    write_snapshot(directories.snapshots, ledger)
    snapshot = newest_snapshot(directories.snapshots)
    assert snapshot is not None
    machine = Machine(snapshot, ROOMY)
    with LogWriter(directories.journal) as writer:
        for entry in entries:
            assert machine.carry_out(entry) is not None
            writer.append(encode_entry(entry))
            if isinstance(entry, Closed):
                writer.commit()
    return machine.state


def _entries(batches: Iterable[FlowBatch]) -> Iterator[JournalEntry]:
    for number, batch in enumerate(batches, start=1):
        yield Opened(number, batch.opening)
        if number == 1:
            yield from map(Consumed, onboarding())
        for signed in batch.messages:
            yield Sequenced(signed, batch.opening.timestamp * _MILLISECONDS)
        yield Closed(number)


def _rebuilt(directories: Directories, state: State, entries: int) -> Seconds:
    shutil.rmtree(directories.history, ignore_errors=True)
    return _replayed(directories, state, entries)


def _replayed(directories: Directories, state: State, entries: int) -> Seconds:
    """Return how long a start takes; it must lead to the state that was journaled."""

    def start() -> None:
        recovered = recover(directories, ROOMY)
        try:
            assert recovered.machine.state == state
            assert recovered.history.position == entries
        finally:
            recovered.history.close()
            recovered.writer.close()

    return seconds_of(start)
