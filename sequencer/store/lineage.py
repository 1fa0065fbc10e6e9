"""How a ledger came to where it is: what its batches do not say."""

from typing import Final

import plyvel  # type: ignore[import-untyped]

from sequencer.store.database import Writer, writing

_REBUILDING: Final = b"rebuilding"
_UNWINDINGS: Final = b"unwindings"
_COUNT_BYTES: Final = 8


class Lineage:
    """Whether batches are built for the second time, and how often batches were undone; all is durable."""

    def __init__(self, database: plyvel.DB) -> None:
        self._database = database

    @property
    def is_rebuilding(self) -> bool:
        """Whether a ledger that is lost may have had the next batch, and may have sent it."""
        return self._database.get(_REBUILDING, verify_checksums=True) is not None

    def begin_rebuilding(self) -> None:
        """Note that the next batches were built before, by a ledger that is lost."""
        with writing(self._database) as write:
            write.put(_REBUILDING, b"")

    def end_rebuilding(self) -> None:
        """Note that the next batch is built for the first time."""
        with writing(self._database) as write:
            write.delete(_REBUILDING)

    @property
    def unwindings(self) -> int:
        """How many times batches were undone."""
        return int.from_bytes(self._database.get(_UNWINDINGS, b"", verify_checksums=True), "big")

    def skip_unwindings(self, count: int) -> None:
        """Note that so many happened, some of them before this ledger was made."""
        with writing(self._database) as write:
            write.put(_UNWINDINGS, _encoded(count))

    def count_unwinding(self, write: Writer) -> None:
        """Count one more, in the write that undoes the batches."""
        write.put(_UNWINDINGS, _encoded(self.unwindings + 1))


def _encoded(count: int) -> bytes:
    return count.to_bytes(_COUNT_BYTES, "big")
