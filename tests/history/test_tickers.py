"""24 hours, by the minute, against a recount of all trades."""

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sequencer.history.store import HistoryStore
from sequencer.history.tickers import WINDOW_MS, Ticker, Tickers
from sequencer.history.types import Projection, Trade

MINUTE_MS = 60_000
BEGIN_MS = 1_700_000_000_000


def trade(number: int, time_ms: int, price: int, size: int, market: int = 0) -> Projection:
    made = Trade(market, price, size, 0, number, False, 1, time_ms, number)
    return Projection(number, time_ms, 1, trades=(made,))


def random_trades(seed: int, count: int) -> list[Projection]:
    """Trades of two markets, some within a second and some days apart."""
    random, time_ms = Random(seed), BEGIN_MS
    projections = []
    for number in range(1, count + 1):
        gaps = (0, 1, 999, MINUTE_MS, 40 * MINUTE_MS, WINDOW_MS // 3, WINDOW_MS, 2 * WINDOW_MS)
        time_ms += random.choices(gaps, (30, 10, 10, 10, 20, 3, 1, 1))[0]
        price = 1_000 + random.randint(-20, 20)
        projections.append(trade(number, time_ms, price, random.randint(1, 9), random.randint(0, 1)))
    return projections


def recounted(projections: list[Projection], market: int, now_ms: int) -> Ticker | None:
    made = [each for projection in projections for each in projection.trades if each.market == market]
    if not made:
        return None
    last = made[-1].price
    counted = [each for each in made if each.time_ms // MINUTE_MS * MINUTE_MS >= now_ms - WINDOW_MS]
    prices = [each.price for each in counted] or [last]
    volume = sum(each.size for each in counted)
    return Ticker(market, last, prices[0], max(prices), min(prices), volume, len(counted))


@given(seed=st.integers(0, 2**64 - 1), count=st.integers(1, 120))
def test_a_ticker_is_what_a_recount_gives(seed: int, count: int) -> None:
    tickers, projections = Tickers(), random_trades(seed, count)
    for done, projection in enumerate(projections, 1):
        tickers.apply(projection)
        for market in (0, 1):
            now_ms = projection.time_ms + seed % 3 * MINUTE_MS
            assert tickers.ticker(market, now_ms) == recounted(projections[:done], market, now_ms)
    later = projections[-1].time_ms + WINDOW_MS // 2
    assert tickers.ticker(0, later) == recounted(projections, 0, later)


def test_a_market_that_never_traded_has_no_ticker() -> None:
    tickers = Tickers()
    tickers.apply(trade(1, BEGIN_MS, 5, 1))
    assert tickers.ticker(1, BEGIN_MS) is None


def test_after_a_day_the_last_price_is_all_that_is_left() -> None:
    tickers = Tickers()
    tickers.apply(trade(1, BEGIN_MS, 990, 3))
    tickers.apply(trade(2, BEGIN_MS, 1_000, 3))
    now = tickers.ticker(0, BEGIN_MS)
    assert now is not None
    assert (now.change, now.volume) == (10, 6)
    assert tickers.ticker(0, BEGIN_MS + 2 * WINDOW_MS) == Ticker(0, 1_000, 1_000, 1_000, 1_000, 0, 0)


def test_tickers_of_a_history_go_on_as_if_it_had_not_been_closed(tmp_path: Path) -> None:
    projections = random_trades(7, 1_500)
    running = Tickers()
    with HistoryStore(tmp_path / "history") as history:
        for projection in projections[:1_400]:
            history.apply([projection])
            running.apply(projection)
        read = Tickers.of_history(history, range(3))
    for projection in projections[1_300:]:
        read.apply(projection)
    for projection in projections[1_400:]:
        running.apply(projection)
        for market in range(3):
            assert running.ticker(market, projection.time_ms) is not None or market == 2
    end = projections[-1].time_ms
    for market in range(3):
        assert read.ticker(market, end) == running.ticker(market, end) == recounted(projections, market, end)


def test_a_full_day_of_minutes_is_read(tmp_path: Path) -> None:
    projections = [
        trade(1 + minute, BEGIN_MS + minute * MINUTE_MS, 1_000 + minute, 1) for minute in range(2_000)
    ]
    with HistoryStore(tmp_path / "history") as history:
        history.apply(projections)
        end = projections[-1].time_ms
        assert Tickers.of_history(history, [0]).ticker(0, end) == recounted(projections, 0, end)
