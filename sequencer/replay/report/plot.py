"""The few SVG primitives that the charts share."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

WIDTH: Final = 960
LEFT: Final = 64
RIGHT: Final = 16
TOP: Final = 12
BOTTOM: Final = 26

_NICE_STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        span = self.high - self.low or 1
        return self.start + (value - self.low) * (self.end - self.start) / span

    def ticks(self, count: int) -> list[float]:
        """Return about `count` round values within the scale."""
        raw = (self.high - self.low or 1) / count
        power = 10 ** math.floor(math.log10(raw))
        step = next(nice * power for nice in _NICE_STEPS if nice * power >= raw)
        first = math.ceil(self.low / step)
        return [step * k for k in range(first, math.floor(self.high / step) + 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart's plane: where time and values are, and how large the picture is."""

    x: Scale
    y: Scale
    width: int
    height: int

    @classmethod
    def of(
        cls,
        x_range: tuple[float, float],
        y_values: Iterable[float],
        *,
        width: int = WIDTH,
        height: int,
        left: int = LEFT,
        margin: float = 0.06,
    ) -> "Frame":
        """Return the frame that holds every value, with some air above and below."""
        values = list(y_values)
        low, high = min(values), max(values)
        air = (high - low or abs(high) or 1) * margin
        return cls(
            x=Scale(*x_range, left, width - RIGHT),
            y=Scale(low - air, high + air, height - BOTTOM, TOP),
            width=width,
            height=height,
        )

    def svg(self, label: str, parts: Iterable[str]) -> str:
        """Return the picture; `label` says in words what it shows."""
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(label)}">'
            f"{''.join(parts)}</svg>"
        )

    def grid(self, format_value: Callable[[float], str], count: int = 5) -> str:
        """Return horizontal lines with their values."""
        parts = []
        for value in self.y.ticks(count):
            parts.append(
                self.level(value, "grid")
                + f'<text class="axis" x="{self.x.start - 6:.1f}" y="{self.y(value) + 3.5:.1f}"'
                f' text-anchor="end">{format_value(value)}</text>'
            )
        return "".join(parts)

    def level(self, value: float, css: str) -> str:
        """Return a line across the plane at a value."""
        x1, x2, y = self.x.start, self.x.end, self.y(value)
        return f'<line class="{css}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'

    def times(self, seconds: Sequence[int]) -> str:
        """Return labels of time below the plane."""
        return self.labels({time: clock(time) for time in seconds})

    def labels(self, texts: Mapping[float, str]) -> str:
        """Return texts below the plane, each at its place on the x axis."""
        y = self.height - 8
        return "".join(
            f'<text class="axis" x="{self.x(value):.1f}" y="{y}" text-anchor="middle">{text}</text>'
            for value, text in texts.items()
        )


def line(points: Sequence[tuple[float, float]], css: str) -> str:
    """Return a polyline through pixels."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{css}" points="{path}"/>'


def titled(shape: str, title: str) -> str:
    """Return a shape that explains itself when pointed at."""
    return f"<g><title>{escape(title)}</title>{shape}</g>"


def minute_labels(times: Sequence[int], count: int = 8) -> list[int]:
    """Return at most about `count` of the times, evenly chosen."""
    step = max(1, math.ceil(len(times) / count))
    return list(times[::step])


def clock(seconds: float) -> str:
    """Return the time of day, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M")
