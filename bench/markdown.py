"""Paragraphs and tables of the page of figures."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bench.timing import Cost, Rate

_MEBIBYTE: Final = 1 << 20
_TEXT_WIDTH: Final = 110


def rate_row(name: str, rate: Rate) -> tuple[str, ...]:
    return name, f"{rate.median:,}", f"{min(rate.runs):,}", f"{max(rate.runs):,}"


def cost_cells(cost: Cost) -> tuple[str, ...]:
    return usage_cells(cost.seconds, cost.cpu_seconds, cost.peak_memory_bytes)


def usage_cells(seconds: float, cpu_seconds: float, peak_memory_bytes: int) -> tuple[str, ...]:
    return seconds_cell(seconds), seconds_cell(cpu_seconds), f"{peak_memory_bytes / _MEBIBYTE:,.0f}"


def seconds_cell(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.3f}"


def paragraph(*parts: str) -> str:
    return textwrap.fill(" ".join(parts), _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table whose first column is text and the others are numbers."""
    yield _row(head)
    yield _row(("---", *["---:"] * (len(head) - 1)))
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
