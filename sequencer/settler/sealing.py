"""Building the journal's batches on the ledger."""

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import CapacityError, RequestAfterMessageError
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.errors import EpochError
from sequencer.engine.state import State
from sequencer.records.entries import Consumed, Decided, Sequenced
from sequencer.settler.batches import BatchEntry, ClosedBatch
from sequencer.settler.errors import JournalMismatchError
from sequencer.state.ledger import Ledger
from sequencer.state.record import BatchRecord


def seal(ledger: Ledger, state: State, size: BatchSize, closed: ClosedBatch) -> SealedBatch:
    """Build a closed batch; ledger and state move with it.

    Raises
    ------
    JournalMismatchError
        If it cannot be built as the node has built it.
    """
    try:
        builder = BatchBuilder(ledger, state, size, closed.opening)
        if builder.number != closed.number:
            raise JournalMismatchError(f"batch {closed.number} does not follow batch {builder.number - 1}")
        for entry in closed.entries:
            if not _join(builder, entry):
                raise JournalMismatchError(f"batch {closed.number} has no room for {entry}")
    except (EpochError, CapacityError, RequestAfterMessageError) as error:
        raise JournalMismatchError(f"batch {closed.number} cannot be built: {error.message}") from error
    return builder.seal()


def require_same(closed: ClosedBatch, record: BatchRecord) -> None:
    """Refuse a journal whose batch is not the one that the ledger has.

    Raises
    ------
    JournalMismatchError
        If time, requests or signed messages differ.
    """
    requests = tuple(entry.request for entry in closed.entries if isinstance(entry, Consumed))
    messages = tuple(entry.signed for entry in closed.entries if isinstance(entry, Sequenced))
    if (closed.opening.timestamp, requests, messages) != (
        record.timestamp,
        record.requests,
        record.messages,
    ):
        raise JournalMismatchError(f"the ledger has another batch {closed.number}")


def _join(builder: BatchBuilder, entry: BatchEntry) -> bool:
    """Tell whether the batch had room for what the node has put into it."""
    match entry:
        case Consumed(request):
            return builder.add_request(request) is not None
        case Sequenced(signed):
            return builder.add_message(signed) is not None
        case Decided(message):
            return message.is_unsigned and builder.add_unsigned(message) is not None
