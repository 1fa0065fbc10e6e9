"""The charts: price and trades, the book, each trader's equity."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from sequencer.model.codes import Side
from sequencer.replay.bars import BAR_SECONDS, Bar
from sequencer.replay.history import BookSnapshot, History, Trade
from sequencer.replay.report.candles import candles, day_of, dollars_of, money, price_frame
from sequencer.replay.report.plot import Frame, clock, line, minute_labels, titled
from sequencer.replay.result import TraderResult, WithdrawalResult
from sequencer.replay.terms import LOTS_PER_BITCOIN, QUOTE_PER_DOLLAR

BOOK_HEIGHT = 300
DEPTH_HEIGHT = 260
EQUITY_WIDTH, EQUITY_HEIGHT = 470, 150
TRADE_RADIUS_MAX = 8.0
TRADES_AT_FULL_RADIUS = 50
BOOK_AIR = 0.01
"""The book is drawn at least this far around the day's prices; orders further away are off the picture."""


def price_chart(history: History) -> str:
    """Candles of the bars, the mark of each batch, and every trade."""
    frame = price_frame(history.bars)
    return frame.svg(
        "Price of the bars, mark prices and trades",
        [
            candles(frame, history.bars),
            _marks(frame, history),
            *_trades(frame, history.trades),
        ],
    )


def book_chart(history: History) -> str:
    """Resting orders at the end of each batch, bids and asks, darker where there are more lots."""
    lowest, highest = _visible_prices(history.bars)
    frame = Frame.of(
        day_of(history.bars), [dollars_of(lowest), dollars_of(highest)], height=BOOK_HEIGHT, margin=0.0
    )
    largest = max((size for book in history.books for size in _sizes(book)), default=1)
    cells = [
        _level(frame, start, end, price, size / largest, css)
        for book, (start, end) in zip(history.books, _book_spans(history), strict=True)
        for css, levels in (("bid", book.bids), ("ask", book.asks))
        for price, size in levels.items()
        if lowest <= price <= highest
    ]
    closes = [(frame.x(bar.open_time + BAR_SECONDS), frame.y(dollars_of(bar.close))) for bar in history.bars]
    labels = minute_labels([bar.open_time for bar in history.bars])
    return frame.svg(
        "Resting orders over time, with the closing prices",
        [frame.grid(money), frame.times(labels), *cells, line(closes, "close")],
    )


def depth_chart(book: BookSnapshot) -> str:
    """Bitcoin that rests at a price or better, at one moment."""
    bids = _cumulated(dict(sorted(book.bids.items(), reverse=True)))
    asks = _cumulated(dict(sorted(book.asks.items())))
    prices = [dollars_of(price) for price, _ in bids + asks] or [0.0, 1.0]
    sizes = [0.0, *(_bitcoin(size) for _, size in bids + asks)]
    frame = Frame.of((min(prices), max(prices)), sizes, height=DEPTH_HEIGHT)
    return frame.svg(
        "Depth of the book at the end",
        [
            frame.grid(lambda value: f"{value:g}", 4),
            frame.labels({value: f"{value:,.0f}" for value in frame.x.ticks(6)}),
            _staircase(frame, bids, "bid"),
            _staircase(frame, asks, "ask"),
        ],
    )


def equity_chart(history: History, result: TraderResult, withdrawal: WithdrawalResult) -> str:
    """One trader's equity after each batch, its withdrawal counted in; the dashed line is what it paid in."""
    paid_out = withdrawal.paid if withdrawal.account == result.account else 0
    values = [
        _quote_dollars(equity + (paid_out if figures.number >= withdrawal.batch_number else 0))
        for figures, equity in zip(history.batches, history.equity[result.account], strict=True)
    ]
    paid_in = _quote_dollars(result.deposit)
    frame = Frame.of(
        day_of(history.bars), [*values, paid_in], width=EQUITY_WIDTH, height=EQUITY_HEIGHT, left=58
    )
    times = [book.time for book in history.books]
    points = [(frame.x(time), frame.y(value)) for time, value in zip(times, values, strict=True)]
    css = "gain" if result.profit >= 0 else "loss"
    return frame.svg(
        f"Equity of {result.name}",
        [
            frame.grid(lambda value: f"{value:,.0f}", 3),
            frame.times(minute_labels([bar.open_time for bar in history.bars], 4)),
            frame.level(paid_in, "paid"),
            line(points, css),
            *(f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in points[-1:]),
        ],
    )


