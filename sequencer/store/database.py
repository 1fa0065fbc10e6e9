"""LevelDB: opening it, its keys, and writes that can be undone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import plyvel  # type: ignore[import-untyped]

from sequencer.store import errors
from sequencer.store.bytestream import ByteReader, ByteWriter

_INDEX_BYTES: Final = 8
_COUNT_BYTES: Final = 4


class Writer(Protocol):
    """Where entries are put and deleted: one atomic write."""

    def put(self, key: bytes, value: bytes) -> None:
        """Write an entry."""

    def delete(self, key: bytes) -> None:
        """Remove an entry."""


class UndoableWriter:
    """A write that remembers what stood at every key before it."""

    def __init__(self, database: plyvel.DB, write: Writer) -> None:
        self._database, self._write = database, write
        self._previous: dict[bytes, bytes | None] = {}

    def put(self, key: bytes, value: bytes) -> None:
        """Write an entry."""
        self._remember(key)
        self._write.put(key, value)

    def delete(self, key: bytes) -> None:
        """Remove an entry."""
        self._remember(key)
        self._write.delete(key)

    def undo_record(self) -> bytes:
        """Return what `decode_undo` takes."""
        writer = ByteWriter()
        writer.unsigned(len(self._previous), _COUNT_BYTES)
        for key, value in self._previous.items():
            writer.blob(key)
            writer.unsigned(value is not None, 1)
            writer.blob(value or b"")
        return writer.bytes()

    def _remember(self, key: bytes) -> None:
        self._previous.setdefault(key, self._database.get(key, verify_checksums=True))


def decode_undo(data: bytes) -> Mapping[bytes, bytes | None]:
    """Return the values before a write by key, None where there was no entry."""
    reader = ByteReader(data)
    previous = {}
    for _ in range(reader.unsigned(_COUNT_BYTES)):
        key, existed, value = reader.blob(), reader.unsigned(1), reader.blob()
        previous[key] = value if existed else None
    reader.end()
    return previous


def restore(write: Writer, previous: Mapping[bytes, bytes | None]) -> None:
    """Put entries back to what they were."""
    for key, value in previous.items():
        if value is None:
            write.delete(key)
        else:
            write.put(key, value)


def numbered(prefix: bytes, number: int) -> bytes:
    """Return the key of a numbered entry; keys of one prefix sort by number."""
    return prefix + number.to_bytes(_INDEX_BYTES, "big")


def entries(database: plyvel.DB, prefix: bytes) -> list[tuple[int, bytes]]:
    """Return all numbered entries of a prefix in order."""
    with database.iterator(prefix=prefix, verify_checksums=True) as found:
        return [(int.from_bytes(key[len(prefix) :], "big"), value) for key, value in found]


@contextmanager
def writing(database: plyvel.DB) -> Iterator[Writer]:
    """Write entries as one, durable when this ends.

    Raises
    ------
    StoreUnavailableError
        If the disk does not take them.
    """
    try:
        with database.write_batch(transaction=True, sync=True) as write:
            yield write
    except plyvel.IOError as error:
        raise errors.StoreUnavailableError(f"the store cannot be written ({error})") from error


def open_database(path: Path, *, create: bool) -> plyvel.DB:
    """Open LevelDB; its errors become ours."""
    exists = (path / "CURRENT").exists()
    if create and exists:
        raise errors.StoreExistsError(f"{path} is a store")
    if not create and not exists:
        raise errors.StoreMissingError(f"{path} is no store")
    try:
        return plyvel.DB(str(path), create_if_missing=create, error_if_exists=create, paranoid_checks=True)
    except plyvel.Error as error:
        if "IO error: lock" in str(error):
            raise errors.StoreLockedError(f"{path} is in use ({error})") from error
        raise errors.StoreCorruptedError(f"{path} cannot be opened ({error})") from error
