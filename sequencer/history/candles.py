"""Candles: what the trades of an interval come to."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from sequencer.history.types import Candle, Trade

INTERVALS: Final = (60, 300, 900, 3_600, 14_400, 86_400)
"""Lengths of candles, seconds; each begins at a multiple of its own."""

CandleKey = tuple[int, int, int]
"""Market, length in seconds, start in milliseconds."""


def start_of(interval_seconds: int, time_ms: int) -> int:
    """Return when the candle of a time begins, milliseconds."""
    return time_ms - time_ms % (interval_seconds * 1_000)


def grown(
    trades: Iterable[Trade], candle_of: Callable[[CandleKey], Candle | None]
) -> dict[CandleKey, Candle]:
    """Return the candles that change by trades, given in their order.

    Parameters
    ----------
    candle_of
        What the trades before left.
    """
    changed: dict[CandleKey, Candle] = {}
    for trade in trades:
        for interval in INTERVALS:
            key = trade.market, interval, start_of(interval, trade.time_ms)
            candle = changed.get(key) or candle_of(key)
            changed[key] = with_trade(candle, trade) if candle is not None else of_trade(key, trade)
    return changed


def with_trade(candle: Candle, trade: Trade) -> Candle:
    """Return a candle with one more trade."""
    return replace(
        candle,
        high=max(candle.high, trade.price),
        low=min(candle.low, trade.price),
        close=trade.price,
        volume=candle.volume + trade.size,
        trades=candle.trades + 1,
    )


def of_trade(key: CandleKey, trade: Trade) -> Candle:
    """Return the candle of its first trade."""
    price = trade.price
    return Candle(*key, price, price, price, price, trade.size, 1)
