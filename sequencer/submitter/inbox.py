"""The requests that may be consumed: those that a reorganisation is not expected to take back."""

from collections.abc import Sequence

from sequencer.model.request import Request
from sequencer.store.outbox import Outbox
from sequencer.submitter.reader import ChainReader


def confirmed_requests(
    outbox: Outbox, reader: ChainReader, begin: int, confirmations: int
) -> Sequence[Request]:
    """Return the requests from place `begin` on that are deep enough; none while the node lags.

    Raises
    ------
    ChainUnreachableError, NodeRefusedError
        If the node does not say; ask again later.
    """
    head = reader.block()
    if head.number < outbox.height:
        return ()
    outbox.raise_height(head.number)
    return reader.requests(reader.buried(head, confirmations), begin)
