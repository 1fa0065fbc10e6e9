"""The ways in which messages reach a server, as bytes that are made before the clock starts."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from bench.load.flow import Framing
from bench.load.frames import TEXT, client_frame
from sequencer.service.wire.messages import MESSAGES_MAX

HOST: Final = "127.0.0.1"
_SINGLE_PATHS: Final = {b"order": b"/v1/orders", b"cance": b"/v1/orders/cancel"}
_KIND_AT: Final = len(b'{"type":"')


class Mode(Struct, frozen=True):
    """A way of sending.

    Attributes
    ----------
    connections : int
        Over which the lanes are dealt.
    in_flight : int
        Requests that a connection may have unanswered: the next one waits, and its time runs.
    encode : callable
        Returns the bytes of the request with a number and a chunk of messages.
    """

    name: str
    framing: Framing
    connections: int
    in_flight: int
    is_stream: bool
    encode: Callable[[int, Sequence[bytes]], bytes]

    def requests(self, chunks: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Return the bytes of all requests; they are numbered from 0."""
        return [self.encode(number, chunk) for number, chunk in enumerate(chunks)]


def post(path: bytes, body: bytes) -> bytes:
    """Return a request over a connection that is kept."""
    head = b"POST %s HTTP/1.1\r\nhost: load\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (path, len(body)) + body


def _batch(_: int, chunk: Sequence[bytes]) -> bytes:
    return post(b"/v1/orders/batch", b'{"messages":[%s]}' % b",".join(chunk))


def _single(_: int, chunk: Sequence[bytes]) -> bytes:
    (message,) = chunk
    return post(_SINGLE_PATHS[message[_KIND_AT : _KIND_AT + 5]], message)


def _submit(number: int, chunk: Sequence[bytes]) -> bytes:
    text = b'{"id":%d,"op":"submit","messages":[%s]}' % (number, b",".join(chunk))
    return client_frame(TEXT, text)


BATCHES: Final = Framing(chunk=MESSAGES_MAX, lanes=16)
SINGLES: Final = Framing(chunk=1, lanes=64)
MODES: Final = {
    mode.name: mode
    for mode in (
        Mode("single", SINGLES, connections=64, in_flight=1, is_stream=False, encode=_single),
        Mode("batch", BATCHES, connections=16, in_flight=1, is_stream=False, encode=_batch),
        Mode("stream", BATCHES, connections=4, in_flight=8, is_stream=True, encode=_submit),
    )
}
