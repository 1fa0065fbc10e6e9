"""The closed batches of a journal, in their order, without what was undone."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sequencer.engine.commands import OpenEpoch
from sequencer.journal.reader import LogFollower
from sequencer.records.entries import Closed, Consumed, Decided, Entry, Opened, Refused, Sequenced, Unwound
from sequencer.records.entry_codec import Kind, decode_entry, kind_of
from sequencer.settler.errors import JournalMismatchError, UnreadableEntryError
from sequencer.store.returned import Refusal

BatchEntry = Consumed | Sequenced | Decided

_ENTRIES_AT_ONCE: Final = 4_096
_ASIDE: Final = (Kind.ARMED, Kind.DISARMED, Kind.PROGRESSED)
_WITHIN: Final = (Kind.CONSUMED, Kind.SEQUENCED, Kind.DECIDED)


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """What the journal says of one batch.

    Attributes
    ----------
    entries : tuple of BatchEntry
        In the order in which they joined the batch.
    refused : tuple of Refusal
        Messages of undone batches that the state did not admit any more, up to the batch's end.
    """

    number: int
    opening: OpenEpoch
    entries: tuple[BatchEntry, ...]
    refused: tuple[Refusal, ...]


class BatchReader:
    """Follows a journal from its first entry on.

    Parameters
    ----------
    path
        The journal's directory; it need not be there yet.
    settled
        The last batch that the ledger has; it is given once more, those before it are not.
    unwound
        The batch to which each unwinding went of which the node was told, in their order. What the journal
        says before the last of them is either in the ledger or undone.
    """

    def __init__(self, path: Path, settled: int, unwound: Iterable[int]) -> None:
        self._path, self._follower = path, LogFollower(path)
        self._settled, self._unwound = settled, deque(unwound)
        self._entries: deque[tuple[int, bytes]] = deque()
        self._next = 1
        self._opened: Opened | None = None
        self._joined: list[BatchEntry] = []
        self._refused: list[Refusal] = []

    def close(self) -> None:
        """Give the journal's files back."""
        self._follower.close()

    def unwind(self, to_batch: int) -> None:
        """Pass over everything until the journal says that all batches after this one are undone."""
        self._unwound.append(to_batch)
        self._settled = to_batch
        self._forget()

    def advance(self) -> tuple[bool, ClosedBatch | None]:
        """Read on, up to the end of a batch at most; tell whether there was anything, and which batch ended.

        Raises
        ------
        JournalMismatchError
            If the entries do not follow each other as a node writes them.
        UnreadableEntryError
            If an entry is none.
        JournalError
            If the journal cannot be read.
        """
        if not self._entries:
            self._entries.extend(self._follower.poll(_ENTRIES_AT_ONCE))
        had_entries = bool(self._entries)
        while self._entries:
            number, payload = self._entries.popleft()
            closed = self._take(number, payload)
            if closed is not None:
                return True, closed
        return had_entries, None

    def _take(self, number: int, payload: bytes) -> ClosedBatch | None:
        try:
            kind = kind_of(payload)
            if kind in _ASIDE or (self._is_passed_over and kind is not Kind.UNWOUND):
                return None
            if self._is_settled and kind in _WITHIN:
                return None
            entry = decode_entry(payload)
        except ValueError as error:
            raise UnreadableEntryError(f"entry {number} of {self._path} cannot be read ({error})") from error
        fault = self._fault(entry)
        if fault:
            raise JournalMismatchError(f"entry {number} of {self._path} {fault}")
        return self._accept(entry)

    @property
    def _is_passed_over(self) -> bool:
        """Whether an unwinding comes before all that counts."""
        return bool(self._unwound)

    @property
    def _is_settled(self) -> bool:
        """Whether the ledger has the open batch and one after it."""
        return self._opened is not None and self._opened.batch < self._settled

    def _fault(self, entry: Entry) -> str:
        """Return why an entry cannot come next; nothing if it can."""
        match entry:
            case Opened(batch) if batch != self._next or self._joined:
                return f"opens batch {batch} where batch {self._next} is the next to be closed"
            case Closed(batch) if self._opened is None or batch != self._next:
                return f"closes batch {batch}, which is not open"
            case Consumed() | Sequenced() | Decided() if self._opened is None:
                return "belongs to a batch, and none is open"
            case Unwound(to_batch) if not self._unwound or self._unwound[0] != to_batch:
                return f"undoes the batches after {to_batch}, which the settlement log does not say"
        return ""

    def _accept(self, entry: Entry) -> ClosedBatch | None:
        match entry:
            case Opened():
                self._opened = entry
            case Consumed() | Sequenced() | Decided():
                self._joined.append(entry)
            case Refused(signed, code):
                self._refused.append(Refusal(signed, code))
            case Closed():
                return self._close()
            case Unwound(to_batch):
                self._unwound.popleft()
                self._next = to_batch + 1
                self._forget()
        return None

    def _close(self) -> ClosedBatch | None:
        assert self._opened is not None, "only what is open is closed"
        number, opening = self._opened.batch, self._opened.opening
        closed = ClosedBatch(number, opening, tuple(self._joined), tuple(self._refused))
        self._next = number + 1
        self._forget()
        return closed if number >= self._settled else None

    def _forget(self) -> None:
        """Let no batch be open."""
        self._opened = None
        self._joined.clear()
        self._refused.clear()
