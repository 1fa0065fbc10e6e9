"""A settler at work until it is killed, and what L1 takes back from it."""

import time
from pathlib import Path

from sequencer.batch.sizes import BatchSize
from sequencer.records.directories import Directories
from sequencer.records.entries import Unwound
from sequencer.snapshot.files import drop_after
from sequencer.store.ledger_store import LedgerStore
from sequencer.submitter.submitter import Step
from tests.node import venue
from tests.settler import journals

_PAUSE_SECONDS = 0.01
SNAPSHOT_EVERY = 2


def create(data: Path) -> Directories:
    """A venue before its first batch, of node and settler."""
    directories = venue.create(data)
    LedgerStore.create(directories.ledger, venue.beginning()).close()
    return directories


def settle(data: Path, size: BatchSize) -> None:
    """Follow the journal for ever, without L1."""
    with journals.settler(Directories(data), snapshot_every=SNAPSHOT_EVERY, size=size) as settler:
        while True:
            if settler.step() is not Step.MOVED:
                time.sleep(_PAUSE_SECONDS)


def follow(directories: Directories, size: BatchSize) -> list[int]:
    """Follow the journal to its end; return the roots."""
    with journals.settler(directories, snapshot_every=SNAPSHOT_EVERY, size=size) as settler:
        journals.follow(settler)
    return list(journals.roots(directories))


def take_back(directories: Directories, batches: int) -> None:
    """Let L1 undo the last batches of a ledger whose settler is dead, as the settler does it."""
    with LedgerStore.open(directories.ledger) as store:
        last = max(0, store.load().counters.batch_number - batches)
        store.rollback(last)
    drop_after(directories.snapshots, last)
    venue.settle(directories, Unwound(last, "a reorganisation"), *venue.onboarding(2))
