"""Fixed-width big-endian integers, one after the other."""

from collections.abc import Iterable
from typing import Final

WORD_BYTES: Final = 32
_COUNT_BYTES: Final = 4


class ByteWriter:
    """Appends integers to a byte string."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def unsigned(self, value: int, width: int) -> None:
        """Append an unsigned integer of `width` bytes; OverflowError if it does not fit."""
        self._parts.append(value.to_bytes(width, "big"))

    def signed(self, value: int, width: int) -> None:
        """Append a signed integer of `width` bytes; OverflowError if it does not fit."""
        self._parts.append(value.to_bytes(width, "big", signed=True))

    def word(self, value: int) -> None:
        """Append a field element."""
        self.unsigned(value, WORD_BYTES)

    def words(self, values: Iterable[int]) -> None:
        """Append a counted list of field elements."""
        values = list(values)
        self.unsigned(len(values), _COUNT_BYTES)
        for value in values:
            self.word(value)

    def blob(self, value: bytes) -> None:
        """Append a counted byte string."""
        self.unsigned(len(value), _COUNT_BYTES)
        self._parts.append(value)

    def bytes(self) -> bytes:
        """Return everything that was appended."""
        return b"".join(self._parts)


class ByteReader:
    """Reads what a `ByteWriter` wrote, in the same order; ValueError where the bytes end too early."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def unsigned(self, width: int) -> int:
        """Read an unsigned integer of `width` bytes."""
        return int.from_bytes(self._take(width), "big")

    def signed(self, width: int) -> int:
        """Read a signed integer of `width` bytes."""
        return int.from_bytes(self._take(width), "big", signed=True)

    def word(self) -> int:
        """Read a field element."""
        return self.unsigned(WORD_BYTES)

    def words(self) -> tuple[int, ...]:
        """Read a counted list of field elements."""
        return tuple(self.word() for _ in range(self.unsigned(_COUNT_BYTES)))

    def blob(self) -> bytes:
        """Read a counted byte string."""
        return self._take(self.unsigned(_COUNT_BYTES))

    def end(self) -> None:
        """Refuse bytes that nobody has read."""
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes too many")

    def _take(self, width: int) -> bytes:
        part = self._data[self._at : self._at + width]
        if len(part) != width:
            raise ValueError(f"{width - len(part)} bytes are missing")
        self._at += width
        return part
