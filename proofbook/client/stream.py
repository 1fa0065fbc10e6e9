"""What happens, as it happens: channels over a WebSocket that heal themselves."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Self, cast

import msgspec

from proofbook.client.errors import (
    BookChecksumError,
    ClientError,
    MalformedAnswerError,
    StreamGapError,
    StreamRefusedError,
)
from proofbook.client.events import AnyPush, StreamPush
from proofbook.client.link import Link
from proofbook.client.local_book import LocalBook
from proofbook.client.stream_socket import OnFault, StreamSocket
from sequencer.service.wire.scalars import Body
from sequencer.service.wire.stream import (
    BookPush,
    ChannelName,
    Heartbeat,
    OperationAnswer,
    Subscribe,
    Unsubscribe,
)

GIVE_UP_SECONDS: Final = 300.0

_LOG: Final = logging.getLogger(__name__)
_RESUME_EXPIRED: Final = "resume_expired"
_RATE_LIMITED: Final = "rate_limited"
_LIMIT_SECONDS: Final = 1.0
_ChannelKey = tuple[ChannelName, str | None]


@dataclass(slots=True)
class _Channel:
    """A channel that the client wants.

    Attributes
    ----------
    entry : int or None
        Of the last push that was taken; None where a snapshot must come first.
    awaited : int
        Operation that begins it: until its answer, pushes are of an earlier beginning. 0 once it has begun.
    """

    key: _ChannelKey
    book: LocalBook | None
    entry: int | None = None
    awaited: int = 0


class Stream:
    """Pushes of the channels that were subscribed to, in their order, none missing.

    A connection that breaks, or says nothing for too long, is opened again and goes on where it stopped.
    Where the venue no longer has what followed, and where a book is found wrong, a snapshot comes first.
    Only who iterates over it reads anything.

    Parameters
    ----------
    on_fault
        Told of what is healed; it is logged without one.
    give_up_seconds
        How long the exchange may be away.
    """

    def __init__(
        self, link: Link, on_fault: OnFault | None = None, give_up_seconds: float = GIVE_UP_SECONDS
    ) -> None:
        self._on_fault = on_fault or _log
        self._socket = StreamSocket(link, self._on_fault, give_up_seconds)
        self._channels: dict[_ChannelKey, _Channel] = {}
        self._operations = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamPush:
        while True:
            if not self._socket.is_open:
                await self._socket.open(needs_token=("account", None) in self._channels)
                for channel in tuple(self._channels.values()):
                    await self._begin(channel)
            text = await self._socket.receive()
            push = await self._take(text) if text is not None else None
            if push is not None:
                return push

    async def close(self) -> None:
        """End the stream."""
        await self._socket.close()

    async def subscribe(self, channel: ChannelName, market: str | None = None) -> None:
        """Begin a channel: book, trades and ticker are of one market, marks, batches and account of none.

        A snapshot is pushed first. What the exchange refuses, the iteration raises: StreamRefusedError.
        """
        key = (channel, market)
        if key not in self._channels:
            book = LocalBook(market) if channel == "book" and market is not None else None
            added = self._channels[key] = _Channel(key, book)
            if channel == "account" and not self._socket.has_token:
                await self._socket.close()
            elif self._socket.is_open:
                await self._begin(added)

    async def follow_book(self, market: str) -> LocalBook:
        """Subscribe to a market's book; return one that is the venue's as of each push that is taken."""
        await self.subscribe("book", market)
        book = self._channels["book", market].book
        assert book is not None, "the channel of a book has one"
        return book

    async def unsubscribe(self, channel: ChannelName, market: str | None = None) -> None:
        """End a channel."""
        if self._channels.pop((channel, market), None) is not None and self._socket.is_open:
            await self._socket.send(Unsubscribe(id=self._next_id(), channel=channel, market=market))

    def _next_id(self) -> int:
        self._operations += 1
        return self._operations

    async def _begin(self, channel: _Channel) -> None:
        name, market = channel.key
        channel.awaited = self._next_id()
        await self._socket.send(
            Subscribe(id=channel.awaited, channel=name, market=market, since=channel.entry)
        )

    async def _begin_again(self, channel: _Channel, fault: ClientError) -> None:
        self._on_fault(fault)
        name, market = channel.key
        await self._socket.send(Unsubscribe(id=self._next_id(), channel=name, market=market))
        await self._begin(channel)

    async def _take(self, text: str | bytes) -> StreamPush | None:
        """Return the push that a text says, if it is one and follows what is held."""
        try:
            if msgspec.json.decode(text, type=_Peek).id is not None:
                await self._answered(msgspec.json.decode(text, type=OperationAnswer))
                return None
            push = msgspec.json.decode(text, type=AnyPush)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedAnswerError(f"a push: {error}") from error
        return None if isinstance(push, Heartbeat) else await self._followed(push)

    async def _answered(self, answer: OperationAnswer) -> None:
        channel = next((each for each in self._channels.values() if each.awaited == answer.id), None)
        if channel is None:
            return
        channel.awaited = 0
        if answer.error is msgspec.UNSET:
            return
        fault = StreamRefusedError(answer.error)
        if fault.code not in (_RESUME_EXPIRED, _RATE_LIMITED):
            del self._channels[channel.key]
            raise fault
        self._on_fault(fault)
        if fault.code == _RESUME_EXPIRED:
            channel.entry = None
        else:
            await asyncio.sleep(_LIMIT_SECONDS)
        await self._begin(channel)

    async def _followed(self, push: StreamPush) -> StreamPush | None:
        channel = self._channels.get(_key_of(push))
        if channel is None or channel.awaited:
            return None
        if not push.snapshot and push.prev != channel.entry:
            fault = StreamGapError(f"{channel.key}: a push follows {push.prev}, held is {channel.entry}")
            await self._begin_again(channel, fault)
            return None
        if isinstance(push, BookPush) and channel.book is not None:
            try:
                channel.book.apply(push)
            except BookChecksumError as fault:
                channel.entry = None
                await self._begin_again(channel, fault)
                return None
        channel.entry = push.entry
        return push


class _Peek(Body, frozen=True, kw_only=True):
    id: int | None = None


def _key_of(push: StreamPush) -> _ChannelKey:
    return cast(ChannelName, type(push).__struct_config__.tag), getattr(push, "market", None)


def _log(fault: ClientError) -> None:
    _LOG.warning("%s", fault)
