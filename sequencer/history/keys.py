"""Where what stands in the history: a prefix and numbers, by which the keys of a prefix sort."""

from typing import Final

from sequencer.store.database import numbered

POSITION: Final = b"position"
ORDER: Final = b"order/"
OPEN: Final = b"open/"
OWNER: Final = b"owner/"
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


def of(prefix: bytes, *numbers: int) -> bytes:
    """Return the key of numbers."""
    for number in numbers:
        prefix = numbered(prefix, number)
    return prefix


def candle(market: int, interval_seconds: int, start_ms: int) -> bytes:
    """Return the key of a candle."""
    return of(CANDLE, market, interval_seconds, start_ms)
