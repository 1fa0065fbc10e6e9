"""One stream: what its client asks, and what waits for it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from msgspec.json import Decoder
from starlette.types import Receive, Scope, Send

from sequencer.model.errors import ProofbookError
from sequencer.service import errors
from sequencer.service.auth import Session
from sequencer.service.channels import ChannelKey, Fanout
from sequencer.service.desk import Desk, Results
from sequencer.service.frames import text_frame
from sequencer.service.http import caller, decoded, encoded, results
from sequencer.service.limits import Limiter
from sequencer.service.protocols import LINK
from sequencer.service.wire.errors import MalformedBodyError
from sequencer.service.wire.stream import (
    CLOSE_INTERNAL,
    CLOSE_MALFORMED,
    CLOSE_SLOW,
    CLOSE_TOO_MANY,
    Auth,
    Authenticated,
    Heartbeat,
    Operation,
    Ping,
    Pong,
    Submit,
    Subscribe,
    Unsubscribe,
    Unsubscribed,
)

_LOG: Final = logging.getLogger(__name__)
_OPERATION: Final[Decoder[Operation]] = Decoder(Operation)
_SUBMITS_MAX: Final = 32
_REASON_MAX: Final = 100
_BEAT_PRECISION_SECONDS: Final = 0.002


class Switchboard(Protocol):
    """Who connects streams with channels."""

    def key(self, connection: "Connection", operation: Subscribe | Unsubscribe) -> ChannelKey:
        """Return the channel that a client names."""

    def subscribe(self, connection: "Connection", key: ChannelKey, operation: Subscribe) -> None:
        """Begin a channel."""

    def unsubscribe(self, connection: "Connection", key: ChannelKey) -> None:
        """End a channel."""


class Link(Protocol):
    """What carries a stream."""

    on_writable: Callable[[], None] | None

    def say(self, frame: bytes) -> bool:
        """Send a frame; False, and `on_writable` is called later, if the client must read first."""


class Connection:
    """A stream from its acceptance to its end.

    Attributes
    ----------
    session : Session or None
        Of who has shown a token.
    held : dict of ChannelKey to int
        The channels of the stream, and the entry that its client holds of each.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, desk: Desk, switchboard: Switchboard
    ) -> None:
        self._link: Link = scope["state"][LINK]
        self._receive, self._send = receive, send
        self._desk, self._switchboard = desk, switchboard
        self._operations = Limiter(desk.settings.operations, buckets_max=1)
        self._loop = asyncio.get_running_loop()
        self.client = caller(scope)
        self.session: Session | None = None
        self.held: dict[ChannelKey, int] = {}
        self._queue: deque[bytes] = deque()
        self._queued_size = 0
        self._said_at = self._loop.time()
        self._beat: asyncio.TimerHandle | None = None
        self._reading: asyncio.Timeout | None = None
        self._end: tuple[int, str] | None = None
        self._submits: set[asyncio.Task[Results]] = set()

    async def run(self) -> None:
        """Serve the stream until either side ends it."""
        await self._receive()
        await self._send({"type": "websocket.accept"})
        self._link.on_writable = self._go_on
        self._beat_in(self._desk.settings.heartbeat_seconds)
        try:
            # Its time is over when `end` says so.
            async with asyncio.timeout(None) as self._reading:
                await self._read()
        except TimeoutError:
            if self._end is None:
                raise
        finally:
            self._reading = None
            self.end(CLOSE_INTERNAL, "the node failed")
            await self._close()

    def end(self, code: int, reason: str) -> None:
        """Let the stream be closed, without what still waits for it."""
        if self._end is not None:
            return
        self._end = code, reason
        self._queue.clear()
        self._link.on_writable = None
        if self._beat is not None:
            self._beat.cancel()
        if self._reading is not None:
            self._reading.reschedule(0)

    def push(self, key: ChannelKey, fanout: Fanout) -> None:
        """Send a push of a channel that the stream has, or queue it."""
        frame = fanout.frame(self.held[key])
        if frame is not None:
            self._put(frame)
            self.held[key] = fanout.entry

    def answer(self, operation_id: int, result: object) -> None:
        """Send the answer to an operation, or queue it."""
        self._put(text_frame(encoded({"id": operation_id, "result": result})))

    def refuse(self, operation_id: int, error: ProofbookError) -> None:
        """Send why an operation is refused, or queue it."""
        self._put(text_frame(encoded({"id": operation_id, "error": errors.body_of(error).error})))

    def _put(self, frame: bytes) -> None:
        if self._end is not None:
            return
        self._said_at = self._loop.time()
        if not self._queue and self._link.say(frame):
            return
        settings = self._desk.settings
        self._queued_size += len(frame)
        if len(self._queue) >= settings.queue_max or self._queued_size > settings.queue_bytes_max:
            self.end(CLOSE_SLOW, "slow consumer")
        else:
            self._queue.append(frame)

    def _go_on(self) -> None:
        """Send what has waited, as far as the client reads."""
        while self._queue and self._link.say(self._queue[0]):
            self._queued_size -= len(self._queue.popleft())

    def _beat_in(self, seconds: float) -> None:
        self._beat = self._loop.call_later(seconds, self._break_silence)

    def _break_silence(self) -> None:
        """Send a heartbeat if nothing else was sent for long enough; look again when that may be."""
        seconds = self._desk.settings.heartbeat_seconds
        left = self._said_at + seconds - self._loop.time()
        if left < _BEAT_PRECISION_SECONDS:
            left = seconds
            if not self._queue:
                self._put(text_frame(encoded(Heartbeat(time_ms=self._desk.clock.wall_ms()))))
        self._beat_in(left)

    async def _close(self) -> None:
        """Say why, to who still reads; who does not is cut off by the server."""
        assert self._end is not None, "a stream that is closed has ended"
        code, reason = self._end
        try:
            async with asyncio.timeout(self._desk.settings.request_seconds):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (TimeoutError, RuntimeError, OSError):
            return

    async def _read(self) -> None:
        while self._end is None:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                self._operations.take(None, 1, self._desk.clock.seconds())
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
                # They reach the node in their order, and wait for the disk together.
                while len(self._submits) >= _SUBMITS_MAX:
                    await asyncio.wait(self._submits, return_when=asyncio.FIRST_COMPLETED)
                self._submit(operation)

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

    def _submit(self, operation: Submit) -> None:
        task = self._desk.begin(self.client, operation.messages)
        self._submits.add(task)
        task.add_done_callback(partial(self._submitted, operation.id))

    def _submitted(self, operation_id: int, task: asyncio.Task[Results]) -> None:
        self._submits.discard(task)
        if task.cancelled():
            return
        try:
            items, _ = task.result()
        except ProofbookError as error:
            self.refuse(operation_id, error)
        except Exception:
            _LOG.exception("messages of a stream could not be submitted")
            self.end(CLOSE_INTERNAL, "the node failed")
        else:
            self.answer(operation_id, results(items))
