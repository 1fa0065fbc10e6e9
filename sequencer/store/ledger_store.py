"""The ledger in LevelDB: one atomic, synced write a batch, so that a crash loses whole batches or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import plyvel  # type: ignore[import-untyped]

from sequencer.model import constants as c
from sequencer.state.ledger import Counters, Ledger, LedgerChange
from sequencer.state.record import BatchRecord
from sequencer.store import errors
from sequencer.store import state_codec as codec
from sequencer.store.database import (
    UndoableWriter,
    Writer,
    decode_undo,
    entries,
    numbered,
    open_database,
    restore,
    writing,
)
from sequencer.store.lineage import Lineage
from sequencer.store.outbox import Outbox
from sequencer.store.record_codec import decode_record, encode_record
from sequencer.store.returned import Refusal, ReturnedMessages

SCHEMA_VERSION: Final = 7

_SCHEMA: Final = b"schema"
_DEPLOYMENT: Final = b"deployment"
_COUNTERS: Final = b"counters"
_ACCOUNT: Final = b"account/"
_MARKET: Final = b"market/"
_PAGE: Final = b"page/"
_RECORD: Final = b"record/"


class LedgerStore:
    """One exchange's ledger and its batches, in one directory.

    Attributes
    ----------
    outbox : Outbox
        How far each batch has come on its way to L1.
    returned : ReturnedMessages
        What is to be sequenced again.
    lineage : Lineage
        Whether the ledger is made anew, and how often batches were undone.
    """

    def __init__(self, path: Path, database: plyvel.DB) -> None:
        self.path, self._database = path, database
        self.outbox, self.returned = Outbox(path, database), ReturnedMessages(database)
        self.lineage = Lineage(database)

    @classmethod
    def create(cls, path: Path, genesis: Ledger, *, is_rebuilt: bool = False) -> LedgerStore:
        """Make a new store that holds a ledger before its first batch; it is there as a whole or not at all.

        Parameters
        ----------
        is_rebuilt
            Whether a ledger that is lost had batches already.

        Raises
        ------
        StoreExistsError
            If there is one already.
        """
        if path.exists() and any(path.iterdir()):
            raise errors.StoreExistsError(f"{path} is not empty")
        unfinished = path.with_name(f"{path.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        with cls(path, open_database(unfinished, create=True)) as store:
            with writing(store._database) as write:
                write.put(_SCHEMA, bytes([SCHEMA_VERSION]))
                write.put(_DEPLOYMENT, codec.encode_deployment(genesis.configuration, genesis.domain))
                change = LedgerChange(genesis.accounts, genesis.markets, genesis.layout, genesis.counters)
                _put_change(write, change, genesis.roots().state)
            if is_rebuilt:
                store.lineage.begin_rebuilding()
        unfinished.rename(path)
        _sync_directory(path.parent)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> LedgerStore:
        """Open an existing store.

        Raises
        ------
        StoreMissingError, StoreLockedError, StoreVersionError, StoreCorruptedError
            Naming the path.
        """
        store = cls(path, open_database(path, create=False))
        version = store._database.get(_SCHEMA)
        if version != bytes([SCHEMA_VERSION]):
            store.close()
            found = int.from_bytes(version, "big") if version else None
            raise errors.StoreVersionError(f"{path} has schema {found}, not {SCHEMA_VERSION}")
        return store

    def load(self) -> Ledger:
        """Rebuild the ledger with its trees, and check it against the state root of the last batch.

        Raises
        ------
        StoreCorruptedError
            If an entry cannot be read, or all of them do not hash to the stored root.
        """
        try:
            counters, state_root = self._counters()
            configuration, domain = codec.decode_deployment(self._get(_DEPLOYMENT))
            markets = dict(entries(self._database, _MARKET))
            ledger = Ledger(
                configuration,
                domain,
                accounts={i: codec.decode_account(data) for i, data in entries(self._database, _ACCOUNT)},
                markets=[codec.decode_market(markets[slot]) for slot in range(c.MARKETS)],
                pages={i: codec.decode_page(data) for i, data in entries(self._database, _PAGE)},
                counters=counters,
            )
        except (ValueError, KeyError, plyvel.Error) as error:
            raise errors.StoreCorruptedError(f"{self.path} has an unreadable entry ({error})") from error
        root = ledger.roots().state
        if root != state_root:
            raise errors.StoreCorruptedError(
                f"{self.path} holds the root {state_root}, its entries give {root}"
            )
        return ledger

    def commit(self, change: LedgerChange, record: BatchRecord, refused: Sequence[Refusal] = ()) -> None:
        """Write one batch and enter it in the outbox, durably and as a whole.

        Parameters
        ----------
        refused
            Returned messages that the batch had to leave out for good.

        Raises
        ------
        BatchOutOfOrderError
            If the batch is not the one after the last.
        """
        last = self._counters()[0].batch_number
        if not record.number == change.counters.batch_number == last + 1:
            raise errors.BatchOutOfOrderError(f"batch {record.number} does not follow batch {last}")
        with writing(self._database) as write:
            undoable = UndoableWriter(self._database, write)
            _put_change(undoable, change, record.state_root)
            if change.configuration is not None:
                _, domain = codec.decode_deployment(self._get(_DEPLOYMENT))
                undoable.put(_DEPLOYMENT, codec.encode_deployment(change.configuration, domain))
            undoable.put(numbered(_RECORD, record.number), encode_record(record))
            self.outbox.enter(
                write, record.number, undoable.undo_record(), is_rebuilt=self.lineage.is_rebuilding
            )
            self.returned.take(write, record.messages, refused)

    def rollback(self, to_batch: int) -> None:
        """Undo all batches after one, durably and as a whole; their messages are returned.

        Raises
        ------
        BatchOutOfOrderError
            If there is no such batch.
        BatchFinalError
            If a batch after it is final.
        """
        last = self._counters()[0].batch_number
        if not 0 <= to_batch <= last:
            raise errors.BatchOutOfOrderError(f"batch {last} is the last, not one before {to_batch}")
        undone = range(last, to_batch, -1)
        previous: dict[bytes, bytes | None] = {}
        for number in undone:
            previous.update(decode_undo(self.outbox.undo_record(number)))
        messages = [signed for number in reversed(undone) for signed in self.record(number).messages]
        with writing(self._database) as write:
            restore(write, previous)
            for number in undone:
                self.outbox.strike(write, number)
            self.returned.put_back(write, messages)
            if undone:
                self.lineage.count_unwinding(write)

    def record(self, number: int) -> BatchRecord:
        """Return the record of a committed batch.

        Raises
        ------
        RecordMissingError
            If no such batch was committed.
        """
        data = self._database.get(numbered(_RECORD, number))
        if data is None:
            raise errors.RecordMissingError(f"{self.path} has no batch {number}")
        return decode_record(data)

    def close(self) -> None:
        """Give the directory back."""
        self._database.close()

    def __enter__(self) -> LedgerStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _counters(self) -> tuple[Counters, int]:
        return codec.decode_counters(self._get(_COUNTERS))

    def _get(self, key: bytes) -> bytes:
        data: bytes | None = self._database.get(key, verify_checksums=True)
        if data is None:
            raise KeyError(key.decode())
        return data


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _put_change(write: Writer, change: LedgerChange, state_root: int) -> None:
    for number, account in change.accounts.items():
        write.put(numbered(_ACCOUNT, number), codec.encode_account(account))
    for slot, market in enumerate(change.markets):
        write.put(numbered(_MARKET, slot), codec.encode_market(market))
    for index, page in change.pages.items():
        if page is None:
            write.delete(numbered(_PAGE, index))
        else:
            write.put(numbered(_PAGE, index), codec.encode_page(page))
    write.put(_COUNTERS, codec.encode_counters(change.counters, state_root))
