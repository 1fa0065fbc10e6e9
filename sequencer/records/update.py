"""What the engine made of a journal entry: what history, books and streams follow from."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.engine.events import Event
from sequencer.model.market import Market
from sequencer.model.premium import Premium
from sequencer.records.entries import JournalEntry


class Update(Struct, frozen=True, gc=False):
    """One entry of the journal, carried out.

    Attributes
    ----------
    number : int
        Of the entry.
    batch : int
        The open batch, or the last one where none is open.
    timestamp : int
        Seconds; of that batch.
    events : tuple of Event
        What the engine did; empty for what does not concern it. An empty batch is abandoned without one.
    markets : sequence of Market
        After the entry.
    premiums : tuple of Premium
        After the entry; they hold the funding rates of `period`.
    message_hash : int
        Of the message that the entry sequences with its signature; 0 without one.
    """

    number: int
    batch: int
    timestamp: int
    entry: JournalEntry
    events: tuple[Event, ...]
    markets: Sequence[Market]
    premiums: tuple[Premium, ...]
    period: int
    message_hash: int
