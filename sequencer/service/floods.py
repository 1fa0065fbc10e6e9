"""Connections that cannot flood the server: what is read, kept and left unread of each is bounded."""

import asyncio
from asyncio.transports import BaseTransport, Transport
from typing import ClassVar, Final

from uvicorn._types import ASGISendEvent

from sequencer.service.errors import RateLimitedError
from sequencer.service.limits import Limiter, Occupancy, client_of
from sequencer.service.protocols import BoundedHttp, BoundedStream
from sequencer.service.settings import Rate, ServiceSettings
from sequencer.service.wire.stream import CLOSE_TOO_MANY

LATE_MAX: Final = 256
"""Connections beyond the most that may be, which are told so; those beyond them are closed at once."""
FRAMES_PER_OPERATION: Final = 4
"""Frames that a stream may send in the time of an operation: parts of messages, pings and pongs too."""


class _FloodError(Exception):
    """Stops the parser: the connection is cut."""


class GuardedHttp(BoundedHttp):
    """A connection of which neither requests that wait, nor headers, nor unread answers pile up."""

    _head_bytes = 0
    _is_stream = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take the connection; one too many is answered that there are too many, or cut."""
        super().connection_made(transport)
        if len(self.connections) > self.settings.connections_max:
            # uvicorn answers 503 where there are more than so many.
            self.limit_concurrency = 0
        if len(self.connections) > self.settings.connections_max + LATE_MAX:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read what has come; between two requests too, nobody may go on for ever."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._is_stream or self.transport.is_closing():
            return
        if self._head_bytes > self.settings.head_bytes_max:
            self.transport.abort()
        elif self._deadline is None and self.timeout_keep_alive_task is None:
            # What is no request yet (an empty line) has ended the time of a silent connection all the same.
            self._restart()

    def on_message_begin(self) -> None:
        """Begin a request, if not too many wait already."""
        super().on_message_begin()
        self._head_bytes = 0
        if len(self.pipeline) >= self.settings.pipeline_max:
            self.transport.abort()
            raise _FloodError

    def on_headers_complete(self) -> None:
        """Begin the answer, unless the headers are longer than any request needs."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.settings.head_bytes_max:
            self.transport.abort()
            raise _FloodError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, whose size is bounded elsewhere."""
        self._head_bytes = max(0, self._head_bytes - len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._head_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer; who does not read the rest of it is cut off."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(self.settings.request_seconds, self._cut_unread)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to a stream, if it is free for one."""
        self._is_stream = True
        if self.limit_concurrency == 0 or self._under_way > 1:
            self.transport.abort()
            return
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, to who is still there."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _cut_unread(self) -> None:
        # An answer that is under way has its own time.
        if not self._under_way and self.transport.get_write_buffer_size():
            self.transport.abort()


class GuardedStream(BoundedStream):
    """A stream that is one of its client's connections; its handshake ends, and its frames are counted."""

    occupancy: ClassVar[Occupancy]
    frames_rate: ClassVar[Rate]

    _handshake: asyncio.TimerHandle | None = None
    _client: str | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin the time of the handshake."""
        super().connection_made(transport)
        self._frames_limit = Limiter(self.frames_rate, buckets_max=1)
        self._handshake = self.loop.call_later(self.settings.request_seconds, self.transport.abort)
        host = self.client[0] if self.client is not None else ""
        if host not in self.settings.trusted_proxies and self.occupancy.enter(client_of(host)):
            self._client = client_of(host)

    def data_received(self, data: bytes) -> None:
        """Read what has come; what is no handshake is refused."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_events(self) -> None:
        """Take the frames that have come, if the client has not sent too many."""
        try:
            self._frames_limit.take(None, len(self.conn.events), self.loop.time())
        except RateLimitedError:
            self._refuse()
        else:
            super().handle_events()
            if len(self.frames) > self.settings.parts_max:
                self._refuse()

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a handshake that is refused is complete too, and no error of ours that had to be logged."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def start_keepalive(self) -> None:
        """Begin a stream that was accepted."""
        self._stop()
        super().start_keepalive()

    def keepalive_timeout(self) -> None:
        """End a stream whose client does not answer, and may not read this either."""
        super().keepalive_timeout()
        self.loop.call_later(self.settings.request_seconds, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop()
        if self._client is not None:
            self.occupancy.leave(self._client)
            self._client = None
        super().connection_lost(exc)

    def _refuse(self) -> None:
        """End the stream without an answer to what has come."""
        self.conn.events_received()
        self.conn.data_to_send()
        self.frames = []
        if self.close_sent:
            self.transport.abort()
        else:
            self.conn.fail(CLOSE_TOO_MANY, "too many messages")
            self.handle_parser_exception()

    def _stop(self) -> None:
        if self._handshake is not None:
            self._handshake.cancel()
            self._handshake = None


def guarded(settings: ServiceSettings) -> tuple[type[GuardedHttp], type[GuardedStream]]:
    """Return the protocols of a server and of its streams with these bounds."""
    common = {"settings": settings, "occupancy": Occupancy(settings.connections_per_address)}
    each = settings.operations
    frames = Rate(FRAMES_PER_OPERATION * each.per_second, FRAMES_PER_OPERATION * each.burst)
    return (
        type("Http", (GuardedHttp,), common),
        type("Stream", (GuardedStream,), {**common, "frames_rate": frames}),
    )
