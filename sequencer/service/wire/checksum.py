"""The checksum by which a client knows that its book is the venue's."""

from collections.abc import Iterable
from itertools import islice
from typing import Final
from zlib import crc32

BookRow = tuple[str, str, int]
"""Price, size, and how many orders."""

CHECKSUM_LEVELS: Final = 10


def book_checksum(bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> int:
    """Return CRC-32 over price and size of the first levels of each side, given best first."""
    rows = (*islice(bids, CHECKSUM_LEVELS), *islice(asks, CHECKSUM_LEVELS))
    return crc32("|".join(f"{price}:{size}" for price, size in rows).encode())
