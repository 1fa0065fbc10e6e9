"""What the service uses of a node."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sequencer.engine.state import State
from sequencer.history.projector import Projector
from sequencer.history.store import HistoryStore
from sequencer.history.tickers import Tickers
from sequencer.history.types import Projection
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer, NodeStatus, VenueInfo
from sequencer.records.entries import Armed


class Venue(Protocol):
    """The exchange behind the service. `projector`, `history` and `tickers` show what is durable, no more."""

    info: VenueInfo
    projector: Projector
    history: HistoryStore
    tickers: Tickers

    async def submit(self, messages: Sequence[SignedMessage]) -> list[Answer | ProofbookError]:
        """Sequence messages in their order; return one result each, once they are durable."""

    async def replace(self, cancel: SignedMessage, order: SignedMessage) -> list[Answer | ProofbookError]:
        """Sequence a cancel, and an order only if the cancel removed one."""

    async def arm(self, cancel_all: SignedMessage, fire_at_ms: int) -> None:
        """Keep a pre-signed cancel-all, to be sequenced from a time (UTC) on."""

    async def disarm(self, account: int) -> None:
        """Keep no cancel-all for an account any more."""

    def armed(self, account: int) -> Armed | None:
        """Return the cancel-all that is kept for an account."""

    def state(self) -> State:
        """Return the engine's state, which may be ahead of the disk."""

    async def barrier(self) -> None:
        """Return when all that the state shows is durable."""

    def listen(self, listener: Callable[[Projection], None]) -> Callable[[], None]:
        """Have a listener told of each durable projection, in order; return what ends it."""

    def recent(self, since: int) -> list[Projection] | None:
        """Return the projections after an entry, None where they are no longer kept."""

    def status(self) -> NodeStatus:
        """Return how the node is."""
