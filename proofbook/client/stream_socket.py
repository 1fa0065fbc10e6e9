"""The WebSocket of a stream: opened with patience, watched for silence."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from proofbook.client.errors import (
    ClientError,
    ConnectionFailedError,
    MalformedAnswerError,
    StreamRefusedError,
    StreamSilentError,
    TokenRefusedError,
)
from proofbook.client.link import Link
from sequencer.service.wire.scalars import Body, Refusal
from sequencer.service.wire.stream import CLOSE_MALFORMED, CLOSE_TOO_MANY, Auth, Operation

OnFault = Callable[[ClientError], None]
"""Told of each fault that the stream heals."""

SILENCE_SECONDS: Final = 25.0
"""Two and a half heartbeats."""

_OPEN_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 1.0
_TEXT_BYTES_MAX: Final = 8 << 20


class StreamSocket:
    """One connection at a time to the exchange's stream.

    Parameters
    ----------
    on_fault
        Told of each connection that broke, or could not be opened.
    give_up_seconds
        How long it may stay without an answer.
    """

    def __init__(self, link: Link, on_fault: OnFault, give_up_seconds: float) -> None:
        self._link, self._on_fault, self._give_up_seconds = link, on_fault, give_up_seconds
        self._connection: ClientConnection | None = None
        self._attempts, self._lost_at = 0, time.monotonic()
        self.has_token = False

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._connection is not None

    async def open(self, *, needs_token: bool) -> None:
        """Connect, and show the account's token if it is needed.

        Raises
        ------
        ConnectionFailedError
            If that did not succeed for too long.
        ClientError
            If the account gets no token.
        """
        while True:
            await self._pause()
            try:
                async with asyncio.timeout(_OPEN_SECONDS):
                    self._connection = await connect(
                        _url(self._link.url),
                        close_timeout=_CLOSE_SECONDS,
                        max_size=_TEXT_BYTES_MAX,
                        proxy=None,
                    )
                    if needs_token:
                        await self._show_token(self._connection)
            except InvalidURI as error:
                raise ConnectionFailedError(f"{self._link.url} is no address of an exchange") from error
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
                await self._lost(error)
                continue
            except BaseException:
                await self.close()
                raise
            self.has_token = needs_token
            return

    async def send(self, operation: Operation) -> None:
        """Send an operation; if the connection is gone, `receive` finds out."""
        if self._connection is not None:
            try:
                await self._connection.send(msgspec.json.encode(operation).decode())
            except ConnectionClosed:
                return

    async def receive(self) -> str | bytes | None:
        """Return the next text; None if the connection broke, which was told.

        Raises
        ------
        StreamRefusedError
            If the exchange wants no more from this client.
        """
        connection = self._connection
        if connection is None:
            return None
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                text = await connection.recv()
        except TimeoutError:
            await self._drop(StreamSilentError(f"nothing came for {SILENCE_SECONDS:g} seconds"))
            return None
        except ConnectionClosed as error:
            if connection is self._connection:
                await self._lost(error)
            return None
        self._attempts = 0
        return text

    async def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        self.has_token = False
        if connection is not None:
            await connection.close()

    async def _show_token(self, connection: ClientConnection) -> None:
        """Show a token, and a new one if the first is not good any more."""
        token = await self._link.token()
        try:
            await _authenticate(connection, token)
        except TokenRefusedError:
            await _authenticate(connection, await self._link.token(instead_of=token))

    async def _pause(self) -> None:
        """Wait before an attempt, the longer the more have failed."""
        if self._attempts:
            if time.monotonic() - self._lost_at > self._give_up_seconds:
                raise ConnectionFailedError(
                    f"{self._link.url}: no stream for {self._give_up_seconds:g} seconds"
                )
            await asyncio.sleep(self._link.retries.pause(self._attempts))
        else:
            self._lost_at = time.monotonic()
        self._attempts += 1

    async def _lost(self, error: Exception) -> None:
        close = error.rcvd if isinstance(error, ConnectionClosed) else None
        if close is not None and close.code in (CLOSE_MALFORMED, CLOSE_TOO_MANY):
            await self.close()
            raise StreamRefusedError(_refusal(close.code, close.reason)) from error
        await self._drop(ConnectionFailedError(f"the stream broke: {type(error).__name__}: {error}"))

    async def _drop(self, fault: ClientError) -> None:
        self._on_fault(fault)
        await self.close()


async def _authenticate(connection: ClientConnection, token: str) -> None:
    await connection.send(msgspec.json.encode(Auth(id=0, token=token)).decode())
    while True:
        try:
            answer = msgspec.json.decode(await connection.recv(), type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedAnswerError(f"the answer to a token: {error}") from error
        if answer.id is None:
            continue
        if answer.error is not None:
            raise TokenRefusedError(answer.error)
        return


class _Answer(Body, frozen=True, kw_only=True):
    """An answer; of a push, which has no id, nothing."""

    id: int | None = None
    error: Refusal | None = None


def _refusal(code: int, reason: str) -> Refusal:
    return Refusal(
        code="malformed" if code == CLOSE_MALFORMED else "too_many",
        message=reason,
        cure="open fewer streams, with fewer channels"
        if code == CLOSE_TOO_MANY
        else "check that client and exchange are of one release",
    )


def _url(url: str) -> str:
    """Return the address of the stream: ws for http, wss for https."""
    return "ws" + url.removeprefix("http") + "/v1/stream"
