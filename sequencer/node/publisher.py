"""Showing what is durable: projections for the history, the books and those who listen."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from sequencer.history.projector import Projector
from sequencer.history.store import HistoryStore
from sequencer.history.tickers import Tickers
from sequencer.history.types import Projection
from sequencer.model.errors import ProofbookError
from sequencer.node.policy import NodePolicy
from sequencer.records.update import Update

Listener = Callable[[Projection], None]
"""Called with each durable projection, in order; it must not block."""


class Publisher:
    """Applies updates once they are durable.

    Attributes
    ----------
    published : int
        The last entry that is shown.
    """

    def __init__(
        self,
        projector: Projector,
        history: HistoryStore,
        tickers: Tickers,
        published: int,
        policy: NodePolicy,
    ) -> None:
        self._projector, self._history, self._tickers = projector, history, tickers
        self._recent: deque[Projection] = deque(maxlen=policy.recent_max)
        self._listeners: list[Listener] = []
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self.published = published

    def publish(self, updates: Sequence[Update]) -> list[Projection]:
        """Show what entries changed, in their order.

        The history has all of it, and the books are as the last entry left them, before anybody is told of
        the first.
        """
        projections = [self._projector.apply(update) for update in updates]
        self._history.apply(projections)
        for projection in projections:
            self._show(projection)
        return projections

    def _show(self, projection: Projection) -> None:
        self._tickers.apply(projection)
        self._recent.append(projection)
        self.published = projection.number
        for listener in tuple(self._listeners):
            listener(projection)
        while self._waiting and self._waiting[0][0] <= self.published:
            _, reached = self._waiting.popleft()
            if not reached.done():
                reached.set_result(None)

    async def reached(self, number: int) -> None:
        """Return once an entry is shown."""
        if number <= self.published:
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((number, reached))
        await reached

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have a listener told; return what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def recent(self, since: int) -> list[Projection] | None:
        """Return the projections after an entry, None where they are no longer kept."""
        if since > self.published:
            return None
        first = self._recent[0].number if self._recent else self.published + 1
        if since + 1 < first:
            return None
        return [each for each in self._recent if each.number > since]

    def fail(self, error: ProofbookError) -> None:
        """Tell those who wait that nothing more becomes durable."""
        for _, reached in self._waiting:
            if not reached.done():
                reached.set_exception(error)
        self._waiting.clear()
