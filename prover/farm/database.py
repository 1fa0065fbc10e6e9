"""The queue's file: its tables, and transactions that are on disk when they end."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prover.farm.errors import ForeignQueueError, QueueUnavailableError

FILE_NAME: Final = "queue.db"
# The letters PBFQ, and the version of the tables.
_KIND: Final = {"application_id": 0x50424651, "user_version": 1}
_BUSY_SECONDS: Final = 30.0

# Inputs are last: SQLite reads a row from its beginning, and they are most of it.
_SCHEMA: Final = f"""
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    size TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'proven', 'poisoned', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT NOT NULL DEFAULT '',
    progress TEXT NOT NULL DEFAULT '',
    token TEXT UNIQUE,
    deadline INTEGER,
    submitted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    public TEXT NOT NULL,
    proof TEXT,
    inputs BLOB,
    CHECK ((state = 'leased') = (deadline IS NOT NULL)),
    CHECK ((state IN ('leased', 'proven')) = (token IS NOT NULL)),
    CHECK ((state = 'proven') = (proof IS NOT NULL)),
    CHECK ((state IN ('proven', 'cancelled')) = (inputs IS NULL))
) STRICT;
CREATE INDEX jobs_by_turn ON jobs (state, priority DESC, number);
CREATE TABLE failures (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    worker TEXT NOT NULL,
    evidence TEXT NOT NULL
) STRICT;
CREATE INDEX failures_by_job ON failures (job);
PRAGMA application_id = {_KIND["application_id"]};
PRAGMA user_version = {_KIND["user_version"]};
"""


class Database:
    """One connection to the file; any number of threads and processes may use it, one transaction at a time.

    Parameters
    ----------
    directory : Path
        Where the file lies; made if it is not there.

    Raises
    ------
    ForeignQueueError
        If the file is another program's, or of another release.
    QueueUnavailableError
        If it cannot be read or written.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._lock = threading.Lock()
        with self._translated():
            directory.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode only FULL has a transaction on disk when it ends.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction() as connection:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
            kind = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _KIND]
        if kind != list(_KIND.values()):
            raise ForeignQueueError(f"{self._path} is no queue of this release")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do the body as a whole or not at all; it is on disk when it has ended."""
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise ForeignQueueError(f"{self._path} is no database") from error
            raise QueueUnavailableError(f"{self._path}: {error}") from error
        except OSError as error:
            raise QueueUnavailableError(f"{self._path}: {error.strerror}") from error
