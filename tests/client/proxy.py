"""The network between client and exchange: loses requests and answers, breaks streams, when told."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Fault(Enum):
    """What happens to a request."""

    NONE = "it is answered"
    LOST = "it never arrives"
    ANSWER_LOST = "it arrives, its answer does not"


@dataclass
class Proxy:
    """Faults of the next requests, in their order; bytes are answered in the exchange's place.

    `changes` are what is written in the next answer, and what is there instead; as long as each other.
    `seen` has method, path and body of every request.
    """

    target: str
    faults: deque[Fault | bytes] = field(default_factory=deque)
    changes: deque[tuple[bytes, bytes]] = field(default_factory=deque)
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    address: str = ""
    streams: list[Writer] = field(default_factory=list)
    refuses_streams: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def posts(self, path: str) -> list[bytes]:
        """The bodies that were posted to a path."""
        return [body for method, seen, body in self.seen if (method, seen) == ("POST", path)]

    def break_streams(self) -> None:
        """Cut every stream, without a word."""
        for writer in self.streams:
            writer.transport.abort()
        self.streams.clear()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _one(self, reader: Reader, writer: Writer) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(length_of(head))
        method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
        if b"upgrade: websocket" in head.lower():
            return await self._stream(reader, writer, head)
        self.seen.append((method, path.split("?")[0], body))
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.LOST:
            return False
        if isinstance(fault, bytes):
            writer.write(fault)
            return True
        answer = await self._forwarded(head + body)
        if fault is Fault.ANSWER_LOST:
            return False
        if self.changes:
            answer = answer.replace(*self.changes.popleft())
        writer.write(answer)
        await writer.drain()
        return True

    async def _forwarded(self, request: bytes) -> bytes:
        upstream, sending = await self._upstream()
        try:
            sending.write(request)
            head = await upstream.readuntil(b"\r\n\r\n")
            return head + await upstream.readexactly(length_of(head))
        finally:
            sending.close()

    async def _stream(self, reader: Reader, writer: Writer, head: bytes) -> bool:
        if self.refuses_streams:
            return False
        upstream, sending = await self._upstream()
        sending.write(head)
        self.streams.append(writer)
        ways = [asyncio.create_task(pipe(reader, sending)), asyncio.create_task(pipe(upstream, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            sending.transport.abort()
        return False

    async def _upstream(self) -> tuple[Reader, Writer]:
        host, port = self.target.split(":")
        return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def proxied(target: str) -> AsyncIterator[Proxy]:
    """A proxy before a server, on a free port."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    proxy.address = f"{host}:{port}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()


def answer(status: int, body: Any, **headers: str) -> bytes:
    """An answer as the exchange gives it."""
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} -", f"content-length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def refusal(status: int, code: str, **headers: str) -> bytes:
    return answer(status, {"error": {"code": code, "message": "planted", "cure": "none"}}, **headers)


def length_of(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def pipe(reader: Reader, writer: Writer) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
