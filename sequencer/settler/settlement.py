"""The settlement log: what the node must know of L1."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sequencer.journal.reader import read_log
from sequencer.journal.writer import LogWriter
from sequencer.model.request import Request
from sequencer.records.entries import Confirmed, Progressed, SettlementEntry, Unwound
from sequencer.records.entry_codec import decode_entry, encode_entry
from sequencer.settler.errors import SettlementMismatchError, UnreadableEntryError
from sequencer.store.life import BatchLife, BatchState


class SettlementLog:
    """Writes the log, and knows what it says. After an `Unwound` the requests begin anew at place 0.

    Raises
    ------
    JournalError
        If the log cannot be opened.
    UnreadableEntryError, SettlementMismatchError
        If an entry is none, or none of this log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._requests: list[Request] = []
        self._unwound: list[int] = []
        self._states: dict[int, BatchState] = {}
        self._final = 0
        self._writer = LogWriter(path)
        try:
            for number, payload in read_log(path):
                self._note(self._decoded(number, payload))
        except BaseException:
            self._writer.close()
            raise

    @property
    def confirmed(self) -> int:
        """How many requests of the queue are confirmed."""
        return len(self._requests)

    @property
    def unwound(self) -> Sequence[int]:
        """The batch to which each unwinding went, in their order."""
        return tuple(self._unwound)

    @property
    def last(self) -> int:
        """The last batch that was proven or came further, and is not undone; 0 if there is none."""
        return max(self._states, default=0)

    def confirm(self, requests: Iterable[Request]) -> None:
        """Say that the next requests of the queue are deep enough."""
        self._write([Confirmed(request) for request in requests])

    def progress(self, lives: Iterable[BatchLife]) -> list[int]:
        """Say how far batches are, each if the log does not say so already; return those.

        A batch that was final once stays so: a ledger that is made anew comes to it again.
        """
        news = [
            Progressed(life.number, life.state, life.inclusion.transaction_hash if life.inclusion else b"")
            for life in lives
            if self._is_news(life)
        ]
        self._write(news)
        return [entry.batch for entry in news]

    def unwind(self, to_batch: int, cause: str, consumed: int) -> None:
        """Say that all batches after one are undone.

        Parameters
        ----------
        consumed
            How many requests the batches that are left have consumed; only these stay confirmed.
        """
        kept = self._requests[:consumed]
        self._write([Unwound(to_batch, cause), *map(Confirmed, kept)])

    def close(self) -> None:
        """Give the log free."""
        self._writer.close()

    def _is_news(self, life: BatchLife) -> bool:
        is_said = life.number <= self._final or self._states.get(life.number) is life.state
        return life.state >= BatchState.PROVEN and not is_said

    def _write(self, entries: Sequence[SettlementEntry]) -> None:
        for entry in entries:
            self._writer.append(encode_entry(entry))
        self._writer.commit()
        for entry in entries:
            self._note(entry)

    def _note(self, entry: SettlementEntry) -> None:
        match entry:
            case Confirmed(request):
                self._requests.append(request)
            case Progressed(batch, state):
                if state is BatchState.FINAL:
                    self._final = batch
                    self._states = {number: each for number, each in self._states.items() if number > batch}
                self._states[batch] = state
            case Unwound(to_batch):
                self._unwound.append(to_batch)
                self._requests.clear()
                self._states = {number: each for number, each in self._states.items() if number <= to_batch}

    def _decoded(self, number: int, payload: bytes) -> SettlementEntry:
        try:
            entry = decode_entry(payload)
        except ValueError as error:
            raise UnreadableEntryError(f"entry {number} of {self._path} cannot be read ({error})") from error
        if not isinstance(entry, SettlementEntry):
            raise SettlementMismatchError(
                f"entry {number} of {self._path} is {type(entry).__name__}: this is no settlement log"
            )
        return entry
