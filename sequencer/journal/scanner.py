"""The frames of one segment, one after the other, each checked against the one before it."""

import os
from io import FileIO
from typing import Final

from sequencer.journal import frames
from sequencer.journal.errors import JournalCorruptedError
from sequencer.journal.segments import Segment

_READ_BYTES: Final = 1 << 18


class SegmentScanner:
    """Reads a segment whose header is complete, from its start.

    Parameters
    ----------
    segment
        What is read.
    file
        The same, open.
    header
        What it begins with, checked by `open_segment`.

    Attributes
    ----------
    segment : Segment
        What is read.
    number : int
        Number of the next entry.
    checksum : bytes
        Checksum of the entry before it.
    place : int
        Offset of its frame.
    """

    def __init__(self, segment: Segment, file: FileIO, header: frames.SegmentHeader) -> None:
        self.segment, self._file = segment, file
        self.number, self.checksum = header
        self.place = frames.HEADER_BYTES
        self._held, self._held_from = b"", 0

    def __enter__(self) -> "SegmentScanner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file free."""
        self._file.close()

    def take(self) -> bytes | None:
        """Return the next entry, None while the file does not hold all of it.

        Raises
        ------
        JournalCorruptedError
            If the frame does not check and was not torn.
        """
        try:
            return self._take()
        except JournalCorruptedError:
            # A writer that opened the log meanwhile may have replaced a torn frame while it was read.
            self._forget()
            return self._take()

    def sync(self) -> None:
        """Return when what was read is on disk, whether or not its writer got that far."""
        os.fdatasync(self._file.fileno())

    @property
    def excess(self) -> int:
        """How many bytes there are after the last complete frame, once `take` gives None."""
        return os.fstat(self._file.fileno()).st_size - self.place

    def corrupted(self, what: str) -> JournalCorruptedError:
        """Return the error that names the place."""
        return JournalCorruptedError(f"{self.segment.path} at byte {self.place}, entry {self.number}: {what}")

    def _take(self) -> bytes | None:
        start = self._bytes(frames.FRAME_BYTES_MIN)
        if len(start) < frames.FRAME_BYTES_MIN:
            return self._incomplete()
        length = frames.FRAME_BYTES_MIN
        try:
            length = frames.frame_bytes(start[: frames.LENGTH_BYTES])
            frame = self._bytes(length)
            if len(frame) < length:
                return self._incomplete()
            payload = frames.decode_frame(self.checksum, self.number, frame)
        except ValueError as error:
            if self._lost(length):
                return self._incomplete()
            raise self.corrupted(str(error)) from error
        self.number += 1
        self.place += length
        self.checksum = frame[-frames.CHECKSUM_BYTES :]
        return payload

    def _incomplete(self) -> bytes | None:
        self._forget()
        if self.excess < 0:
            raise self.corrupted("what was read before is no longer there")
        return None

    def _lost(self, length: int) -> bool:
        """Whether the disk has neither the frame's checksum nor anything after it: zeros to the end."""
        at = self.place + length - frames.CHECKSUM_BYTES
        while part := os.pread(self._file.fileno(), _READ_BYTES, at):
            if part.count(0) != len(part):
                return False
            at += len(part)
        return True

    def _bytes(self, count: int) -> bytes:
        """Return so many bytes from the place on, fewer where the file ends."""
        at = self.place - self._held_from
        if at + count > len(self._held):
            self._held = os.pread(self._file.fileno(), max(count, _READ_BYTES), self.place)
            self._held_from, at = self.place, 0
        return self._held[at : at + count]

    def _forget(self) -> None:
        self._held, self._held_from = b"", self.place


def open_segment(segment: Segment, previous: bytes) -> SegmentScanner | None:
    """Return a scanner at a segment's first frame, None if the header is torn.

    Parameters
    ----------
    segment
        What to read.
    previous
        The checksum that it has to continue.

    Raises
    ------
    JournalCorruptedError
        If the header is not the one that belongs there.
    """
    file = FileIO(segment.path)
    try:
        header = _header(segment, os.pread(file.fileno(), frames.HEADER_BYTES + 1, 0), previous)
    except BaseException:
        file.close()
        raise
    if header is None:
        file.close()
        return None
    return SegmentScanner(segment, file, header)


def open_complete(segment: Segment, previous: bytes) -> SegmentScanner:
    """Return what `open_segment` does, for a segment that others follow: its header cannot be torn."""
    scanner = open_segment(segment, previous)
    if scanner is None:
        raise JournalCorruptedError(f"{segment.path} has no complete header, and is not the last")
    return scanner


def _header(segment: Segment, data: bytes, previous: bytes) -> frames.SegmentHeader | None:
    # Nothing is written after a header until it is on disk: zeros before more bytes are damage.
    if len(data) < frames.HEADER_BYTES or data == bytes(frames.HEADER_BYTES):
        return None
    try:
        header = frames.decode_header(data[: frames.HEADER_BYTES])
    except ValueError as error:
        raise JournalCorruptedError(f"{segment.path}: {error}") from error
    if header.first != segment.first:
        raise JournalCorruptedError(
            f"{segment.path} says that it begins with entry {header.first}, not {segment.first}"
        )
    if header.previous != previous:
        raise JournalCorruptedError(
            f"{segment.path} does not continue with entry {segment.first} what comes before it"
        )
    return header
