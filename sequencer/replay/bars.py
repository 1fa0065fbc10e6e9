"""Recorded one-minute bars."""

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct

from sequencer.model import constants as c
from sequencer.replay.errors import BarsError
from sequencer.replay.terms import TICKS_PER_DOLLAR

BAR_SECONDS: Final = 60
MOMENTS: Final = 4
"""Each minute has four moments: the prices of the bar in the order of its path."""

_PRICES: Final = ("open", "high", "low", "close")
_COLUMNS: Final = ("open_time", *_PRICES, "volume")


class Bar(Struct, frozen=True):
    """One minute of trading; prices in ticks, the time of its start in seconds."""

    open_time: int
    open: int
    high: int
    low: int
    close: int

    def path(self) -> tuple[int, int, int, int]:
        """Return the four prices in the order in which they were most likely reached."""
        if self.close >= self.open:
            return self.open, self.low, self.high, self.close
        return self.open, self.high, self.low, self.close


def read_bars(path: Path, minutes: int) -> list[Bar]:
    """Read the first `minutes` bars of a file.

    Raises
    ------
    BarsError
        If the file is not there, has fewer bars, or a row that is no bar; the message names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise BarsError(f"{path} has the columns {reader.fieldnames}, not {list(_COLUMNS)}")
            bars = [_bar(path, line, row) for line, row in _rows(reader, minutes)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BarsError(f"{path} cannot be read: {_reason(error)}") from error
    if len(bars) < minutes:
        raise BarsError(f"{path} has {len(bars)} bars, fewer than the {minutes} asked for")
    if any(later.open_time != earlier.open_time + BAR_SECONDS for earlier, later in pairwise(bars)):
        raise BarsError(f"{path} skips a minute")
    return bars


def _rows(reader: "csv.DictReader[str]", minutes: int) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row, _ in zip(reader, range(minutes), strict=False):
        yield reader.line_num, row


def _bar(path: Path, line: int, row: Mapping[str, str]) -> Bar:
    try:
        bar = Bar(int(row["open_time"]), *(_ticks(row[name]) for name in _PRICES))
    except (InvalidOperation, TypeError, ValueError) as error:
        raise BarsError(f"{path}, line {line}: not a bar: {error}") from error
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise BarsError(f"{path}, line {line}: open and close do not lie between low and high")
    return bar


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _ticks(price: str) -> int:
    ticks = Decimal(price) * TICKS_PER_DOLLAR
    if ticks != int(ticks) or not 0 < ticks < 1 << c.PRICE_BITS:
        raise ValueError(f"price {price} is not a positive number of ticks")
    return int(ticks)
