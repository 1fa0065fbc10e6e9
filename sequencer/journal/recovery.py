"""Opening a log for writing: every segment continues the one before it, and a torn tail is cut off."""

import os
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from sequencer.journal.disk import sync_directory
from sequencer.journal.errors import JournalCorruptedError
from sequencer.journal.frames import HEADER_BYTES, NO_CHECKSUM, SegmentHeader
from sequencer.journal.moments import Announce, Moment
from sequencer.journal.scanner import SegmentScanner, open_complete, open_segment
from sequencer.journal.segments import (
    Segment,
    checksum_before,
    create_segment,
    recreate_segment,
    segments_of,
)


class LogEnd(NamedTuple):
    """Where a log goes on."""

    file: FileIO
    """The last segment, open for writing."""
    first: int
    """Number of its first entry."""
    size: int
    """Its length in bytes."""
    next_number: int
    """Number of the next entry."""
    checksum: bytes
    """Checksum of the entry before it."""


def recover(directory: Path, announce: Announce) -> LogEnd:
    """Return the end of a log whose lock is held; a log without segments gets its first.

    Everything up to the end is on disk then.
    The last segment is read whole, of those before it only what links them.

    Raises
    ------
    JournalCorruptedError
        If anything but the tail of the last segment does not check; nothing is changed.
    """
    segments = segments_of(directory)
    if not segments:
        header = SegmentHeader(1, NO_CHECKSUM)
        return _begin(create_segment(directory, header, announce), header)
    for index in range(len(segments) - 1):
        open_complete(segments[index], checksum_before(segments, index)).close()
    scanner = open_segment(segments[-1], checksum_before(segments, len(segments) - 1))
    if scanner is None:
        return _begin_again(segments, announce)
    with scanner:
        return _reopen(scanner, announce)


def _begin(file: FileIO, header: SegmentHeader) -> LogEnd:
    return LogEnd(file, header.first, HEADER_BYTES, header.first, header.previous)


def _begin_again(segments: list[Segment], announce: Announce) -> LogEnd:
    """Make the last segment anew: its header is torn, hence no entry in it was ever acknowledged."""
    torn, header = segments[-1], SegmentHeader(1, NO_CHECKSUM)
    if len(segments) > 1:
        index = len(segments) - 2
        with open_complete(segments[index], checksum_before(segments, index)) as before:
            header = _end_of_complete(before)
    if header.first != torn.first:
        raise JournalCorruptedError(f"{torn.path} follows entry {header.first - 1}")
    return _begin(recreate_segment(torn, header, announce), header)


def _end_of_complete(scanner: SegmentScanner) -> SegmentHeader:
    while scanner.take() is not None:
        pass
    if scanner.excess:
        raise scanner.corrupted("the frame is incomplete, and the segment is not the last")
    return SegmentHeader(scanner.number, scanner.checksum)


def _reopen(scanner: SegmentScanner, announce: Announce) -> LogEnd:
    file = FileIO(scanner.segment.path, "r+")
    try:
        # What a failed write left in memory alone must not be taken for what is on disk.
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while scanner.take() is not None:
            pass
        if scanner.excess:
            os.ftruncate(file.fileno(), scanner.place)
            announce(Moment.TAIL_CUT)
            os.fsync(file.fileno())
        sync_directory(scanner.segment.path.parent)
    except BaseException:
        file.close()
        raise
    return LogEnd(file, scanner.segment.first, scanner.place, scanner.number, scanner.checksum)
