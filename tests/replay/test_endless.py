"""Recorded bars that are told as of now: without a future, and without a jump where they turn."""

import pytest

from sequencer.oracle.errors import NoPriceError
from sequencer.replay.bars import read_bars
from sequencer.replay.prices import EndlessSource, ReplaySource
from tests.replay.data import BARS

START = 1_800_000_000
MINUTES = 3
LENGTH = (MINUTES + 1) * 60


def test_prices_go_forwards_then_backwards_then_forwards_again() -> None:
    bars = read_bars(BARS, MINUTES)
    recorded, first = ReplaySource(bars, seed=1, signer=0), bars[0].open_time
    told = EndlessSource(recorded, first, START, lambda: START + 100)
    for second in (0, 17, LENGTH - 1):
        price = recorded.price(first + second)
        assert told.price(START + second) == price
        assert told.price(START + 2 * LENGTH - 1 - second) == price
        assert told.price(START + 2 * LENGTH + second) == price


def test_the_clock_is_that_of_this_machine_and_nothing_is_told_of_before() -> None:
    bars = read_bars(BARS, MINUTES)
    told = EndlessSource(ReplaySource(bars, 1, 0), bars[0].open_time, START, lambda: START + 100)
    assert told.now() == START + 100
    with pytest.raises(NoPriceError):
        told.price(START - 1)
