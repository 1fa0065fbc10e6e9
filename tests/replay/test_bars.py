"""A file of bars is used as it is, or refused with the line that is wrong."""

from pathlib import Path

import pytest

from sequencer.replay.bars import BAR_SECONDS, Bar, read_bars
from sequencer.replay.errors import BarsError
from tests.replay.data import BARS

HEADER = "open_time,open,high,low,close,volume\n"
GOOD = "60,10.00,12.00,9.00,11.00,5\n"


def file_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text(text)
    return path


def test_prices_are_ticks_of_a_cent() -> None:
    first = read_bars(BARS, 1)[0]
    assert first == Bar(1_584_008_280, open=727_861, high=728_700, low=725_762, close=725_992)


def test_the_whole_day_is_there_minute_by_minute() -> None:
    times = [bar.open_time for bar in read_bars(BARS, 120)]
    assert times == [times[0] + BAR_SECONDS * minute for minute in range(120)]


def test_a_rising_bar_is_walked_by_its_low_and_a_falling_one_by_its_high() -> None:
    assert Bar(0, open=10, high=20, low=5, close=15).path() == (10, 5, 20, 15)
    assert Bar(0, open=15, high=20, low=5, close=10).path() == (15, 20, 5, 10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("time,price\n1,2\n", "has the columns"),
        ("", "has the columns"),
        (HEADER + "60,10.00,12.00,9.00,eleven,5\n", "line 2: not a bar"),
        (HEADER + GOOD + "120,10.005,12.00,9.00,11.00,5\n", "line 3: not a bar: price 10.005"),
        (HEADER + "60,0,12.00,0,11.00,5\n", "line 2: not a bar: price 0"),
        (HEADER + "60,10.00,12.00\n", "line 2: not a bar"),
        (HEADER + "60,NaN,12.00,9.00,11.00,5\n", "line 2: not a bar"),
        (HEADER + "60,13.00,12.00,9.00,11.00,5\n", "line 2: open and close do not lie"),
        (HEADER + GOOD, "has 1 bars, fewer than the 2 asked for"),
        (HEADER + GOOD + GOOD.replace("60", "180"), "skips a minute"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BarsError, match=reason):
        read_bars(file_of(tmp_path, text), 2)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BarsError, match="No such file"):
        read_bars(tmp_path / "absent.csv", 1)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BarsError, match="cannot be read"):
        read_bars(binary, 1)
