"""Connections that cost little: they write bytes as they are and tell of each answer."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Final, cast

import httptools

from bench.load.frames import CLOSE, PING, PONG, TEXT, FrameReader, client_frame
from bench.load.modes import HOST, Mode

STREAM_PATH: Final = "/v1/stream"
_SWITCHING: Final = 101

OnAnswer = Callable[[int, bytes], None]
"""Told of an answer: its HTTP status, 200 for that of a stream, and its body."""

OnEnd = Callable[[str], None]
"""Told why a connection is gone that nobody here has closed."""


class Connection(asyncio.Protocol):
    """Writes bytes as they are; tells once that it is gone, unless it was closed here."""

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        self._on_answer, self._on_end = on_answer, on_end
        self._transport: asyncio.Transport | None = None
        self._is_closing = False

    def write(self, request: bytes) -> None:
        """Send a request."""
        assert self._transport is not None, "it is connected"
        self._transport.write(request)

    def close(self) -> None:
        """Close it."""
        self._is_closing = True
        assert self._transport is not None, "it is connected"
        # What is still unsent is not waited for.
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of uvloop is one by what it does, not by its class.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"the server has ended a connection: {exc}")

    def _end(self, reason: str) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._on_end(reason)


class HttpConnection(Connection):
    """Keeps its connection, and has one request under way at a time."""

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        super().__init__(on_answer, on_end)
        self._body = bytearray()
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, self._body = bytes(self._body), bytearray()
        self._on_answer(self._parser.get_status_code(), body)


class StreamConnection(Connection):
    """A WebSocket; `opened` is done once the server has switched to it. Every text is an answer to it."""

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        super().__init__(on_answer, on_end)
        self._frames = FrameReader()
        self._head = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.write(upgrade_request())

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            if int(head.split(b" ", 2)[1]) != _SWITCHING:
                self.opened.set_exception(ConnectionError(head.decode()))
                return
            self.opened.set_result(None)
        for opcode, payload in self._frames.feed(data):
            if opcode == TEXT:
                self._on_answer(200, payload)
            elif opcode == PING:
                self.write(client_frame(PONG, payload))
            elif opcode == CLOSE:
                self._end(f"the server has ended a stream with {int.from_bytes(payload[:2], 'big')}")


def upgrade_request() -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {STREAM_PATH} HTTP/1.1",
        "host: load",
        "upgrade: websocket",
        "connection: Upgrade",
        f"sec-websocket-key: {key}",
        "sec-websocket-version: 13",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def connected(port: int, mode: Mode, on_answer: OnAnswer, on_end: OnEnd) -> Connection:
    """Return a connection that takes requests."""
    loop = asyncio.get_running_loop()
    if not mode.is_stream:
        return (await loop.create_connection(lambda: HttpConnection(on_answer, on_end), HOST, port))[1]
    _, stream = await loop.create_connection(lambda: StreamConnection(on_answer, on_end), HOST, port)
    await stream.opened
    return stream
