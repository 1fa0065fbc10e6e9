"""Connections that cannot be kept for nothing: each client has so many, and each request so much time."""

import asyncio
from asyncio.transports import Transport
from collections.abc import Callable
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from sequencer.service.limits import Occupancy, client_of
from sequencer.service.settings import ServiceSettings

LINK: Final = "proofbook.link"
"""Where a stream's scope has, in its state, the protocol that carries it."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, with a deadline for each request, from its first byte to the last of its answer."""

    settings: ClassVar[ServiceSettings]
    occupancy: ClassVar[Occupancy]

    _deadline: asyncio.TimerHandle | None = None
    _under_way = 0
    _client: str | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Count the connection, and cut it off if its client has too many."""
        super().connection_made(transport)
        self._restart()
        host = self.client[0] if self.client is not None else ""
        if host in self.settings.trusted_proxies:
            return
        if self.occupancy.enter(client_of(host)):
            self._client = client_of(host)
        else:
            transport.abort()

    def on_message_begin(self) -> None:
        """Begin the time of a request."""
        super().on_message_begin()
        self._under_way += 1
        self._restart()

    def on_response_complete(self) -> None:
        """End the time of a request; another may have begun."""
        self._under_way -= 1
        self._stop()
        if self._under_way:
            self._restart()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to a stream."""
        self._leave()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def _restart(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(self.settings.request_seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _leave(self) -> None:
        self._stop()
        if self._client is not None:
            self.occupancy.leave(self._client)
            self._client = None


class BoundedStream(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with a deadline for the end: who does not read cannot keep a socket.

    What is said often goes by `say`, past ASGI, whose messages cost several times as much.

    Attributes
    ----------
    on_writable : callable
        Called when the client has read so much that `say` sends again.
    """

    settings: ClassVar[ServiceSettings]
    on_writable: Callable[[], None] | None = None

    def say(self, frame: bytes) -> bool:
        """Send a frame, or nothing once the stream has ended; False if the client must read first."""
        if not self.writable.is_set():
            return False
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)
        return True

    def handle_connect(self, event: Request) -> None:
        """Let the application find what carries the stream."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][LINK] = self

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        if self.on_writable is not None:
            self.on_writable()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Begin the time that a stream has to take its end."""
        super().on_task_complete(task)
        self.loop.call_later(self.settings.request_seconds, self.transport.abort)
