"""The files that a log is cut into, named by the number of their first entry."""

import os
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

from sequencer.journal.disk import sync_directory, write_at
from sequencer.journal.errors import JournalCorruptedError
from sequencer.journal.frames import CHECKSUM_BYTES, NO_CHECKSUM, SegmentHeader, encode_header
from sequencer.journal.moments import Announce, Moment

SEGMENT_BYTES: Final = 64 << 20
_SUFFIX: Final = ".log"
_DIGITS: Final = 12


class Segment(NamedTuple):
    """One file of a log."""

    path: Path
    first: int
    """Number of its first entry, by its name."""


def segment_of(directory: Path, first: int) -> Segment:
    """Return the segment that begins with an entry, whether it is there or not."""
    return Segment(directory / f"{first:0{_DIGITS}d}{_SUFFIX}", first)


def segments_of(directory: Path) -> list[Segment]:
    """Return the segments of a log in their order; none where no log is yet.

    Raises
    ------
    JournalCorruptedError
        If a name is that of no segment, or the one with entry 1 is missing.
    """
    try:
        names = [name for name in os.listdir(directory) if name.endswith(_SUFFIX)]
    except FileNotFoundError:
        return []
    found = sorted((_named(directory, name) for name in names), key=lambda segment: segment.first)
    if found and found[0].first != 1:
        raise JournalCorruptedError(
            f"{directory} begins with entry {found[0].first}: those before it are missing"
        )
    return found


def last_checksum(segment: Segment) -> bytes:
    """Return the last bytes of a segment: where it is complete, the checksum of its last entry."""
    with FileIO(segment.path) as file:
        size = os.fstat(file.fileno()).st_size
        return os.pread(file.fileno(), CHECKSUM_BYTES, max(size - CHECKSUM_BYTES, 0))


def checksum_before(segments: list[Segment], index: int) -> bytes:
    """Return the checksum that a segment of the list has to continue."""
    return last_checksum(segments[index - 1]) if index else NO_CHECKSUM


def create_segment(directory: Path, header: SegmentHeader, announce: Announce) -> FileIO:
    """Return a new segment, open for writing; its header and its name are on disk."""
    return _begun(FileIO(segment_of(directory, header.first).path, "x+"), directory, header, announce)


def recreate_segment(torn: Segment, header: SegmentHeader, announce: Announce) -> FileIO:
    """Return the same in place of a segment whose header is torn."""
    return _begun(FileIO(torn.path, "w+"), torn.path.parent, header, announce)


def _begun(file: FileIO, directory: Path, header: SegmentHeader, announce: Announce) -> FileIO:
    try:
        announce(Moment.SEGMENT_CREATED)
        write_at(file, encode_header(header), 0)
        os.fsync(file.fileno())
        announce(Moment.HEADER_WRITTEN)
        sync_directory(directory)
        announce(Moment.SEGMENT_DURABLE)
    except BaseException:
        file.close()
        raise
    return file


def _named(directory: Path, name: str) -> Segment:
    digits = name.removesuffix(_SUFFIX)
    if digits.isascii() and digits.isdigit() and segment_of(directory, int(digits)).path.name == name:
        return Segment(directory / name, int(digits))
    raise JournalCorruptedError(f"{directory / name} has the name of no segment")
