"""Reading a log that may be written at the same time; a reader takes no lock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sequencer.journal.disk import unavailable
from sequencer.journal.errors import JournalMissingError, JournalShortError
from sequencer.journal.scanner import SegmentScanner, open_complete, open_segment
from sequencer.journal.segments import checksum_before, segments_of

POLL_BYTES_MAX: Final = 8 << 20
"""A poll that has found as much gives what it has."""
_POLL_ENTRIES: Final = 4_096

Entry = tuple[int, bytes]


class LogFollower:
    """Gives the entries of a log in order, as they come.

    What it gives is on disk, even if the writer has not got so far: no power failure takes it back.

    Parameters
    ----------
    path
        The directory of the log; it need not be there yet.
    first
        Number of the first entry to give.
    """

    def __init__(self, path: Path, first: int = 1) -> None:
        if first < 1:
            raise ValueError("entries are numbered from 1")
        self._path, self._next = path, first
        self._scanner: SegmentScanner | None = None
        self._complete = False

    def __enter__(self) -> "LogFollower":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the open segment free; a later poll would open it again."""
        if self._scanner is not None:
            self._scanner.close()
        self._scanner = None

    def poll(self, limit: int) -> list[Entry]:
        """Return the entries after those given before, as far as they are complete and at most `limit`.

        A poll that raises gives nothing; the next one begins with the same entry.

        Raises
        ------
        JournalCorruptedError
            If what is read is not what was written.
        JournalShortError
            If the log ends before the entry before the next one.
        JournalUnavailableError
            If the file system fails.
        """
        try:
            with unavailable(self._path):
                found = self._poll(limit)
        except BaseException:
            self.close()
            raise
        self._next += len(found)
        return found

    def _poll(self, limit: int) -> list[Entry]:
        found: list[Entry] = []
        found_bytes = 0
        while len(found) < limit and found_bytes < POLL_BYTES_MAX:
            payload = self._take(self._next + len(found))
            if payload is None:
                break
            found.append((self._next + len(found), payload))
            found_bytes += len(payload)
        if found and self._scanner is not None:
            # Segments before this one are on disk: the writer makes no next one before.
            self._scanner.sync()
        return found

    def _take(self, wanted: int) -> bytes | None:
        """Return the payload of an entry, None if it is not there yet."""
        if self._scanner is None:
            self._scanner = self._start(wanted)
        while self._scanner is not None:
            number = self._scanner.number
            payload = self._scanner.take()
            if payload is None:
                if not self._turn(self._scanner):
                    break
            elif number == wanted:
                return payload
        reached = 1 if self._scanner is None else self._scanner.number
        if reached < wanted:
            raise JournalShortError(f"{self._path} ends before entry {reached}; {wanted - 1} was read before")
        return None

    def _start(self, wanted: int) -> SegmentScanner | None:
        """Open the segment that an entry is in; None if it has no complete header yet."""
        segments = segments_of(self._path)
        index = max((at for at, segment in enumerate(segments) if segment.first <= wanted), default=None)
        if index is None:
            return None
        self._complete = False
        if index == len(segments) - 1:
            scanner = open_segment(segments[index], checksum_before(segments, index))
            if scanner is not None or index == 0:
                return scanner
            # The segment is being made: what is wanted comes after the last entry of the one before it.
            index -= 1
        return open_complete(segments[index], checksum_before(segments, index))

    def _turn(self, scanner: SegmentScanner) -> bool:
        """Whether there may be more, in this segment or in the next, which is opened."""
        later = [segment for segment in segments_of(self._path) if segment.first > scanner.segment.first]
        if not later:
            return False
        if not self._complete:
            # It may have grown between reading its end and finding the next; from now on it does not.
            self._complete = True
            return True
        if scanner.excess:
            raise scanner.corrupted("the frame is incomplete, and the segment is not the last")
        if later[0].first != scanner.number:
            raise scanner.corrupted(f"the next segment begins with entry {later[0].first}")
        opened = open_complete if len(later) > 1 else open_segment
        following = opened(later[0], scanner.checksum)
        if following is None:
            return False
        scanner.close()
        self._scanner, self._complete = following, False
        return True


def read_log(path: Path, first: int = 1) -> Iterator[Entry]:
    """Yield the number and the payload of each entry from `first` on, up to the end of what is complete.

    Segments before the one with the first entry are not read.

    Raises
    ------
    JournalMissingError
        If there is no directory at the path.
    JournalError
        As `LogFollower.poll` does.
    """
    if not path.is_dir():
        raise JournalMissingError(str(path))
    with LogFollower(path, first) as follower:
        while entries := follower.poll(_POLL_ENTRIES):
            yield from entries
