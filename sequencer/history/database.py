"""LevelDB of the history: opening it, and reading records of which none is left unchecked."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, takewhile
from pathlib import Path
from typing import Final, TypeVar

import plyvel  # type: ignore[import-untyped]

from sequencer.history import errors
from sequencer.history.codec import decode
from sequencer.history.pages import Page, check_page
from sequencer.history.types import Record
from sequencer.store.database import Writer, numbered

SCHEMA_VERSION: Final = 2

AnyRecord = TypeVar("AnyRecord", bound=Record)

_SCHEMA: Final = b"schema"
_NUMBER_BYTES: Final = 8
_AFTER_ALL: Final = b"\xff" * (_NUMBER_BYTES + 1)
_BLOOM_BITS: Final = 10


class Database:
    """The entries of one directory, made where there is none.

    Raises
    ------
    HistoryLockedError, HistoryVersionError, HistoryCorruptedError
        Naming the path.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = _open(path)
        shutil.rmtree(_discarded(path), ignore_errors=True)
        try:
            self._check_version()
        except errors.HistoryError:
            self.close()
            raise

    def wipe(self) -> None:
        """Begin anew without an entry; after a crash there are all of them or none."""
        self.close()
        shutil.rmtree(_discarded(self.path), ignore_errors=True)
        self.path.rename(_discarded(self.path))
        shutil.rmtree(_discarded(self.path))
        self._database = _open(self.path)
        self._check_version()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write entries as one; not synced, so that a power failure may take the last writes back.

        Raises
        ------
        HistoryUnavailableError
            If the disk does not take them.
        """
        try:
            with self._database.write_batch(transaction=True) as write:
                yield write
        except plyvel.Error as error:
            raise errors.HistoryUnavailableError(f"{self.path} cannot be written ({error})") from error

    def get(self, key: bytes) -> bytes | None:
        """Return what stands at a key."""
        with self._reading():
            data: bytes | None = self._database.get(key, verify_checksums=True)
        return data

    def number(self, key: bytes) -> int | None:
        """Return the number that stands at a key."""
        data = self.get(key)
        return self._number(key, data) if data is not None else None

    def record(self, kind: type[AnyRecord], key: bytes) -> AnyRecord | None:
        """Return the record that stands at a key."""
        data = self.get(key)
        return self._decoded(kind, key, data) if data is not None else None

    def page(self, kind: type[AnyRecord], prefix: bytes, before: int | None, limit: int) -> Page[AnyRecord]:
        """Return the last records whose number lies before one, the highest first.

        Raises
        ------
        PageError
        """
        check_page(before, limit)
        end = prefix + _AFTER_ALL if before is None else numbered(prefix, before)
        found = list(islice(self._backwards(prefix, end), limit + 1))
        rows = tuple(self._decoded(kind, key, data) for key, data in found[:limit])
        more = len(found) > limit
        return Page(
            rows, self._number(found[limit - 1][0], found[limit - 1][0][len(prefix) :]) if more else None
        )

    def records(self, kind: type[AnyRecord], start: bytes, end: bytes) -> Iterator[AnyRecord]:
        """Return the records between two keys, the second excluded, the highest first."""
        for key, data in self._backwards(start, end):
            yield self._decoded(kind, key, data)

    def numbers(self, prefix: bytes) -> list[int]:
        """Return the last numbers in the keys of a prefix, the highest first."""
        return [
            self._number(key, key[-_NUMBER_BYTES:]) for key, _ in self._backwards(prefix, prefix + _AFTER_ALL)
        ]

    def close(self) -> None:
        """Give the directory back."""
        self._database.close()

    def _backwards(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        # Given a start, a backwards iterator of plyvel leaves out an entry that stands there alone.
        with (
            self._reading(),
            self._database.iterator(stop=end, reverse=True, verify_checksums=True) as found,
        ):
            yield from takewhile(lambda entry: entry[0] >= start, found)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except plyvel.Error as error:
            raise errors.HistoryCorruptedError(f"{self.path} cannot be read ({error})") from error

    def _decoded(self, kind: type[AnyRecord], key: bytes, data: bytes) -> AnyRecord:
        try:
            return decode(kind, data)
        except ValueError as error:
            raise errors.HistoryCorruptedError(
                f"{self.path} holds no {kind.__name__} at {key.hex()} ({error})"
            ) from error

    def _number(self, key: bytes, data: bytes) -> int:
        if len(data) != _NUMBER_BYTES:
            raise errors.HistoryCorruptedError(f"{self.path} holds no number at {key.hex()}")
        return int.from_bytes(data, "big")

    def _check_version(self) -> None:
        version = self.get(_SCHEMA)
        if version is None and next(self._backwards(b"", _AFTER_ALL), None) is None:
            with self.writing() as write:
                write.put(_SCHEMA, bytes([SCHEMA_VERSION]))
        elif version != bytes([SCHEMA_VERSION]):
            found = version.hex() if version is not None else "none"
            raise errors.HistoryVersionError(f"{self.path} has schema {found}, not {SCHEMA_VERSION}")


def _open(path: Path) -> plyvel.DB:
    try:
        return plyvel.DB(
            str(path), create_if_missing=True, paranoid_checks=True, bloom_filter_bits=_BLOOM_BITS
        )
    except plyvel.Error as error:
        if "IO error: lock" in str(error):
            raise errors.HistoryLockedError(f"{path} is in use ({error})") from error
        raise errors.HistoryCorruptedError(f"{path} cannot be opened ({error})") from error


def _discarded(path: Path) -> Path:
    """Return where a history is moved before it is deleted."""
    return path.with_name(f"{path.name}.discarded")
