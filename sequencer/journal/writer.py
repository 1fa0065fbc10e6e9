"""The one writer of a log: entries are appended in memory and committed together."""

import os
from pathlib import Path
from threading import Lock
from typing import Final

from sequencer.journal.disk import lock_directory, make_directory, unavailable, write_at
from sequencer.journal.errors import JournalBacklogError, JournalOversizedError, JournalUnavailableError
from sequencer.journal.frames import (
    CHECKSUM_BYTES,
    HEADER_BYTES,
    PAYLOAD_BYTES_MAX,
    SegmentHeader,
    encode_frame,
)
from sequencer.journal.moments import Announce, Moment, silent
from sequencer.journal.recovery import recover
from sequencer.journal.segments import SEGMENT_BYTES, create_segment

BACKLOG_BYTES_MAX: Final = 64 << 20
"""How much may wait for a commit."""


class LogWriter:
    """Appends entries to a log; `append` and `commit` may be called by different threads.

    Once a write has failed, what the disk holds is unknown until the log is opened again, and this writer
    writes no more.

    Parameters
    ----------
    path
        The directory of the log; it is made where there is none.
    segment_bytes
        A segment of this length or more gets no more entries.
    announce
        Told of each moment, in the thread that writes.

    Raises
    ------
    JournalLockedError
        If the log has a writer already.
    JournalCorruptedError
        If the log is damaged; nothing is changed.
    JournalUnavailableError
        If the file system fails.
    """

    def __init__(self, path: Path, segment_bytes: int = SEGMENT_BYTES, announce: Announce = silent) -> None:
        self._path, self._segment_bytes, self._announce = path, segment_bytes, announce
        self._appending, self._committing = Lock(), Lock()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._refusal = ""
        with unavailable(path):
            make_directory(path)
            self._lock = lock_directory(path)
            try:
                end = recover(path, announce)
            except BaseException:
                self._lock.close()
                raise
        self._file, self._first, self._size = end.file, end.first, end.size
        self._next_number, self._checksum = end.next_number, end.checksum
        self._durable_number, self._durable_checksum = end.next_number - 1, end.checksum

    def __enter__(self) -> "LogWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def next_number(self) -> int:
        """Number of the entry that is appended next."""
        return self._next_number

    @property
    def durable_number(self) -> int:
        """Number of the last entry that is on disk, 0 if none is."""
        return self._durable_number

    def append(self, payload: bytes) -> int:
        """Return the number of a new entry, which the next commit makes durable.

        Raises
        ------
        JournalOversizedError
            If the payload is longer than 1 MiB; nothing is appended.
        JournalBacklogError
            If too much waits for a commit; nothing is appended.
        JournalUnavailableError
            If an earlier write failed, or the writer is closed.
        """
        if len(payload) > PAYLOAD_BYTES_MAX:
            raise JournalOversizedError(f"{len(payload)} bytes are more than {PAYLOAD_BYTES_MAX}")
        with self._appending:
            self._require_usable()
            if self._waiting_bytes >= BACKLOG_BYTES_MAX:
                raise JournalBacklogError(f"{self._waiting_bytes} bytes wait for a commit to {self._path}")
            number = self._next_number
            try:
                frame = encode_frame(self._checksum, number, payload)
                self._waiting.append(frame)
                self._waiting_bytes += len(frame)
                self._checksum = frame[-CHECKSUM_BYTES:]
                self._next_number = number + 1
            except BaseException as error:
                self._refuse(error)
                raise
        return number

    def commit(self) -> None:
        """Return when everything that was appended before the call is on disk.

        Entries that are appended meanwhile belong to the next commit.

        Raises
        ------
        JournalUnavailableError
            If this write or an earlier one failed, or the writer is closed.
        """
        with self._committing:
            try:
                self._commit()
            except BaseException as error:
                with self._appending:
                    self._refuse(error)
                if isinstance(error, OSError):
                    raise JournalUnavailableError(f"{self._path}: {error}") from error
                raise

    def close(self) -> None:
        """Give the log free; what was appended and not committed was never in it."""
        with self._committing, self._appending:
            self._refusal = self._refusal or "the writer is closed"
            self._file.close()
            self._lock.close()

    def _commit(self) -> None:
        with self._appending:
            self._require_usable()
            frames, self._waiting, self._waiting_bytes = self._waiting, [], 0
            last, checksum = self._next_number - 1, self._checksum
        if not frames:
            return
        if self._size >= self._segment_bytes and self._durable_number >= self._first:
            self._turn()
        data = b"".join(frames)
        self._announce(Moment.WRITING)
        write_at(self._file, data, self._size)
        self._announce(Moment.WRITTEN)
        os.fdatasync(self._file.fileno())
        self._announce(Moment.DURABLE)
        self._size += len(data)
        self._durable_number, self._durable_checksum = last, checksum

    def _turn(self) -> None:
        """Go on in a new segment."""
        header = SegmentHeader(self._durable_number + 1, self._durable_checksum)
        full, self._file = self._file, create_segment(self._path, header, self._announce)
        full.close()
        self._first, self._size = header.first, HEADER_BYTES

    def _require_usable(self) -> None:
        if self._refusal:
            raise JournalUnavailableError(f"{self._path}: {self._refusal}")

    def _refuse(self, error: BaseException) -> None:
        self._refusal = self._refusal or f"an earlier write failed ({error})"
