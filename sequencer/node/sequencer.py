"""Deciding the next entries: carried out at once, journaled, and shown once they are durable."""

from collections import deque
from collections.abc import Callable
from typing import Final

from sequencer.batch.errors import CapacityError
from sequencer.engine.admission import admit_verified
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.errors import AdmissionError
from sequencer.engine.events import Event
from sequencer.journal.writer import LogWriter
from sequencer.model.config import Configuration
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.node.machine import Machine
from sequencer.node.signatures import Verified
from sequencer.records.entries import Closed, Consumed, JournalEntry, Opened, Refused, Sequenced
from sequencer.records.entry_codec import encode_entry
from sequencer.records.update import Update

ConfigurationOf = Callable[[int], Configuration | None]
"""Returns the announced configuration of a hash, None if the operator has none such."""

_MILLISECONDS: Final = 1_000


class Sequencer:
    """Moves the machine and writes the journal; it knows neither sockets nor threads.

    Attributes
    ----------
    undurable : deque of Update
        What the journal does not have on disk yet, oldest first.
    """

    def __init__(
        self, machine: Machine, writer: LogWriter, requests: deque[Request], configuration_of: ConfigurationOf
    ) -> None:
        self.machine, self._writer = machine, writer
        self._requests, self._configuration_of = requests, configuration_of
        self.undurable: deque[Update] = deque()

    @property
    def has_returned(self) -> bool:
        """Whether messages of undone batches come before all others."""
        return bool(self.machine.returned)

    def configuration(self) -> Configuration | None:
        """Return what the next batch must be opened under; None if the operator does not have it."""
        state = self.machine.state
        if state.configuration_hash == state.configuration.hash():
            return state.configuration
        return self._configuration_of(state.configuration_hash)

    def open(self, timestamp: int, reports: tuple[OracleReport, ...], configuration: Configuration) -> bool:
        """Open a batch, in the place of an empty one; then take requests, and liquidate who is due.

        Returns
        -------
        bool
            Whether the batch has room for messages.

        Raises
        ------
        EpochError
            If the round cannot be used; no batch is open then.
        """
        machine = self.machine
        changed = None if configuration == machine.state.configuration else configuration
        number = machine.closed + 1
        self._do(Opened(number, OpenEpoch(timestamp, reports, changed)))
        return self.consume() and self.reduce_risk() and self._sequence_returned(timestamp * _MILLISECONDS)

    def consume(self) -> bool:
        """Take confirmed requests into an open batch without messages; tell whether it had room."""
        while self._requests:
            if self._do(Consumed(self._requests[0])) is None:
                return False
            self._requests.popleft()
        return True

    def reduce_risk(self) -> bool:
        """Liquidate and unwind what is due; tell whether the batch had room."""
        decided, had_room = self.machine.reduce_risk()
        for entry, events in decided:
            self._journal(entry, events)
        return had_room

    def close(self) -> None:
        """Close the open batch."""
        self._do(Closed(self.machine.open_batch.number))

    def sequence(self, verified: Verified, now_ms: int) -> Update | None:
        """Sequence a message; None if the open batch is full.

        Raises
        ------
        AdmissionError, CapacityError
            If it cannot be sequenced; nothing has changed then.
        """
        admit_verified(self.machine.state, verified.signed.message)
        return self._do(Sequenced(verified.signed, now_ms), verified.hash)

    def note(self, entry: JournalEntry) -> Update:
        """Journal what needs no room in a batch."""
        update = self._do(entry)
        assert update is not None, "only a batch can be full"
        return update

    def end_with(self, entry: JournalEntry) -> None:
        """Journal, durably, what the next start carries out."""
        self._writer.append(encode_entry(entry))
        self._writer.commit()

    def _sequence_returned(self, now_ms: int) -> bool:
        while self.machine.returned:
            signed = self.machine.returned[0]
            returned = Verified(signed, signed.message.hash(self.machine.state.domain))
            try:
                if self.sequence(returned, now_ms) is None:
                    return False
            except (AdmissionError, CapacityError) as error:
                self._do(Refused(signed, error.code))
        return True

    def _do(self, entry: JournalEntry, message_hash: int | None = None) -> Update | None:
        events = self.machine.carry_out(entry)
        return None if events is None else self._journal(entry, events, message_hash)

    def _journal(
        self, entry: JournalEntry, events: tuple[Event, ...], message_hash: int | None = None
    ) -> Update:
        number = self._writer.append(encode_entry(entry))
        update = self.machine.update(number, entry, events, message_hash)
        self.undurable.append(update)
        return update
