"""What stands before the routes: limits of requests, of bodies and of time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sequencer.model.errors import ProofbookError
from sequencer.service.desk import Desk
from sequencer.service.errors import (
    AnswerTimeoutError,
    BodyTooLargeError,
    MethodNotAllowedError,
    RequestTimeoutError,
)
from sequencer.service.http import ALLOWANCE, caller, refusal, send_answer, tell
from sequencer.service.limits import Allowance

BODY_BYTES_MAX: Final = 128 << 10
MESSAGES_PATH: Final = "/v1/orders"
STREAM_PATH: Final = "/v1/stream"
Told = tuple[object, Allowance]
"""A body or a ProofbookError, and what is left of the account's limit."""
Handler = Callable[[str, bytes], Awaitable[Told]]
"""Returns what is told to a client who posts a body, or raises a ProofbookError."""
_LENGTH_DIGITS_MAX: Final = 12


class _GoneError(Exception):
    """The client has left."""


class Gate:
    """Middleware that reads the body of a request, bounded in size and time, and bounds its answer's time.

    Parameters
    ----------
    direct
        By their paths, the routes that are answered here: all that lies behind costs more than they do.
    stream
        Serves the WebSockets of `STREAM_PATH`.
    """

    def __init__(self, app: ASGIApp, desk: Desk, direct: Mapping[str, Handler], stream: ASGIApp) -> None:
        self._app, self._desk, self._direct, self._stream = app, desk, direct, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or let it through."""
        if scope["type"] == "websocket":
            await self._shake_hands(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answering, handler = _Answering(scope, send), self._direct.get(scope["path"])
        loop, settings = asyncio.get_running_loop(), self._desk.settings
        body: bytes | None = None
        try:
            self._count(scope)
            async with asyncio.timeout(settings.body_seconds) as time:
                body = await _body(scope, receive)
                time.reschedule(loop.time() + settings.answer_seconds)
                if handler is None:
                    await self._app(scope, _Replayed(body, receive), answering)
                else:
                    await _answer(handler, body, scope, receive, answering)
        except _GoneError:
            return
        except (ProofbookError, TimeoutError) as error:
            if answering.has_begun:
                raise
            if isinstance(error, ProofbookError):
                response = refusal(error)
            elif body is None:
                response = refusal(RequestTimeoutError("the body is late"))
            else:
                response = refusal(AnswerTimeoutError("the answer is late"))
            # What the client still sends of a refused body must not be read as its next request.
            response.headers["connection"] = "close"
            await response(scope, receive, answering)

    async def _shake_hands(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin a stream; its handshake is a request like any other."""
        try:
            self._count(scope)
        except ProofbookError as error:
            await refusal(error)(scope, receive, send)
            return
        await (self._stream if scope["path"] == STREAM_PATH else self._app)(scope, receive, send)

    def _count(self, scope: Scope) -> None:
        """Charge a request; its messages are charged too, where their number is known."""
        desk = self._desk
        limiter = desk.address_messages if scope["path"].startswith(MESSAGES_PATH) else desk.reads
        scope[ALLOWANCE] = limiter.take(caller(scope), 1, desk.clock.seconds())


async def _answer(handler: Handler, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        if scope["method"] != "POST":
            raise MethodNotAllowedError(f"{scope['path']} does not take {scope['method']}", "POST")
        told, allowance = await handler(caller(scope), body)
        tell(scope, allowance)
    except ProofbookError as error:
        told = error
    if isinstance(told, ProofbookError):
        await refusal(told)(scope, receive, send)
    else:
        await send_answer(send, told)


class _Answering:
    """Sends, with the headers of the limit."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            allowance = self._scope.get(ALLOWANCE)
            if allowance is not None:
                message["headers"] = [*message.get("headers", ()), *allowance.headers()]
        await self._send(message)


class _Replayed:
    """Receives a body that was read before, and then what comes."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _body(scope: Scope, receive: Receive) -> bytes:
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if len(length) > _LENGTH_DIGITS_MAX or int(length) > BODY_BYTES_MAX:
        raise BodyTooLargeError(f"the body has more than {BODY_BYTES_MAX} bytes")
    if length == b"0" and b"transfer-encoding" not in headers:
        return b""
    return await _read(receive)


async def _read(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise BodyTooLargeError(f"the body has more than {BODY_BYTES_MAX} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
