"""Bytes on sockets: a client that keeps to no protocol, from an address of its own."""

import socket
import struct
import time
from collections.abc import Callable

from tests.service.exchange import Exchange

ADA, MALLORY = "127.0.0.1", "127.0.0.2"
"""Two clients of one machine."""
GET = b"GET /v1/time HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    b"GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
TEXT, CONTINUED, PING = 1, 0, 9
_FINAL, _MASKED, _SHORT_MAX = 0x80, 0x80, 125
_WAIT_SECONDS = 30


class Raw:
    """One connection."""

    def __init__(self, exchange: Exchange, address: str = MALLORY, window: int | None = None) -> None:
        self.socket = socket.socket()
        if window is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(_WAIT_SECONDS)
        self.socket.bind((address, 0))
        host, port = exchange.address.split(":")
        self.socket.connect((host, int(port)))

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, data: bytes) -> bool:
        """Send bytes; whether the server was still there."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def hear(self, until: bytes = b"") -> bytes:
        """What comes until something has come, by default until the server closes."""
        heard = b""
        try:
            while (not until or until not in heard) and (part := self.socket.recv(65_536)):
                heard += part
        except ConnectionError:
            return heard
        return heard

    def upgraded(self) -> "Raw":
        """The connection as a stream."""
        self.say(UPGRADE + b"\r\n")
        assert self.hear(until=b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        return self


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """A frame as a client of a stream sends it, with a mask of zeros."""
    first = opcode | (_FINAL if final else 0)
    if len(payload) <= _SHORT_MAX:
        head = struct.pack(">BB", first, _MASKED | len(payload))
    else:
        head = struct.pack(">BBH", first, _MASKED | 126, len(payload))
    return head + bytes(4) + payload


def connections(exchange: Exchange) -> int:
    """How many sockets the server has of its clients."""
    return len(exchange.server.server_state.connections)


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds, which it must."""
    end = time.monotonic() + _WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.01)
