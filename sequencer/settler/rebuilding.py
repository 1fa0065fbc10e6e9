"""What the settler has beside the journal, made anew from the journal where it is lost."""

import shutil
from pathlib import Path

from sequencer.journal.disk import sync_directory, unavailable
from sequencer.journal.reader import read_log
from sequencer.journal.writer import LogWriter
from sequencer.model.request import Request
from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed, Consumed, Opened, SettlementEntry, Unwound
from sequencer.records.entry_codec import Kind, decode_entry, encode_entry, kind_of
from sequencer.settler.errors import GenesisMissingError, UnreadableEntryError
from sequencer.snapshot.files import newest_snapshot
from sequencer.store.ledger_store import LedgerStore

_TELLING = (Kind.OPENED, Kind.CONSUMED, Kind.UNWOUND)


def open_ledger(directories: Directories) -> LedgerStore:
    """Open a venue's ledger; one that is lost is that of the genesis, from where the journal leads on.

    Raises
    ------
    StoreError, SnapshotError
        If what the disk holds cannot be used.
    GenesisMissingError
        If neither ledger nor genesis is there.
    """
    if directories.ledger.exists() and any(directories.ledger.iterdir()):
        return LedgerStore.open(directories.ledger)
    genesis = newest_snapshot(directories.snapshots, up_to=0)
    if genesis is None:
        raise GenesisMissingError(f"{directories.data} has neither ledger nor genesis")
    return LedgerStore.create(directories.ledger, genesis.ledger(), is_rebuilt=True)


def restore_settlement(settlement: Path, journal: Path) -> None:
    """Make the settlement log anew if it is lost: what the journal has of it; the rest comes from L1 again.

    The node counts the unwindings of both, and hashes the queue up to what its state has consumed: these are
    in the log before anybody can open it.

    Raises
    ------
    JournalError, UnreadableEntryError
        If the journal cannot be read, or the disk does not take the log.
    """
    if settlement.exists() or not journal.exists():
        return
    unfinished = settlement.with_name(f"{settlement.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    with LogWriter(unfinished) as writer:
        for entry in _told_by(journal):
            writer.append(encode_entry(entry))
        writer.commit()
    with unavailable(settlement):
        unfinished.rename(settlement)
        sync_directory(settlement.parent)


def _told_by(journal: Path) -> list[SettlementEntry]:
    """Return the unwindings that a journal has, then the requests that what is left has consumed."""
    unwound: list[Unwound] = []
    consumed: list[tuple[int, Request]] = []
    batch = 0
    for number, payload in read_log(journal):
        try:
            entry = decode_entry(payload) if kind_of(payload) in _TELLING else None
        except ValueError as error:
            raise UnreadableEntryError(f"entry {number} of {journal} cannot be read ({error})") from error
        match entry:
            case Opened():
                batch = entry.batch
            case Consumed(request):
                consumed.append((batch, request))
            case Unwound(to_batch):
                unwound.append(entry)
                consumed = [(of, request) for of, request in consumed if of <= to_batch]
    return [*unwound, *(Confirmed(request) for _, request in consumed)]
