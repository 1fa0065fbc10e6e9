"""Which entries of a journal still count, once batches were undone."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from sequencer.model.message import SignedMessage
from sequencer.records.entries import (
    Closed,
    Consumed,
    Decided,
    JournalEntry,
    Opened,
    Refused,
    Sequenced,
    Unwound,
)

Numbered = tuple[int, JournalEntry]
_OF_A_BATCH = Opened | Consumed | Sequenced | Decided | Closed


class Survivors:
    """A journal, None in the place of each entry that does not count any more.

    Parameters
    ----------
    entries
        Of the whole journal, or from a place on before which no batch was undone later, and at which no
        message of an undone batch waited; read once, when this is made.
    first_batch
        Entries of batches before it do not count: a snapshot holds what they did.

    Attributes
    ----------
    returned : sequence of SignedMessage
        Messages of undone batches that were neither sequenced again nor refused, in their order.
    """

    def __init__(self, entries: Iterable[Numbered], first_batch: int) -> None:
        self._kept: dict[int, tuple[int, JournalEntry | None]] = {}
        waiting: deque[SignedMessage] = deque()
        batch = 0
        for number, entry in entries:
            if isinstance(entry, Opened):
                batch = entry.batch
            if isinstance(entry, Unwound):
                waiting = deque([*self._undo(entry.to_batch), *waiting])
                self._kept[number] = 0, None
                continue
            if isinstance(entry, Sequenced | Refused) and waiting and waiting[0] == entry.signed:
                waiting.popleft()
            of = batch if isinstance(entry, _OF_A_BATCH) else 0
            if of == 0 or of >= first_batch:
                self._kept[number] = of, entry
        self.returned: Sequence[SignedMessage] = tuple(waiting)

    def __iter__(self) -> Iterator[tuple[int, JournalEntry | None]]:
        return ((number, entry) for number, (_, entry) in self._kept.items())

    def _undo(self, to_batch: int) -> list[SignedMessage]:
        """Let the entries of later batches not count; return their signed messages."""
        undone = {
            number: entry for number, (of, entry) in self._kept.items() if of > to_batch and entry is not None
        }
        self._kept |= dict.fromkeys(undone, (0, None))
        return [entry.signed for entry in undone.values() if isinstance(entry, Sequenced)]
