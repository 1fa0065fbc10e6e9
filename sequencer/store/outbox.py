"""The lives of all batches, and how far the chain has been seen."""

from pathlib import Path
from typing import Final

import plyvel  # type: ignore[import-untyped]

from sequencer.store import errors
from sequencer.store.database import Writer, entries, numbered, writing
from sequencer.store.life import BatchLife, BatchState
from sequencer.store.life_codec import decode_life, encode_life

_LIFE: Final = b"life/"
_UNDO: Final = b"undo/"
_HEIGHT: Final = b"height"
_HEIGHT_BYTES: Final = 8


class Outbox:
    """What the submitter keeps: each change is one synced write."""

    def __init__(self, path: Path, database: plyvel.DB) -> None:
        self._path, self._database = path, database

    def life(self, number: int) -> BatchLife:
        """Return the life of a batch.

        Raises
        ------
        RecordMissingError
            If no such batch was committed.
        """
        data = self._database.get(numbered(_LIFE, number), verify_checksums=True)
        if data is None:
            raise errors.RecordMissingError(f"{self._path} has no batch {number}")
        return decode_life(data)

    def lives(self) -> list[BatchLife]:
        """Return the lives of all batches, by number."""
        return [decode_life(data) for _, data in entries(self._database, _LIFE)]

    def unsettled(self) -> list[BatchLife]:
        """Return the last final batch, if there is one, and all batches after it."""
        found = []
        with self._database.iterator(prefix=_LIFE, reverse=True, verify_checksums=True) as newest_first:
            for _, data in newest_first:
                found.append(decode_life(data))
                if found[-1].state is BatchState.FINAL:
                    break
        return found[::-1]

    def put(self, life: BatchLife) -> None:
        """Write a life durably; a final batch can no longer be undone."""
        with writing(self._database) as write:
            write.put(numbered(_LIFE, life.number), encode_life(life))
            if life.state is BatchState.FINAL:
                write.delete(numbered(_UNDO, life.number))

    @property
    def height(self) -> int:
        """Number of the newest block that was ever seen: a node whose chain is shorter lags."""
        return int.from_bytes(self._database.get(_HEIGHT, b""), "big")

    def raise_height(self, height: int) -> None:
        """Note the newest block; the height never falls."""
        if height > self.height:
            with writing(self._database) as write:
                write.put(_HEIGHT, height.to_bytes(_HEIGHT_BYTES, "big"))

    def enter(self, write: Writer, number: int, undo_record: bytes, *, is_rebuilt: bool) -> None:
        """Enter a batch as sequenced, in the write that commits it."""
        write.put(numbered(_LIFE, number), encode_life(BatchLife(number, is_rebuilt=is_rebuilt)))
        write.put(numbered(_UNDO, number), undo_record)

    def undo_record(self, number: int) -> bytes:
        """Return what undoes a batch.

        Raises
        ------
        BatchFinalError
            If it is final.
        """
        data: bytes | None = self._database.get(numbered(_UNDO, number), verify_checksums=True)
        if data is None:
            raise errors.BatchFinalError(f"batch {number} of {self._path} is final")
        return data

    def strike(self, write: Writer, number: int) -> None:
        """Remove a batch, in the write that undoes it."""
        write.delete(numbered(_LIFE, number))
        write.delete(numbered(_UNDO, number))
