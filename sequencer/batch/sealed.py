"""A sealed batch: everything that proving, publishing and storing it takes."""

from msgspec import Struct

from sequencer.batch.draft import Draft
from sequencer.batch.pages import page_inputs
from sequencer.batch.records import build_stream
from sequencer.batch.requests import request_inputs
from sequencer.batch.rows import RowTable
from sequencer.batch.signals import Inputs
from sequencer.batch.signatures import signature_inputs
from sequencer.batch.sizes import BatchSize
from sequencer.batch.steps import step_inputs
from sequencer.batch.stream import Stream, challenge, evaluate
from sequencer.batch.tables import (
    account_inputs,
    configuration_inputs,
    header_inputs,
    margin_inputs,
    market_inputs,
    oracle_inputs,
    premium_inputs,
    shortfall_inputs,
    venue_inputs,
)
from sequencer.engine.events import Event, Filled, RequestProcessed
from sequencer.model.message import SignedMessage
from sequencer.state.ledger import LedgerChange
from sequencer.state.record import BatchRecord
from sequencer.state.roots import Roots


class SealedBatch(Struct, frozen=True):
    """A complete batch.

    Attributes
    ----------
    inputs : dict
        Every input signal of the circuit, the public ones included.
    stream : Stream
        The data slots and their words.
    c, r, y : int
        The public inputs.
    old_roots, new_roots : Roots
        Before and after the batch.
    change : LedgerChange
        What the batch writes.
    messages : tuple of SignedMessage
        The signed ones in sequence order, so neither one that L1 forced nor a liquidation.
    log_leaves : tuple of int
        The hashes of all messages.
    """

    size: BatchSize
    inputs: Inputs
    stream: Stream
    c: int
    r: int
    y: int
    old_roots: Roots
    new_roots: Roots
    change: LedgerChange
    messages: tuple[SignedMessage, ...]
    log_leaves: tuple[int, ...]
    events: tuple[Event, ...]

    @property
    def number(self) -> int:
        """The batch's number, from 1 up."""
        return self.change.counters.batch_number

    @property
    def words(self) -> list[int]:
        """The data words, queue words included."""
        return self.stream.words

    @property
    def contract_words(self) -> list[int]:
        """The data words that the operator sends; the contract has the queue words."""
        return self.stream.contract_words

    @property
    def requests(self) -> list[RequestProcessed]:
        """The L1 requests consumed, with their outcomes."""
        return [event for event in self.events if isinstance(event, RequestProcessed)]

    @property
    def trades(self) -> list[Filled]:
        """The fills, in the order in which they happened."""
        return [event for event in self.events if isinstance(event, Filled)]

    @property
    def volume(self) -> int:
        """Notional of all trades in quote units; each trade counts once."""
        markets = self.change.markets
        return sum(
            fill.quantity * fill.head.price * markets[fill.head.market].parameters.quote_per_tick_lot
            for fill in self.trades
        )

    def record(self) -> BatchRecord:
        """Return what the store keeps of the batch."""
        return BatchRecord(
            number=self.number,
            size=self.size.name,
            state_root=self.new_roots.state,
            inputs=self.inputs,
            contract_words=tuple(self.contract_words),
            log_leaves=self.log_leaves,
            requests=tuple(event.request for event in self.requests),
            messages=self.messages,
        )


def seal(draft: Draft) -> SealedBatch:
    """Fill every table of a complete batch; the ledger stays as it is."""
    ledger, change, rows = draft.ledger, draft.change(), RowTable(draft)
    old_roots, new_roots = ledger.roots(), ledger.roots_after(change)
    stream = build_stream(draft, change, old_roots, new_roots)
    c = stream.commitment()
    r = challenge(c, stream.words)
    y = evaluate(stream.words, r)
    inputs: Inputs = {
        "c": c,
        "r": r,
        "y": y,
        **header_inputs(ledger, draft.opening.timestamp),
        **venue_inputs(ledger.counters.venue),
        **configuration_inputs(draft.state.configuration),
        **oracle_inputs(draft.opening),
        **market_inputs(ledger.markets),
        **premium_inputs(ledger, draft.opening),
        **margin_inputs(draft),
        **account_inputs(draft),
        **page_inputs(draft),
        **rows.inputs(),
        **request_inputs(draft),
        **signature_inputs(draft),
        **step_inputs(draft, rows),
        **shortfall_inputs(draft),
    }
    return SealedBatch(
        size=draft.size,
        inputs=inputs,
        stream=stream,
        c=c,
        r=r,
        y=y,
        old_roots=old_roots,
        new_roots=new_roots,
        change=change,
        messages=draft.messages,
        log_leaves=tuple(draft.log_leaves()),
        events=draft.events,
    )
