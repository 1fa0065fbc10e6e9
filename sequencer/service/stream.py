"""All streams: who has which channel, and who is told what."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from starlette.types import Receive, Scope, Send

from sequencer.history.types import Projection
from sequencer.model.errors import ProofbookError
from sequencer.records.entries import Armed
from sequencer.service import errors
from sequencer.service.channels import OF_MARKETS, ChannelKey, Channels, Fanout
from sequencer.service.connection import Connection
from sequencer.service.desk import Desk
from sequencer.service.http import refusal
from sequencer.service.limits import Occupancy
from sequencer.service.wire.stream import (
    CLOSE_AWAY,
    CLOSE_INTERNAL,
    CLOSE_TOKEN,
    AccountEvent,
    DeadManFired,
    DeadManVoid,
    Push,
    Subscribe,
    Subscribed,
    Unsubscribe,
)

_LOG: Final = logging.getLogger(__name__)
_WATCH_SECONDS: Final = 1.0
_ENTRIES_PER_READ: Final = 1_000
_PAUSE_SECONDS: Final = 0.01
_PUSHES_PER_SECOND: Final = 20_000


class Hub:
    """Tells each durable projection to the streams that asked for it.

    What happens in a market is told to all at once: the first thing as soon as the node has told what became
    durable with it, and what follows after a pause, longer the more streams there are to tell.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._channels = desk, Channels(desk)
        self._subscribers: dict[ChannelKey, dict[Connection, None]] = {}
        self._followed: Counter[str] = Counter()
        self._untold: list[Projection] = []
        self._telling: asyncio.Handle | None = None
        self._rests_until = 0.0
        self._connections: dict[Connection, None] = {}
        self._occupancy = Occupancy(desk.settings.streams_per_address)
        self._switches: dict[int, Armed] = {}
        self._is_draining = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen to the venue as long as the context lasts."""
        end = self._desk.venue.listen(self._tell)
        watching = asyncio.ensure_future(self._watch_forever())
        try:
            self._channels.seed()
            await self._desk.venue.barrier()
            yield
        finally:
            end()
            self.drain()
            if self._telling is not None:
                self._telling.cancel()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream from its handshake to its end."""
        connection = Connection(scope, receive, send, self._desk, self)
        if not self._occupancy.enter(connection.client):
            error = errors.TooManyConnectionsError(f"{connection.client} has as many streams as it may")
            await refusal(error)(scope, receive, send)
            return
        self._connections[connection] = None
        if self._is_draining:
            connection.end(CLOSE_AWAY, "going away")
        try:
            await connection.run()
        finally:
            for key in list(connection.held):
                self.unsubscribe(connection, key)
            del self._connections[connection]
            self._occupancy.leave(connection.client)

    def drain(self) -> None:
        """Close all streams: the server stops."""
        self._is_draining = True
        for connection in self._connections:
            connection.end(CLOSE_AWAY, "going away")

    def key(self, connection: Connection, operation: Subscribe | Unsubscribe) -> ChannelKey:
        """Return the channel that a client names.

        Raises
        ------
        ChannelError, UnknownMarketError
        TokenMissingError
            If it is an account's, and the stream has shown no token.
        """
        session = connection.session
        if operation.channel == "account" and session is None:
            raise errors.TokenMissingError("the stream has shown no token")
        account = session.account if session is not None and operation.channel == "account" else None
        return self._channels.key(operation.channel, operation.market, account)

    def subscribe(self, connection: Connection, key: ChannelKey, operation: Subscribe) -> None:
        """Begin a channel with a snapshot, or with what came after an entry.

        Raises
        ------
        ResumeExpiredError
            If that is no longer kept, or is too much for the stream's queue.
        RateLimitedError
            If the address has no reads left.
        """
        snapshot = self._channels.snapshot(key) if operation.since is None else None
        missed = [] if operation.since is None else self._missed(connection, key, operation.since)
        entry = operation.since if operation.since is not None else self._desk.venue.status().entry
        answer = Subscribed(channel=operation.channel, market=operation.market, entry=entry)
        connection.answer(operation.id, answer)
        connection.held[key] = entry
        for push in missed if snapshot is None else [snapshot]:
            connection.push(key, Fanout(push))
        if key not in self._subscribers:
            self._subscribers[key] = {}
            self._followed[key.name] += 1
        self._subscribers[key][connection] = None
        if key.name == "account":
            self.watch_switch(key.subject)

    def unsubscribe(self, connection: Connection, key: ChannelKey) -> None:
        """End a channel that the stream has."""
        connection.held.pop(key)
        subscribers = self._subscribers[key]
        del subscribers[connection]
        if not subscribers:
            del self._subscribers[key]
            self._followed[key.name] -= 1
            if key.name == "account":
                self._switches.pop(key.subject, None)

    def watch_switch(self, account: int) -> None:
        """Have the account's stream told what becomes of the cancel-all that is kept for it."""
        armed = self._desk.venue.armed(account)
        if armed is not None and ChannelKey("account", account) in self._subscribers:
            self._switches[account] = armed

    def _missed(self, connection: Connection, key: ChannelKey, since: int) -> list[Push]:
        projections = self._desk.venue.recent(since)
        if projections is None:
            raise errors.ResumeExpiredError(f"what followed entry {since} is no longer kept")
        # To look through them all takes its time, which is everybody's.
        cost = len(projections) // _ENTRIES_PER_READ
        self._desk.reads.take(connection.client, cost, self._desk.clock.seconds())
        pushes = list(self._channels.replay(key, projections))
        if len(pushes) > self._desk.settings.queue_max // 2:
            raise errors.ResumeExpiredError(f"{len(pushes)} pushes have followed entry {since}")
        return pushes

    def _tell(self, projection: Projection) -> None:
        """Take a projection; whatever fails here, the node goes on, and the streams begin anew."""
        try:
            self._channels.note(projection)
            if (projection.levels or projection.trades) and any(map(self._followed.get, OF_MARKETS)):
                self._untold.append(projection)
                if self._telling is None:
                    self._tell_later()
            for key in self._channels.of_venue(projection):
                self._tell_channel(key, (projection,))
            if self._followed.get("account"):
                for key in self._channels.of_accounts(projection):
                    self._tell_channel(key, (projection,))
                self._tell_switch(projection)
        except Exception:
            self._fail(projection.number)

    def _tell_later(self) -> None:
        """Have the markets told once the node has told all that is durable now, and the pause is over."""
        loop = asyncio.get_running_loop()
        if self._rests_until <= loop.time():
            self._telling = loop.call_soon(self._tell_markets)
        else:
            self._telling = loop.call_at(self._rests_until, self._tell_markets)

    def _tell_markets(self) -> None:
        untold, self._untold, self._telling = self._untold, [], None
        told = 0
        try:
            for key in self._channels.of_markets(untold):
                told += self._tell_channel(key, untold)
        except Exception:
            self._fail(untold[-1].number)
        pause = max(_PAUSE_SECONDS, told / _PUSHES_PER_SECOND)
        self._rests_until = asyncio.get_running_loop().time() + pause

    def _fail(self, entry: int) -> None:
        _LOG.exception("entry %d could not be told", entry)
        for connection in self._connections:
            connection.end(CLOSE_INTERNAL, "the node failed")

    def _tell_channel(self, key: ChannelKey, projections: Sequence[Projection]) -> int:
        """Push what projections mean to a channel, if somebody has it; return to how many."""
        push = self._channels.push(key, projections) if key in self._subscribers else None
        return self._push(key, push) if push is not None else 0

    def _push(self, key: ChannelKey, push: Push) -> int:
        fanout, connections = Fanout(push), self._subscribers[key]
        for connection in connections:
            connection.push(key, fanout)
        return len(connections)

    def _tell_switch(self, projection: Projection) -> None:
        """Tell an account that its switch has fired, where the projection sequenced that very message."""
        answer = projection.answer
        armed = self._switches.get(answer.account) if answer is not None else None
        if answer is None or armed is None:
            return
        message = armed.signed.message
        if (message.kind, message.nonce) == (answer.kind, answer.nonce) and answer.sequence:
            del self._switches[answer.account]
            self._tell_account(answer.account, DeadManFired(nonce=message.nonce))

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            self._end_sessions()
            try:
                await self._tell_voids()
            except ProofbookError as error:
                _LOG.warning("the node does not answer: %s", error)

    async def _tell_voids(self) -> None:
        """Tell of switches that can no longer fire."""
        gone = [a for a, armed in self._switches.items() if self._desk.venue.armed(a) != armed]
        if gone:
            # Those that have fired are told by their own projections, which the barrier waits for.
            suspects = {account: self._switches[account] for account in gone}
            await self._desk.venue.barrier()
            for account, armed in suspects.items():
                if self._switches.get(account) is armed:
                    del self._switches[account]
                    self._tell_account(account, DeadManVoid(nonce=armed.signed.message.nonce))
                    self.watch_switch(account)

    def _end_sessions(self) -> None:
        """End the streams whose tokens are no longer good."""
        for connection in self._connections:
            if connection.session is not None and not self._desk.is_current(connection.session):
                connection.end(CLOSE_TOKEN, "token expired")

    def _tell_account(self, account: int, event: AccountEvent) -> None:
        key = ChannelKey("account", account)
        if key in self._subscribers:
            self._push(key, self._channels.account_push(event))