def _marks(frame: Frame, history: History) -> str:
    """Return the mark as a step that lasts until the next batch."""
    points: list[tuple[float, float]] = []
    for figures, (start, end) in zip(history.batches, _book_spans(history), strict=True):
        y = frame.y(dollars_of(figures.mark))
        points += [(frame.x(start), y), (frame.x(end), y)]
    return line(points, "mark")


def _trades(frame: Frame, trades: Sequence[Trade]) -> Iterator[str]:
    """Yield a dot a trade; the more trades there are, the smaller are all of them."""
    if not trades:
        return
    largest = max(trade.size for trade in trades)
    crowd = max(len(trades) / TRADES_AT_FULL_RADIUS, 1) ** 0.25
    for trade in trades:
        yield _trade(frame, trade, TRADE_RADIUS_MAX / crowd * math.sqrt(trade.size / largest))


def _trade(frame: Frame, trade: Trade, radius: float) -> str:
    css, verb = ("up", "bought") if trade.taker_side == Side.BUY else ("down", "sold")
    x, y = frame.x(trade.time), frame.y(dollars_of(trade.price))
    shape = f'<circle class="trade {css}" cx="{x:.1f}" cy="{y:.1f}" r="{max(radius, 1.5):.1f}"/>'
    size, price = _bitcoin(trade.size), money(dollars_of(trade.price))
    return titled(shape, f"{clock(trade.time)}  account {trade.taker} {verb} {size:.4f} at {price}")


def _level(frame: Frame, start: float, end: float, price: int, share: float, css: str) -> str:
    x, width = frame.x(start), frame.x(end) - frame.x(start)
    return (
        f'<rect class="{css}" x="{x:.1f}" y="{frame.y(dollars_of(price)) - 1:.1f}"'
        f' width="{max(width, 1):.1f}" height="2.2" opacity="{0.25 + 0.75 * share:.2f}"/>'
    )


def _staircase(frame: Frame, steps: Sequence[tuple[int, int]], css: str) -> str:
    if not steps:
        return ""
    ground = frame.y(0)
    points = [(frame.x(dollars_of(steps[0][0])), ground)]
    for price, size in steps:
        x = frame.x(dollars_of(price))
        points += [(x, points[-1][1]), (x, frame.y(_bitcoin(size)))]
    points.append((points[-1][0], ground))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon class="depth {css}" points="{path}"/>'


def _cumulated(levels: Mapping[int, int]) -> list[tuple[int, int]]:
    return list(zip(levels, accumulate(levels.values()), strict=True))


def _sizes(book: BookSnapshot) -> list[int]:
    return [*book.bids.values(), *book.asks.values()]


def _book_spans(history: History) -> list[tuple[float, float]]:
    """Return from when to when each batch was the last one; the times of a batch are when it opened."""
    times = [book.time for book in history.books]
    return list(zip(times, [*times[1:], day_of(history.bars)[1]], strict=True))


def _visible_prices(bars: Sequence[Bar]) -> tuple[int, int]:
    lowest, highest = min(bar.low for bar in bars), max(bar.high for bar in bars)
    air = int(max(lowest * BOOK_AIR, (highest - lowest) / 4))
    return lowest - air, highest + air


def _quote_dollars(quote: int) -> float:
    return quote / QUOTE_PER_DOLLAR


def _bitcoin(lots: int) -> float:
    return lots / LOTS_PER_BITCOIN
