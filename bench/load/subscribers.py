"""Many subscribers of one book: `python -m bench.load.subscribers PORT COUNT`.

It prints a line once all have their snapshot, reads until its standard input ends, and prints what it saw.
A subscriber that misses a push, or that the server drops, ends it with an error.
"""

import asyncio
import sys
import time
from typing import Final

import msgspec
import uvloop

from bench.load.clients import StreamConnection
from bench.load.frames import TEXT, client_frame
from bench.load.modes import HOST
from bench.load.venue import LISTING

SUBSCRIBE: Final = b'{"id":1,"op":"subscribe","channel":"%s","market":"' + LISTING.symbol.encode() + b'"}'
_AT_ONCE: Final = 50
_SNAPSHOT_SECONDS: Final = 60


class Seen(msgspec.Struct):
    """An entry as subscribers had it: how many, when it was sequenced, when the first and the last had it."""

    subscribers: int
    time_ms: int
    first_ns: int
    last_ns: int


class _Push(msgspec.Struct):
    id: int = 0
    entry: int = 0
    prev: int = 0
    time_ms: int = 0
    snapshot: bool = False


_PUSH: Final = msgspec.json.Decoder(_Push)


class Subscriber:
    """One stream, which checks that it misses nothing."""

    def __init__(self, seen: dict[int, Seen], failed: "asyncio.Future[None]") -> None:
        self._seen, self._failed = seen, failed
        self._held = 0
        self.has_snapshot: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def subscribe(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(lambda: StreamConnection(self._read, self._fail), HOST, port)
        await stream.opened
        stream.write(client_frame(TEXT, SUBSCRIBE % b"book"))
        await self.has_snapshot

    def _read(self, _: int, text: bytes) -> None:
        now = time.time_ns()
        push = _PUSH.decode(text)
        if push.id or not push.entry:
            return
        if push.snapshot:
            self._held = push.entry
            self.has_snapshot.set_result(None)
            return
        if push.prev != self._held:
            self._fail(f"entry {push.entry} follows {push.prev}, {self._held} was the last")
        self._held = push.entry
        seen = self._seen.get(push.entry)
        if seen is None:
            self._seen[push.entry] = Seen(1, push.time_ms, now, now)
        else:
            seen.subscribers += 1
            seen.last_ns = now

    def _fail(self, reason: str) -> None:
        for waiting in (self.has_snapshot, self._failed):
            if not waiting.done():
                waiting.set_exception(RuntimeError(reason))


async def main(port: int, count: int) -> None:
    """Subscribe, say so, and read until the standard input ends."""
    loop = asyncio.get_running_loop()
    seen: dict[int, Seen] = {}
    failed: asyncio.Future[None] = loop.create_future()
    for begin in range(0, count, _AT_ONCE):
        subscribers = [Subscriber(seen, failed) for _ in range(min(_AT_ONCE, count - begin))]
        async with asyncio.timeout(_SNAPSHOT_SECONDS):
            await asyncio.gather(*(each.subscribe(port) for each in subscribers))
    print("ready", flush=True)
    ended = loop.run_in_executor(None, sys.stdin.read)
    await asyncio.wait((ended, failed), return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        failed.result()
    print(msgspec.json.encode(seen).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
