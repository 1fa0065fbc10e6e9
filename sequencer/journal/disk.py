"""What a log asks of the file system: directories and bytes that outlast a power failure, and a lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from sequencer.journal.errors import JournalLockedError, JournalUnavailableError

LOCK: Final = "LOCK"


@contextmanager
def unavailable(path: Path) -> Iterator[None]:
    """Let the errors of the file system become ours."""
    try:
        yield
    except OSError as error:
        raise JournalUnavailableError(f"{path}: {error}") from error


def make_directory(path: Path) -> None:
    """Make a directory and those above it, durably, where there is none."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Return when the names in a directory are on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock_directory(path: Path) -> FileIO:
    """Return the file whose closing unlocks the directory.

    Raises
    ------
    JournalLockedError
        If somebody else has the lock.
    """
    file = FileIO(path / LOCK, "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise JournalLockedError(f"{path} has a writer already") from error
    except BaseException:
        file.close()
        raise
    return file


def write_at(file: FileIO, data: bytes, offset: int) -> None:
    """Write all of the data at the offset."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file.fileno(), rest, offset)
        rest, offset = rest[written:], offset + written
