"""Logs to damage: entries that follow from their numbers, and the places of their frames."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sequencer.journal.frames import FRAME_BYTES_MIN, HEADER_BYTES
from sequencer.journal.reader import Entry, read_log
from sequencer.journal.writer import LogWriter

SEGMENT_BYTES = 200


@contextmanager
def new_path() -> Iterator[Path]:
    """Where a log may be made, for one example of a property."""
    with TemporaryDirectory() as directory:
        yield Path(directory) / "log"


def payload(number: int) -> bytes:
    chance = Random(number)
    return chance.randbytes(chance.randrange(90))


def entries(last: int, first: int = 1) -> list[Entry]:
    return [(number, payload(number)) for number in range(first, last + 1)]


def write(path: Path, commits: Sequence[Sequence[bytes]], segment_bytes: int = SEGMENT_BYTES) -> None:
    with LogWriter(path, segment_bytes) as writer:
        for payloads in commits:
            for each in payloads:
                writer.append(each)
            writer.commit()


def write_entries(path: Path, last: int, segment_bytes: int = SEGMENT_BYTES) -> None:
    """Go on with the entries that follow from their numbers, each committed alone."""
    with LogWriter(path, segment_bytes) as writer:
        while writer.next_number <= last:
            writer.append(payload(writer.next_number))
            writer.commit()


def read(path: Path, first: int = 1) -> list[Entry]:
    return list(read_log(path, first))


def files(path: Path) -> list[Path]:
    return sorted(path.glob("*.log"))


def first_of(segment: Path) -> int:
    return int(segment.stem)


def contents(path: Path) -> dict[str, bytes]:
    return {segment.name: segment.read_bytes() for segment in files(path)}


def frame_ends(payloads: Sequence[bytes]) -> list[int]:
    """Where the frames of a segment end."""
    lengths = (FRAME_BYTES_MIN + len(each) for each in payloads)
    return list(accumulate(lengths, initial=HEADER_BYTES))[1:]
