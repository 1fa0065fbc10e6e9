"""One stream: what its client asks, and what waits for it."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, Final, Protocol

import msgspec
from msgspec.json import Decoder
from starlette.websockets import WebSocket, WebSocketDisconnect

from sequencer.model.errors import ProofbookError
from sequencer.service import errors
from sequencer.service.auth import Session
from sequencer.service.channels import ChannelKey, Fanout
from sequencer.service.desk import Desk
from sequencer.service.http import caller, decoded, encoded, results
from sequencer.service.wire.errors import MalformedBodyError
from sequencer.service.wire.scalars import Refusal
from sequencer.service.wire.stream import (
    CLOSE_INTERNAL,
    CLOSE_MALFORMED,
    CLOSE_SLOW,
    CLOSE_TOO_MANY,
    Auth,
    Authenticated,
    Heartbeat,
    Operation,
    OperationAnswer,
    Ping,
    Pong,
    Submit,
    Subscribe,
    Unsubscribe,
    Unsubscribed,
)

_OPERATION: Final[Decoder[Operation]] = Decoder(Operation)
_SUBMITS_MAX: Final = 32
_REASON_MAX: Final = 100


class Switchboard(Protocol):
    """Who connects streams with channels."""

    def key(self, connection: "Connection", operation: Subscribe | Unsubscribe) -> ChannelKey:
        """Return the channel that a client names."""

    def subscribe(self, connection: "Connection", key: ChannelKey, operation: Subscribe) -> None:
        """Begin a channel."""

    def unsubscribe(self, connection: "Connection", key: ChannelKey) -> None:
        """End a channel."""


class Connection:
    """A stream from its acceptance to its end.

    Attributes
    ----------
    session : Session or None
        Of who has shown a token.
    held : dict of ChannelKey to int
        The channels of the stream, and the entry that its client holds of each.
    """

    def __init__(self, websocket: WebSocket, desk: Desk, switchboard: Switchboard) -> None:
        self._websocket, self._desk, self._switchboard = websocket, desk, switchboard
        self.client = caller(websocket)
        self.session: Session | None = None
        self.held: dict[ChannelKey, int] = {}
        self._queue: deque[str] = deque()
        self._queued_size = 0
        self._filled = asyncio.Event()
        self._ended = asyncio.Event()
        self._end: tuple[int, str] = (CLOSE_INTERNAL, "the node failed")
        self._submits: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve the stream until either side ends it."""
        await self._websocket.accept()
        tasks = [asyncio.ensure_future(each) for each in (self._read(), self._write(), self._ended.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, *self._submits):
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await self._close()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                raise outcome

    def end(self, code: int, reason: str) -> None:
        """Let the stream be closed, without what still waits for it."""
        if not self._ended.is_set():
            self._end = code, reason
            self._ended.set()

    def push(self, key: ChannelKey, fanout: Fanout) -> None:
        """Queue a push of a channel that the stream has."""
        self._put(fanout.text(self.held[key]))
        self.held[key] = fanout.entry

    def answer(self, operation_id: int, result: object) -> None:
        """Queue the answer to an operation."""
        raw = msgspec.Raw(encoded(result))
        self._put(encoded(OperationAnswer(id=operation_id, result=raw)).decode())

    def refuse(self, operation_id: int, error: ProofbookError) -> None:
        """Queue why an operation is refused."""
        refusal: Refusal = errors.body_of(error).error
        self._put(encoded(OperationAnswer(id=operation_id, error=refusal)).decode())

    def _put(self, text: str) -> None:
        settings = self._desk.settings
        self._queued_size += len(text)
        if len(self._queue) >= settings.queue_max or self._queued_size > settings.queue_bytes_max:
            self.end(CLOSE_SLOW, "slow consumer")
        if self._ended.is_set():
            self._queue.clear()
            self._queued_size = 0
            return
        self._queue.append(text)
        self._filled.set()

    async def _write(self) -> None:
        seconds = self._desk.settings.heartbeat_seconds
        while True:
            while self._queue:
                text = self._queue.popleft()
                self._queued_size -= len(text)
                await self._send(text)
            self._filled.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._filled.wait()
            except TimeoutError:
                await self._send(encoded(Heartbeat(time_ms=self._desk.clock.wall_ms())).decode())

    async def _send(self, text: str) -> None:
        await self._websocket.send({"type": "websocket.send", "text": text})

    async def _close(self) -> None:
        """Say why, to who still reads; who does not is cut off by the server."""
        code, reason = self._end
        try:
            async with asyncio.timeout(self._desk.settings.request_seconds):
                await self._websocket.close(code, reason)
        except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
            return

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            try:
                self._desk.operations.take(self, 1, self._desk.clock.seconds())
                operation = decoded(_OPERATION, message.get("text") or "")
            except errors.RateLimitedError:
                self.end(CLOSE_TOO_MANY, "too many messages")
                return
            except MalformedBodyError as error:
                self.end(CLOSE_MALFORMED, error.message[:_REASON_MAX])
                return
            try:
                await self._carry_out(operation)
            except ProofbookError as error:
                self.refuse(operation.id, error)
            # A frame that is here already is received without a pause: others must have their turn.
            await asyncio.sleep(0)

    async def _carry_out(self, operation: Operation) -> None:
        match operation:
            case Subscribe():
                self._subscribe(operation)
            case Unsubscribe():
                self._unsubscribe(operation)
            case Auth():
                self._authenticate(operation)
            case Ping():
                self.answer(operation.id, Pong(time_ms=self._desk.clock.wall_ms()))
            case Submit():
                # In tasks: they reach the node in their order, and wait for the disk together.
                while len(self._submits) >= _SUBMITS_MAX:
                    await asyncio.wait(self._submits, return_when=asyncio.FIRST_COMPLETED)
                self._begin(self._submit(operation))

    def _subscribe(self, operation: Subscribe) -> None:
        key = self._switchboard.key(self, operation)
        if key in self.held:
            raise errors.AlreadySubscribedError(f"the stream has the channel {operation.channel}")
        if len(self.held) >= self._desk.settings.channels_max:
            self.end(CLOSE_TOO_MANY, "too many subscriptions")
            return
        self._desk.reads.take(self.client, 1, self._desk.clock.seconds())
        self._switchboard.subscribe(self, key, operation)

    def _unsubscribe(self, operation: Unsubscribe) -> None:
        key = self._switchboard.key(self, operation)
        if key not in self.held:
            raise errors.NotSubscribedError(f"the stream has no channel {operation.channel}")
        self._switchboard.unsubscribe(self, key)
        self.answer(operation.id, Unsubscribed(channel=operation.channel, market=operation.market))

    def _authenticate(self, operation: Auth) -> None:
        session = self._desk.session_of(operation.token)
        if self.session is not None and self.session.account != session.account:
            raise errors.ForeignAccountError(f"the stream is of account {self.session.account}")
        self.session = session
        answer = Authenticated(account=session.account, expires_ms=session.expires_ms)
        self.answer(operation.id, answer)

    async def _submit(self, operation: Submit) -> None:
        try:
            items, _ = await self._desk.submit(self.client, operation.messages)
        except ProofbookError as error:
            self.refuse(operation.id, error)
            return
        self.answer(operation.id, results(items))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._submits.add(task)
        task.add_done_callback(self._submits.discard)
