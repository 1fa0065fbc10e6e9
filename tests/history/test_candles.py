"""Candles on disk agree with those recomputed from all trades."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from sequencer.history.candles import INTERVALS
from sequencer.history.pages import PAGE_MAX
from sequencer.history.store import HistoryStore
from sequencer.history.types import Candle, Projection, Trade
from tests.history.samples import projections
from tests.history.test_tickers import random_trades

FOR_EVER = 1 << 60


def recomputed(history: Sequence[Projection], market: int, interval: int) -> list[Candle]:
    """The candles of a market, from its trades, newest first."""
    by_start: dict[int, list[Trade]] = defaultdict(list)
    for trade in (trade for projection in history for trade in projection.trades):
        if trade.market == market:
            by_start[trade.time_ms // (1_000 * interval) * 1_000 * interval].append(trade)
    return [
        Candle(
            market,
            interval,
            start,
            made[0].price,
            max(trade.price for trade in made),
            min(trade.price for trade in made),
            made[-1].price,
            sum(trade.size for trade in made),
            len(made),
        )
        for start, made in sorted(by_start.items(), reverse=True)
    ]


@pytest.mark.parametrize("history", [projections(), random_trades(3, 600)], ids=["a venue", "trades"])
def test_candles_are_what_the_trades_come_to(tmp_path: Path, history: Sequence[Projection]) -> None:
    for stop in (len(history) // 3, len(history) // 3 + 1, len(history)):
        with HistoryStore(tmp_path / "history") as store:
            store.apply(history[store.position : stop])
    with HistoryStore(tmp_path / "history") as store:
        for market in range(2):
            for interval in INTERVALS:
                expected = recomputed(history, market, interval)
                assert expected
                assert store.candles(market, interval, 0, FOR_EVER, PAGE_MAX) == expected


def test_candles_are_read_from_a_start_to_before_an_end(tmp_path: Path) -> None:
    history = random_trades(5, 100)
    with HistoryStore(tmp_path / "history") as store:
        store.apply(history)
        expected = recomputed(history, 0, 60)
        assert store.candles(0, 60, 0, FOR_EVER, 2) == expected[:2]
        bounds = expected[-1].start_ms, expected[0].start_ms
        assert store.candles(0, 60, *bounds, PAGE_MAX) == expected[1:]
        for candle in expected:
            begin = candle.start_ms
            assert store.candles(0, 60, begin, begin + 1, PAGE_MAX) == [candle]
            assert store.candles(0, 60, begin + 1, begin + 2, PAGE_MAX) == []


@pytest.mark.parametrize("group", [1, 3, 5])
def test_a_late_trade_joins_the_candle_of_its_time(tmp_path: Path, group: int) -> None:
    minutes = (0, 1, 0, 1, 0)
    history = [
        Projection(
            number,
            60_000 * minute,
            1,
            trades=(Trade(0, 1_000 + number, 1, 0, number, False, 1, 60_000 * minute, number),),
        )
        for number, minute in enumerate(minutes, 1)
    ]
    with HistoryStore(tmp_path / "history") as store:
        for begin in range(0, len(history), group):
            store.apply(history[begin : begin + group])
        for interval in INTERVALS:
            assert store.candles(0, interval, 0, FOR_EVER, 9) == recomputed(history, 0, interval)
