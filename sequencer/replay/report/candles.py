"""Recorded bars as a picture."""

from collections.abc import Sequence
from typing import Final

from sequencer.replay.bars import BAR_SECONDS, Bar
from sequencer.replay.report.plot import Frame, clock, minute_labels, titled
from sequencer.replay.terms import TICKS_PER_DOLLAR

PRICE_HEIGHT: Final = 380
CANDLE_PIXELS_MAX: Final = 40.0


def price_frame(bars: Sequence[Bar]) -> Frame:
    """Return the plane that holds every price of the bars."""
    prices = [dollars_of(price) for bar in bars for price in (bar.low, bar.high)]
    return Frame.of(day_of(bars), prices, height=PRICE_HEIGHT)


def candles(frame: Frame, bars: Sequence[Bar]) -> str:
    """Return a candle a bar, with the axes."""
    width = min(CANDLE_PIXELS_MAX, 0.7 * (frame.x(BAR_SECONDS) - frame.x(0)))
    parts = (_candle(frame, bar, width) for bar in bars)
    return frame.grid(money) + frame.times(minute_labels([bar.open_time for bar in bars])) + "".join(parts)


def day_of(bars: Sequence[Bar]) -> tuple[int, int]:
    """Return when the bars begin and end, in seconds."""
    return bars[0].open_time, bars[-1].open_time + BAR_SECONDS


def dollars_of(ticks: float) -> float:
    """Return a price in dollars."""
    return ticks / TICKS_PER_DOLLAR


def money(value: float) -> str:
    """Return dollars as text, with cents where there are some."""
    return f"{value:,.2f}" if value != int(value) else f"{value:,.0f}"


def _candle(frame: Frame, bar: Bar, width: float) -> str:
    middle = frame.x(bar.open_time + BAR_SECONDS / 2)
    top, bottom = frame.y(dollars_of(max(bar.open, bar.close))), frame.y(dollars_of(min(bar.open, bar.close)))
    css = "up" if bar.close >= bar.open else "down"
    shape = (
        f'<line class="wick {css}" x1="{middle:.1f}" x2="{middle:.1f}"'
        f' y1="{frame.y(dollars_of(bar.high)):.1f}" y2="{frame.y(dollars_of(bar.low)):.1f}"/>'
        f'<rect class="candle {css}" x="{middle - width / 2:.1f}" y="{top:.1f}"'
        f' width="{width:.1f}" height="{max(bottom - top, 1):.1f}"/>'
    )
    prices = " ".join(money(dollars_of(p)) for p in (bar.open, bar.high, bar.low, bar.close))
    return titled(shape, f"{clock(bar.open_time)}  open high low close: {prices}")
