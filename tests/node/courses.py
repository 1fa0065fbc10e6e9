"""A venue without a chain whose journal has all that may stand before and after a snapshot."""

from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import plyvel  # type: ignore[import-untyped]

from sequencer.batch.builder import BatchBuilder
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.journal.writer import LogWriter
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message, SignedMessage
from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from sequencer.records.entries import (
    Armed,
    Closed,
    Disarmed,
    Entry,
    JournalEntry,
    Opened,
    Progressed,
    Sequenced,
    Unwound,
)
from sequencer.records.entry_codec import encode_entry
from sequencer.snapshot.files import snapshot_batches
from sequencer.state.ledger import Ledger
from sequencer.store.life import BatchState
from tests import strategies
from tests.batch.fixtures import ledger_of
from tests.settler.journals import ACCOUNTS, LEVERAGE, SIZE, create, follow, joined, settler, write

BATCHES = 9
SEGMENT_BYTES = 2_048


def cancel_all(account: int) -> SignedMessage:
    return strategies.signed_message(Message(account, 1, 999, MessageKind.CANCEL_ALL))


def start() -> Ledger:
    """The ledger before the first batch: positions that are soon too large, no orders."""
    return ledger_of(strategies.genesis(ACCOUNTS, leverage=LEVERAGE))


@cache
def batches() -> list[list[JournalEntry]]:
    ledger = start()
    state, found = ledger.state(), []
    streams = strategies.batches(3, BATCHES, accounts=ACCOUNTS, leverage=LEVERAGE, newcomers=1)
    for number, (opening, *commands) in enumerate(streams, 1):
        assert isinstance(opening, OpenEpoch)
        builder = BatchBuilder(ledger, state, SIZE, opening)
        entries = [entry for command in commands if (entry := joined(builder, command)) is not None]
        found.append([Opened(number, opening), *entries, Closed(number)])
        builder.seal()
    return found


def of(first: int, last: int = BATCHES) -> list[JournalEntry]:
    """The journal's entries of some batches."""
    return list(chain.from_iterable(batches()[first - 1 : last]))


def fired() -> SignedMessage:
    """A message of the last batches, which was armed before."""
    return next(entry.signed for entry in of(7) if isinstance(entry, Sequenced))


def course() -> list[JournalEntry]:
    """A journal with all that may be before and after a snapshot: batches 4 and 5 are undone, and 5 again."""
    armed = [Armed(cancel_all(1), 5), Armed(cancel_all(2), 6), Armed(fired(), 7)]
    again = of(5, 5)
    return [
        *of(1, 1),
        *armed,
        *of(2, 5),
        *(Progressed(1, state, bytes(32)) for state in (BatchState.PROVEN, BatchState.FINAL)),
        Progressed(2, BatchState.PROVEN),
        *of(6, 6)[:-1],
        Unwound(3, ""),
        *of(4, 4),
        Disarmed(2),
        *again,
        Unwound(4, ""),
        Armed(cancel_all(2), 8),
        *of(5),
    ]


UNWOUND = (Unwound(3, ""), Unwound(4, ""))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a node stands that has recovered."""

    state: State
    batches: tuple[int, int, int]
    armed: dict[int, Armed]
    returned: list[SignedMessage]
    unwindings: int
    history: dict[bytes, bytes]


def stand(directories: Directories) -> Stand:
    recovered = recover(directories, SIZE)
    recovered.history.close()
    recovered.writer.close()
    database = plyvel.DB(str(directories.history))
    history = dict(database.iterator())
    database.close()
    machine = recovered.machine
    return Stand(
        machine.state,
        (machine.closed, machine.proven, machine.final),
        machine.armed,
        list(machine.returned),
        recovered.unwindings,
        history,
    )


def journal(directories: Directories, entries: list[JournalEntry]) -> None:
    """A journal of many segments."""
    with LogWriter(directories.journal, SEGMENT_BYTES) as writer:
        for entry in entries:
            writer.append(encode_entry(entry))
            writer.commit()


def settled(path: Path, entries: list[JournalEntry], unwound: tuple[Entry, ...] = UNWOUND) -> Directories:
    """A venue whose settler has followed a journal, with a snapshot of every batch that may have one."""
    directories = create(path, start())
    journal(directories, entries)
    write(directories.settlement, unwound)
    with settler(directories, snapshot_every=1, snapshots_kept=99) as running:
        follow(running)
    return directories


def only(directories: Directories, batch: int) -> None:
    """Leave no snapshot but this one and the genesis."""
    for other in snapshot_batches(directories.snapshots):
        if other not in (0, batch):
            (directories.snapshots / f"{other:012d}.snapshot").unlink()
