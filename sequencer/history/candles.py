"""Candles: what the trades of an interval come to."""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from sequencer.history.types import Candle, Trade

INTERVALS: Final = (60, 300, 900, 3_600, 14_400, 86_400)
"""Lengths of candles, seconds: multiples of a minute; each begins at a multiple of its own."""

MINUTE: Final = INTERVALS[0]

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
    for run in _runs(trades):
        for interval in INTERVALS:
            key = run.market, interval, start_of(interval, run.start_ms)
            candle = changed.get(key) or candle_of(key)
            changed[key] = _joined(candle, run) if candle is not None else _lengthened(run, key)
    return changed


def with_trade(candle: Candle, trade: Trade) -> Candle:
    """Return a candle with one more trade."""
    price = trade.price
    return replace(
        candle,
        high=max(candle.high, price),
        low=min(candle.low, price),
        close=price,
        volume=candle.volume + trade.size,
        trades=candle.trades + 1,
    )


def minute_of(trade: Trade) -> Candle:
    """Return the minute of its first trade."""
    price = trade.price
    start_ms = start_of(MINUTE, trade.time_ms)
    return Candle(trade.market, MINUTE, start_ms, price, price, price, price, trade.size, 1)


def _runs(trades: Iterable[Trade]) -> list[Candle]:
    """Return the minutes of each market in the order of its trades; one that is met again is another."""
    runs: list[Candle] = []
    last: dict[int, int] = {}
    for trade in trades:
        at = last.get(trade.market)
        if at is not None and runs[at].start_ms == start_of(MINUTE, trade.time_ms):
            runs[at] = with_trade(runs[at], trade)
        else:
            last[trade.market] = len(runs)
            runs.append(minute_of(trade))
    return runs


def _joined(candle: Candle, later: Candle) -> Candle:
    return replace(
        candle,
        high=max(candle.high, later.high),
        low=min(candle.low, later.low),
        close=later.close,
        volume=candle.volume + later.volume,
        trades=candle.trades + later.trades,
    )


def _lengthened(minute: Candle, key: CandleKey) -> Candle:
    _, interval_seconds, start_ms = key
    return replace(minute, interval_seconds=interval_seconds, start_ms=start_ms)
