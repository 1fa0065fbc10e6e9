"""Where what stands in the history: a prefix and numbers, by which the keys of a prefix sort."""

from struct import Struct
from typing import Final

POSITION: Final = b"position"
ORDER: Final = b"order/"
ORDER_NONCE: Final = b"order-nonce/"
MESSAGE: Final = b"message/"
FILL: Final = b"fill/"
TRANSFER: Final = b"transfer/"
TRADE: Final = b"trade/"
CANDLE: Final = b"candle/"
FUNDING: Final = b"funding/"
BATCH: Final = b"batch/"
TOUCHED: Final = b"touched/"

LAST: Final = (1 << 64) - 1

_PACKED: Final = tuple(Struct(f">{count}Q").pack for count in range(4))


def of(prefix: bytes, *numbers: int) -> bytes:
    """Return the key of at most three numbers."""
    return prefix + _PACKED[len(numbers)](*numbers)


def candle(market: int, interval_seconds: int, start_ms: int) -> bytes:
    """Return the key of a candle."""
    return of(CANDLE, market, interval_seconds, start_ms)
