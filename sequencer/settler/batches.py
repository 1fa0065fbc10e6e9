"""The closed batches of a journal, in their order, without what was undone."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sequencer.engine.commands import OpenEpoch
from sequencer.journal.reader import LogFollower
from sequencer.model.message import SignedMessage
from sequencer.records.entries import (
    Armed,
    Closed,
    Consumed,
    Decided,
    Disarmed,
    Entry,
    Opened,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.records.entry_codec import Kind, decode_entry, encode_entry, kind_of
from sequencer.settler.errors import JournalMismatchError, UnreadableEntryError
from sequencer.snapshot.snapshot import NOWHERE, Place, Snapshot
from sequencer.store.returned import Refusal

BatchEntry = Consumed | Sequenced | Decided

_ENTRIES_AT_ONCE: Final = 4_096


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """What the journal says of one batch.

    Attributes
    ----------
    entries : tuple of BatchEntry
        In the order in which they joined the batch.
    refused : tuple of Refusal
        Messages of undone batches that the state did not admit any more, up to the batch's end.
    place : Place
        Where a snapshot of the batch stands; none while messages of undone batches wait to come again.
    """

    number: int
    opening: OpenEpoch
    entries: tuple[BatchEntry, ...]
    refused: tuple[Refusal, ...]
    place: Place


class BatchReader:
    """Follows a journal from its first entry on, or from a snapshot.

    Parameters
    ----------
    path
        The journal's directory; it need not be there yet.
    settled
        The last batch that the ledger has; it is given once more, those before it are not.
    unwound
        The batch to which each unwinding went of which the node was told, in their order. Batches after it
        that the journal has before that unwinding are passed over.
    start
        Of a batch before the last one of the ledger; what is before its place is not read.
    """

    def __init__(
        self, path: Path, settled: int, unwound: Sequence[int] = (), start: Snapshot | None = None
    ) -> None:
        place, batch = (NOWHERE, 0) if start is None else (start.place, start.batch)
        self._path, self._follower = path, LogFollower(path, place.entry + 1)
        self._settled, self._next = settled, batch + 1
        self._unwound, self._unwindings = deque(unwound[place.unwindings :]), place.unwindings
        self._armed = {entry.signed.message.account: entry for entry in map(_decode_armed, place.armed)}
        self._entries: deque[tuple[int, bytes]] = deque()
        self._opened: Opened | None = None
        self._joined: list[BatchEntry] = []
        self._refused: list[Refusal] = []
        self._is_dead = False
        self._dead: list[tuple[int, SignedMessage]] = []
        self._returned: deque[SignedMessage] = deque()

    @property
    def last(self) -> int:
        """The last batch that was read whole, of those that count."""
        return self._next - 1

    def close(self) -> None:
        """Give the journal's files back."""
        self._follower.close()

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
            if not self._matters(kind_of(payload)):
                return None
            entry = decode_entry(payload)
        except ValueError as error:
            raise UnreadableEntryError(f"entry {number} of {self._path} cannot be read ({error})") from error
        fault = self._fault(entry)
        if fault:
            raise JournalMismatchError(f"entry {number} of {self._path} {fault}")
        if isinstance(entry, Closed):
            return self._close(number)
        self._accept(entry)
        return None

    def _matters(self, kind: Kind) -> bool:
        """Whether an entry has to be decoded."""
        match kind:
            case Kind.PROGRESSED:
                return False
            case Kind.CONSUMED | Kind.DECIDED:
                return not (self._is_dead or self._is_settled)
            case Kind.SEQUENCED:
                return not self._is_settled or bool(self._armed or self._returned)
            case Kind.CLOSED:
                return not self._is_dead
        return True

    @property
    def _is_settled(self) -> bool:
        """Whether the ledger has the open batch and one after it."""
        return not self._is_dead and self._opened is not None and self._opened.batch < self._settled

    def _fault(self, entry: Entry) -> str:
        """Return why an entry cannot come next; nothing if it can."""
        match entry:
            case Unwound(to_batch) if not self._unwound or self._unwound[0] != to_batch:
                return f"undoes the batches after {to_batch}, which the settlement log does not say"
            case _ if self._is_dead:
                return ""
            case Opened(batch) if batch != self._next or self._joined:
                return f"opens batch {batch} where batch {self._next} is the next to be closed"
            case Closed(batch) if self._opened is None or batch != self._next:
                return f"closes batch {batch}, which is not open"
            case Consumed() | Sequenced() | Decided() if self._opened is None:
                return "belongs to a batch, and none is open"
        return ""

    def _accept(self, entry: Entry) -> None:
        match entry:
            case Opened(batch):
                self._opened = entry
                self._is_dead = self._is_dead or batch > min(self._unwound, default=batch)
            case Sequenced(signed):
                self._sequence(entry, signed)
            case Consumed() | Decided():
                self._joined.append(entry)
            case Refused(signed, code):
                self._come_again(signed)
                self._refused.append(Refusal(signed, code))
            case Armed(signed):
                self._armed[signed.message.account] = entry
            case Disarmed(account):
                self._armed.pop(account, None)
            case Unwound(to_batch):
                self._unwind(to_batch)

    def _sequence(self, entry: Sequenced, signed: SignedMessage) -> None:
        self._come_again(signed)
        assert self._opened is not None, "a message belongs to a batch"
        if self._is_dead:
            self._dead.append((self._opened.batch, signed))
            return
        armed = self._armed.get(signed.message.account)
        if armed is not None and armed.signed == signed:
            del self._armed[signed.message.account]
        if not self._is_settled:
            self._joined.append(entry)

    def _come_again(self, signed: SignedMessage) -> None:
        """Let a message of an undone batch wait no more: it is sequenced again, or refused, in its turn."""
        if self._returned and self._returned[0] == signed:
            self._returned.popleft()

    def _unwind(self, to_batch: int) -> None:
        self._unwound.popleft()
        self._unwindings += 1
        undone = [signed for batch, signed in self._dead if batch > to_batch]
        self._dead = [(batch, signed) for batch, signed in self._dead if batch <= to_batch]
        self._returned.extendleft(reversed(undone))
        self._next, self._is_dead = to_batch + 1, False
        self._forget()

    def _close(self, entry: int) -> ClosedBatch | None:
        assert self._opened is not None, "only what is open is closed"
        number, opening = self._opened.batch, self._opened.opening
        place = NOWHERE if self._returned else Place(entry, self._unwindings, self._kept())
        closed = ClosedBatch(number, opening, tuple(self._joined), tuple(self._refused), place)
        self._next = number + 1
        self._forget()
        return closed if number >= self._settled else None

    def _kept(self) -> tuple[bytes, ...]:
        return tuple(encode_entry(self._armed[account]) for account in sorted(self._armed))

    def _forget(self) -> None:
        """Let no batch be open."""
        self._opened = None
        self._joined.clear()
        self._refused.clear()


def _decode_armed(payload: bytes) -> Armed:
    entry = decode_entry(payload)
    assert isinstance(entry, Armed), "what is armed is in a snapshot as it is in the journal"
    return entry
