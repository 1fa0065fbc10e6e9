"""The charts: price and liquidations, and each figure over time."""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import Final

from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.result import BacktestResult
from sequencer.replay.bars import BAR_SECONDS, MOMENTS
from sequencer.replay.report.candles import candles, day_of, dollars_of, price_frame
from sequencer.replay.report.plot import WIDTH, Frame, clock, line, minute_labels, titled
from sequencer.replay.terms import QUOTE_PER_DOLLAR
from sequencer.replay.transcript import dollars

LINE_HEIGHT: Final = 200
SMALL_WIDTH: Final = 470
SMALL_HEIGHT: Final = 150
DOT_RADIUS_MAX: Final = 12.0
DOT_RADIUS_MIN: Final = 2.0
EPOCH_SECONDS: Final = BAR_SECONDS // MOMENTS

Line = tuple[str, Callable[[EpochFigures], float | None]]
"""A CSS class, and what the line shows of an epoch; None leaves a gap."""


def price_chart(result: BacktestResult) -> str:
    """Candles of the bars, the mark, and a dot for what each epoch liquidated."""
    frame = price_frame(result.bars)
    marks = [(frame.x(epoch.time), frame.y(dollars_of(epoch.mark))) for epoch in result.epochs]
    return frame.svg(
        "Price of the bars, mark prices and liquidations",
        [candles(frame, result.bars), line(marks, "mark"), *_dots(frame, result.epochs)],
    )


def line_chart(result: BacktestResult, label: str, lines: Sequence[Line]) -> str:
    """Draw figures of each epoch over time, with the zero line."""
    return _lines(result, label, lines, WIDTH, LINE_HEIGHT)


def small_chart(result: BacktestResult, label: str, lines: Sequence[Line]) -> str:
    """Draw figures of each epoch over time, in the size of one of many pictures."""
    return _lines(result, label, lines, SMALL_WIDTH, SMALL_HEIGHT)


def volume_chart(result: BacktestResult) -> str:
    """Draw a bar an epoch: what was traded, and in front what of it was a liquidation."""
    volumes = [in_dollars(epoch.volume) for epoch in result.epochs]
    frame = Frame.of(day_of(result.bars), [0.0, *volumes], height=LINE_HEIGHT, margin=0.02)
    bars = [
        _bar(frame, epoch.time, in_dollars(value), css)
        for epoch in result.epochs
        for value, css in ((epoch.volume, "bid"), (epoch.book_volume, "ask"))
        if value
    ]
    return frame.svg(
        "Volume of each epoch, and what of it was a liquidation",
        [frame.grid(compact, 4), _times(frame, result, 8), *bars],
    )


def in_dollars(quote: int) -> float:
    """Return quote units in dollars."""
    return quote / QUOTE_PER_DOLLAR


def compact(value: float) -> str:
    """Return the value of an axis in few characters: 0.2, 50, -400k, 1.25M."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"


def _lines(result: BacktestResult, label: str, lines: Sequence[Line], width: int, height: int) -> str:
    values = [value for _, read in lines for value in map(read, result.epochs) if value is not None]
    frame = Frame.of(day_of(result.bars), [0.0, *values], width=width, height=height)
    return frame.svg(
        label,
        [
            frame.grid(compact, 4),
            _times(frame, result, 8 if width == WIDTH else 4),
            frame.level(0, "paid"),
            *(line(points, css) for css, read in lines for points in _pieces(frame, result.epochs, read)),
        ],
    )


def _pieces(
    frame: Frame, epochs: Sequence[EpochFigures], read: Callable[[EpochFigures], float | None]
) -> Iterator[list[tuple[float, float]]]:
    """Yield the points of a line, cut where there is no value."""
    points: list[tuple[float, float]] = []
    for epoch in epochs:
        value = read(epoch)
        if value is not None:
            points.append((frame.x(epoch.time), frame.y(value)))
        elif points:
            yield points
            points = []
    if points:
        yield points


def _dots(frame: Frame, epochs: Sequence[EpochFigures]) -> Iterator[str]:
    """Yield a dot for what the book took of an epoch's liquidations, and one for what the fund took.

    Large ones come first, so that they hide none.
    """
    taken = [
        (value, css, who, epoch)
        for epoch in epochs
        for value, css, who in (
            (epoch.book_volume, "book", "through the book"),
            (epoch.taken_volume, "fund", "taken over by the fund"),
        )
        if value
    ]
    largest = max((value for value, *_ in taken), default=1)
    for value, css, who, epoch in sorted(taken, key=lambda each: -each[0]):
        radius = max(DOT_RADIUS_MAX * sqrt(value / largest), DOT_RADIUS_MIN)
        x, y = frame.x(epoch.time), frame.y(dollars_of(epoch.mark))
        shape = f'<circle class="liquidation {css}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
        yield titled(shape, f"{clock(epoch.time)}  {dollars(value)} {who}")


def _bar(frame: Frame, time: int, value: float, css: str) -> str:
    x, width = frame.x(time), frame.x(EPOCH_SECONDS) - frame.x(0)
    top, ground = frame.y(value), frame.y(0)
    return (
        f'<rect class="{css}" x="{x:.1f}" y="{top:.1f}" width="{max(width - 0.3, 0.7):.1f}"'
        f' height="{max(ground - top, 0.5):.1f}"/>'
    )


def _times(frame: Frame, result: BacktestResult, count: int) -> str:
    return frame.times(minute_labels([bar.open_time for bar in result.bars], count))
