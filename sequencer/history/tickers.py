"""What each market did in the last 24 hours, by the minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from sequencer.history.candles import MINUTE, minute_of, with_trade
from sequencer.history.pages import PAGE_MAX
from sequencer.history.store import HistoryStore
from sequencer.history.types import Candle, Projection, Trade

WINDOW_MS: Final = 86_400_000
"""A minute counts as long as it began within it."""

_FOR_EVER: Final = 1 << 60


class Ticker(Struct, frozen=True):
    """Trades of 24 hours: prices in ticks, volume in lots.

    Attributes
    ----------
    open : int
        Price of the first trade; like `high` and `low` that of the last trade where there was none.
    last : int
        Price of the last trade, however old.
    """

    market: int
    last: int
    open: int
    high: int
    low: int
    volume: int
    trades: int

    @property
    def change(self) -> int:
        """By how many ticks the price rose."""
        return self.last - self.open


class Tickers:
    """Rolling figures of all markets that have traded; it takes the projections behind `position`."""

    def __init__(self, position: int = 0) -> None:
        self._position = position
        self._windows: dict[int, _Window] = {}

    @classmethod
    def of_history(cls, history: HistoryStore, markets: Iterable[int]) -> Tickers:
        """Return the tickers of all that a history holds."""
        tickers = cls(history.position)
        for market in markets:
            for trade in history.trades(market, None, 1).rows:
                window = tickers._windows[market] = _Window(market)
                for minute in _last_minutes(history, market):
                    window.append(minute)
                window.last = trade.price
        return tickers

    def apply(self, projection: Projection) -> None:
        """Count the trades of a projection; one that was counted before changes nothing."""
        if projection.number <= self._position:
            return
        self._position = projection.number
        for trade in projection.trades:
            window = self._windows.get(trade.market)
            if window is None:
                window = self._windows[trade.market] = _Window(trade.market)
            window.count(trade)

    def ticker(self, market: int, now_ms: int) -> Ticker | None:
        """Return what a market did in the 24 hours before a time; None before its first trade."""
        window = self._windows.get(market)
        return window.ticker(now_ms) if window is not None else None


class _Window:
    """Minutes of one market, oldest first, with their sums and those that can still be the extremes."""

    def __init__(self, market: int) -> None:
        self._market = market
        self._minutes: deque[Candle] = deque()
        self._highs: deque[tuple[int, int]] = deque()
        self._lows: deque[tuple[int, int]] = deque()
        self._volume = self._trades = 0
        self.last = 0

    def count(self, trade: Trade) -> None:
        """Add a trade; a clock that goes back does not open a minute again."""
        self.last = trade.price
        begun = minute_of(trade)
        if not self._minutes or begun.start_ms > self._minutes[-1].start_ms:
            self.append(begun)
            self._forget(begun.start_ms)
            return
        minute = self._minutes[-1] = with_trade(self._minutes[-1], trade)
        self._volume += trade.size
        self._trades += 1
        self._note_extremes(minute.start_ms, trade.price, trade.price)

    def append(self, minute: Candle) -> None:
        """Add a minute behind all others."""
        self._minutes.append(minute)
        self._volume += minute.volume
        self._trades += minute.trades
        self._note_extremes(minute.start_ms, minute.high, minute.low)

    def ticker(self, now_ms: int) -> Ticker:
        """Return the figures of 24 hours; `now_ms` never goes back."""
        self._forget(now_ms)
        if not self._minutes:
            return Ticker(self._market, self.last, self.last, self.last, self.last, 0, 0)
        return Ticker(
            market=self._market,
            last=self.last,
            open=self._minutes[0].open,
            high=self._highs[0][1],
            low=-self._lows[0][1],
            volume=self._volume,
            trades=self._trades,
        )

    def _note_extremes(self, start_ms: int, high: int, low: int) -> None:
        _note(self._highs, start_ms, high)
        _note(self._lows, start_ms, -low)

    def _forget(self, now_ms: int) -> None:
        begin = now_ms - WINDOW_MS
        while self._minutes and self._minutes[0].start_ms < begin:
            minute = self._minutes.popleft()
            self._volume -= minute.volume
            self._trades -= minute.trades
        for extremes in (self._highs, self._lows):
            while extremes and extremes[0][0] < begin:
                extremes.popleft()


def _note(highest: deque[tuple[int, int]], start_ms: int, value: int) -> None:
    """Add a value of the last minute to those that no later one reaches."""
    while highest and highest[-1][1] <= value:
        highest.pop()
    if not highest or highest[-1][0] != start_ms:
        highest.append((start_ms, value))


def _last_minutes(history: HistoryStore, market: int) -> list[Candle]:
    """Return the minutes of the 24 hours before the last one with a trade, oldest first."""
    found = history.candles(market, MINUTE, 0, _FOR_EVER, 1)
    begin = max(found[0].start_ms - WINDOW_MS, 0)
    while page := history.candles(market, MINUTE, begin, found[-1].start_ms, PAGE_MAX):
        found += page
    return found[::-1]
