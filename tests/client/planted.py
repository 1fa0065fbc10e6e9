"""A stream that does what a test tells it to, wrong things too: for what the real one never does."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from proofbook.client.errors import ClientError
from proofbook.client.link import Link
from proofbook.client.stream import Stream
from tests.client.venue import MARKET, PATIENT
from tests.service.book import ClientBook

Operation = dict[str, Any]


@dataclass
class Session:
    """One connection, from the server's side."""

    socket: ServerConnection

    async def asked(self, op: str) -> Operation:
        """The next operation, which must be of a kind."""
        operation: Operation = json.loads(await self.socket.recv())
        assert operation["op"] == op, operation
        return operation

    async def say(self, body: Any) -> None:
        await self.socket.send(json.dumps(body))

    async def refuse(self, operation: Operation, code: str) -> None:
        error = {"code": code, "message": "planted", "cure": "none"}
        await self.say({"id": operation["id"], "error": error})

    async def begun(self, since: int | None = None) -> Operation:
        """A subscription, which must go on from an entry, and its answer."""
        operation = await self.asked("subscribe")
        assert operation["since"] == since, operation
        await self.grant(operation)
        return operation

    async def begun_again(self, since: int | None) -> None:
        """The end of a channel, and its new beginning."""
        await self.grant(await self.asked("unsubscribe"))
        await self.begun(since)

    async def grant(self, operation: Operation) -> None:
        result = {"channel": operation["channel"], "market": operation["market"], "entry": 0}
        await self.say({"id": operation["id"], "result": result})


Script = Callable[[Session], Awaitable[None]]


@dataclass
class Venue:
    """A book that changes, and what its stream says of it; `faults` are those that the client told of."""

    book: ClientBook = field(default_factory=ClientBook)
    faults: list[ClientError] = field(default_factory=list)
    failure: BaseException | None = None
    url: str = ""

    def snapshot(self) -> dict[str, Any]:
        self.book.entry += 10
        bids, asks = self.book.levels()
        return self.push(bids, asks, snapshot=True)

    def change(self, price: str, size: str) -> dict[str, Any]:
        """The push of one level to buy."""
        prev = self.book.entry
        self.book.entry += 10
        self.book.bids[price] = size
        return self.push([(price, size)], [], prev=prev)

    def push(self, bids: Any, asks: Any, *, prev: int = 0, snapshot: bool = False) -> dict[str, Any]:
        return {
            "channel": "book",
            "market": MARKET,
            "entry": self.book.entry,
            "prev": prev,
            "time_ms": 0,
            "snapshot": snapshot,
            "bids": bids,
            "asks": asks,
            "checksum": self.book.checksum(),
        }

    @property
    def codes(self) -> list[str]:
        return [fault.code for fault in self.faults]


@asynccontextmanager
async def planted(venue: Venue, *scripts: Script) -> AsyncIterator[Stream]:
    """A stream of a client whose connections follow the scripts, one each; the last one stays open."""
    following = iter(scripts)

    async def serve_one(socket: ServerConnection) -> None:
        script = next(following, None)
        if script is None:
            return
        try:
            await script(Session(socket))
        except AssertionError as error:
            venue.failure = error
            raise

    async with serve(serve_one, "127.0.0.1", 0, close_timeout=0.2) as server:
        host, port = next(iter(server.sockets)).getsockname()[:2]
        venue.url = f"http://{host}:{port}"
        link = Link(venue.url, None, PATIENT)
        try:
            async with Stream(link, venue.faults.append, give_up_seconds=30) as stream:
                yield stream
        finally:
            await link.close()
        assert venue.failure is None, venue.failure
