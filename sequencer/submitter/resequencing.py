"""Building again what was undone: the same messages, in the same order, on the queue as it is now."""

from collections.abc import Callable, Iterator, Sequence

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import CapacityError
from sequencer.batch.risk import reduce_risk
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.admission import admit
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.errors import AdmissionError
from sequencer.engine.state import State
from sequencer.model.message import SignedMessage
from sequencer.model.request import Request
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.returned import Refusal

OpenNext = Callable[[State], OpenEpoch]
"""Gives time and oracle round of the next batch; both are newer than those of the state."""


def resequence(
    store: LedgerStore, ledger: Ledger, size: BatchSize, open_next: OpenNext, requests: Sequence[Request]
) -> Iterator[SealedBatch]:
    """Commit batch after batch until no returned message waits; yield each once it is stored.

    A message that the state no longer admits, say because the deposit behind it is gone, is kept as refused
    with its cause, in the write of the batch that it would have been in. A process that dies on the way goes
    on here: what is stored is no longer among the returned messages.

    Parameters
    ----------
    ledger
        As loaded from the store; it moves with each batch.
    requests
        Confirmed requests from the first that the ledger has not consumed; they come before the messages.
    """
    state, waiting, queue = ledger.state(), store.returned.waiting(), list(requests)
    while waiting:
        builder = BatchBuilder(ledger, state, size, open_next(state))
        refused = _fill(builder, state, queue, waiting)
        batch = builder.seal()
        store.commit(batch.change, batch.record(), refused)
        yield batch


def _fill(
    builder: BatchBuilder, state: State, queue: list[Request], waiting: list[SignedMessage]
) -> list[Refusal]:
    """Move requests, then messages into a batch until it is full; return the messages that it cannot have.

    What is due is liquidated before the messages, and again after them.
    """
    refused: list[Refusal] = []
    while queue:
        if builder.add_request(queue[0]) is None:
            return []
        del queue[0]
    if not reduce_risk(builder, state):
        return []
    while waiting:
        try:
            admit(state, waiting[0])
            if builder.add_message(waiting[0]) is None:
                return refused
        except (AdmissionError, CapacityError) as error:
            refused.append(Refusal(waiting[0], error.code))
        del waiting[0]
    reduce_risk(builder, state)
    return refused
