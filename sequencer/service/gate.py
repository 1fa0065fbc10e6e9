"""What stands before the routes: limits of requests, of bodies and of time."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sequencer.model.errors import ProofbookError
from sequencer.service.desk import Desk
from sequencer.service.errors import AnswerTimeoutError, BodyTooLargeError, RequestTimeoutError
from sequencer.service.http import ALLOWANCE, caller, refusal

BODY_BYTES_MAX: Final = 128 << 10
MESSAGES_PATH: Final = "/v1/orders"
_LENGTH_DIGITS_MAX: Final = 12


class _GoneError(Exception):
    """The client has left."""


class Gate:
    """Middleware that reads the body of a request, bounded in size and time, and bounds its answer's time."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answering = _Answering(scope, send)
        try:
            self._count(scope)
            body = await self._body(scope, receive)
            async with asyncio.timeout(self._desk.settings.answer_seconds):
                await self._app(scope, _Replayed(body, receive), answering)
        except _GoneError:
            return
        except (ProofbookError, TimeoutError) as error:
            if answering.has_begun:
                raise
            known = error if isinstance(error, ProofbookError) else AnswerTimeoutError("the answer is late")
            response = refusal(known)
            # What the client still sends of a refused body must not be read as its next request.
            response.headers["connection"] = "close"
            await response(scope, receive, answering)

    def _count(self, scope: Scope) -> None:
        """Charge a request; its messages are charged too, where their number is known."""
        desk = self._desk
        limiter = desk.address_messages if scope["path"].startswith(MESSAGES_PATH) else desk.reads
        scope[ALLOWANCE] = limiter.take(caller(HTTPConnection(scope)), 1, desk.clock.seconds())

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if len(length) > _LENGTH_DIGITS_MAX or int(length) > BODY_BYTES_MAX:
            raise BodyTooLargeError(f"the body has more than {BODY_BYTES_MAX} bytes")
        if length == "0" and "transfer-encoding" not in headers:
            return b""
        try:
            async with asyncio.timeout(self._desk.settings.body_seconds):
                return await _read(receive)
        except TimeoutError:
            raise RequestTimeoutError("the body is late") from None


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
