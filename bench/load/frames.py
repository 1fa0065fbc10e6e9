"""WebSocket frames (RFC 6455) of a client, made ahead: the mask is zero, so that a payload is as it is."""

import struct
from collections.abc import Iterator
from typing import Final

TEXT: Final = 1
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_FINAL: Final = 0x80
_MASKED: Final = 0x80
_MASK: Final = bytes(4)
_LENGTH_16, _LENGTH_64 = 126, 127


def client_frame(opcode: int, payload: bytes) -> bytes:
    """Return a whole message in one frame."""
    size = len(payload)
    if size < _LENGTH_16:
        head = struct.pack("!BB", _FINAL | opcode, _MASKED | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _FINAL | opcode, _MASKED | _LENGTH_16, size)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, _MASKED | _LENGTH_64, size)
    return head + _MASK + payload


class FrameReader:
    """Cuts what a server sends into frames; it must not split messages, and ours does not."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield opcode and payload of each frame that is complete."""
        self._waiting += data
        begin = 0
        while (bounds := self._payload(begin)) is not None:
            at, end = bounds
            opcode = self._waiting[begin]
            assert opcode & _FINAL, "a message in several frames"
            yield opcode & 0x0F, bytes(self._waiting[at:end])
            begin = end
        del self._waiting[:begin]

    def _payload(self, begin: int) -> tuple[int, int] | None:
        """Return where the payload of the frame at `begin` lies; None while it is not all there."""
        waiting = self._waiting
        if len(waiting) < begin + 2:
            return None
        size, at = waiting[begin + 1], begin + 2
        if size in (_LENGTH_16, _LENGTH_64):
            wide = 2 if size == _LENGTH_16 else 8
            if len(waiting) < at + wide:
                return None
            size, at = int.from_bytes(waiting[at : at + wide], "big"), at + wide
        return (at, at + size) if len(waiting) >= at + size else None
