"""The bytes of a log: segment headers and frames, each frame chained to the one before it."""

from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

MAGIC: Final = b"PBLOG1\n\0"
PAYLOAD_BYTES_MAX: Final = 1 << 20
NUMBER_BYTES: Final = 8
CHECKSUM_BYTES: Final = 8
NO_CHECKSUM: Final = bytes(CHECKSUM_BYTES)
"""What stands before entry 1."""

_HEADER: Final = Struct(">8sQ8s")
HEADER_BYTES: Final = _HEADER.size

_LENGTH: Final = Struct(">II")
LENGTH_BYTES: Final = _LENGTH.size
FRAME_BYTES_MIN: Final = LENGTH_BYTES + CHECKSUM_BYTES
_ALL_ONES: Final = 0xFFFF_FFFF


class SegmentHeader(NamedTuple):
    """What a segment says about its place in the log."""

    first: int
    """Number of its first entry."""
    previous: bytes
    """Checksum of the entry before that."""


def encode_header(header: SegmentHeader) -> bytes:
    """Return the first bytes of a segment."""
    return _HEADER.pack(MAGIC, header.first, header.previous)


def decode_header(data: bytes) -> SegmentHeader:
    """Return what the first bytes of a segment say; ValueError if they are those of no segment."""
    magic, first, previous = _HEADER.unpack(data)
    if magic != MAGIC:
        raise ValueError("no segment of a log begins so")
    return SegmentHeader(first, previous)


def checksum(previous: bytes, number: int, payload: bytes) -> bytes:
    """Return the checksum of an entry, which binds all entries before it."""
    digest = blake2b(previous + number.to_bytes(NUMBER_BYTES, "big"), digest_size=CHECKSUM_BYTES)
    digest.update(payload)
    return digest.digest()


def encode_frame(previous: bytes, number: int, payload: bytes) -> bytes:
    """Return the frame of an entry; its last bytes are the entry's checksum."""
    length = len(payload)
    return _LENGTH.pack(length, length ^ _ALL_ONES) + payload + checksum(previous, number, payload)


def frame_bytes(start: bytes) -> int:
    """Return the length of the frame that starts so; ValueError if the length does not check."""
    length: int
    complement: int
    length, complement = _LENGTH.unpack(start)
    if length ^ complement != _ALL_ONES:
        raise ValueError("the length does not check")
    if length > PAYLOAD_BYTES_MAX:
        raise ValueError(f"a length of {length} bytes is more than an entry may have")
    return FRAME_BYTES_MIN + length


def decode_frame(previous: bytes, number: int, frame: bytes) -> bytes:
    """Return the payload of a frame of the right length; ValueError if its checksum is not the entry's."""
    payload = frame[LENGTH_BYTES:-CHECKSUM_BYTES]
    if frame[-CHECKSUM_BYTES:] != checksum(previous, number, payload):
        raise ValueError("the checksum does not check")
    return payload
