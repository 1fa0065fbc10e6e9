"""What a signer has signed: kept on disk before it is given out, so that no time gets two reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import plyvel  # type: ignore[import-untyped]

from sequencer.oracle import errors

_IDENTITY: Final = b"identity"
_ROUND: Final = b"round:"
_TIME_BYTES: Final = 8


class Journal:
    """The signed report of each time, in LevelDB, which locks the directory and cuts a torn tail.

    Parameters
    ----------
    identity
        Whose reports: a journal takes those of one signer, key and domain only.

    Raises
    ------
    JournalError
        If another process has it, or if it is another signer's or damaged.
    """

    def __init__(self, path: Path, identity: bytes) -> None:
        with _translated():
            self._database = plyvel.DB(str(path), create_if_missing=True, paranoid_checks=True)
        try:
            self._take(path, identity)
        except errors.JournalError:
            self.close()
            raise

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the directory free."""
        self._database.close()

    def recorded(self, time: int) -> bytes | None:
        """Return what was signed for a time, None if nothing was."""
        return self._read(_key(time))

    def record(self, time: int, report: bytes) -> None:
        """Keep what is about to be given out; it is on disk when this returns."""
        with _translated():
            self._database.put(_key(time), report, sync=True)

    def _take(self, path: Path, identity: bytes) -> None:
        found = self._read(_IDENTITY)
        if found is None and self._empty():
            with _translated():
                self._database.put(_IDENTITY, identity, sync=True)
        elif found != identity:
            raise errors.ForeignJournalError(f"{path} is the journal of another signer")

    def _empty(self) -> bool:
        with _translated():
            return next(self._database.iterator(include_value=False), None) is None

    def _read(self, key: bytes) -> bytes | None:
        with _translated():
            found: bytes | None = self._database.get(key, verify_checksums=True)
        return found


@contextmanager
def _translated() -> Iterator[None]:
    """Let the errors of LevelDB become ours."""
    try:
        yield
    except plyvel.CorruptionError as error:
        raise errors.JournalCorruptedError(str(error)) from error
    except plyvel.Error as error:
        if "IO error: lock" in str(error):
            raise errors.JournalLockedError(str(error)) from error
        raise errors.JournalUnavailableError(str(error)) from error


def _key(time: int) -> bytes:
    return _ROUND + time.to_bytes(_TIME_BYTES, "big")
