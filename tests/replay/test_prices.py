"""A signer's source on a replayed day: the prices that are traded, at the moments at which they are."""

from decimal import Decimal

import pytest

from sequencer.oracle.errors import NoPriceError
from sequencer.replay.bars import BAR_SECONDS, MOMENTS, Bar
from sequencer.replay.oracle import DIFFERENCE_TICKS, seen_price
from sequencer.replay.prices import ReplaySource
from sequencer.replay.terms import TICKS_PER_DOLLAR

SEED, SIGNER = 1, 2
BARS = [
    Bar(600, open=70_000, high=72_000, low=68_000, close=71_000),
    Bar(660, open=71_000, high=73_000, low=65_000, close=66_000),
]


@pytest.fixture
def source() -> ReplaySource:
    return ReplaySource(BARS, SEED, SIGNER)


def recorded(source: ReplaySource, second: int) -> int:
    """The price in ticks, without the signer's own difference."""
    price = source.price(second) * TICKS_PER_DOLLAR
    zero = 1_000_000
    return int(price) - (seen_price(zero, SEED, SIGNER, second) - zero)


def test_each_moment_has_the_price_of_the_bar_at_its_place(source: ReplaySource) -> None:
    for bar in BARS:
        for place, price in enumerate(bar.path()):
            moment = bar.open_time + place * BAR_SECONDS // MOMENTS
            assert recorded(source, moment) == price
            assert recorded(source, moment + BAR_SECONDS // MOMENTS - 1) == price


def test_the_last_close_holds_for_a_minute(source: ReplaySource) -> None:
    assert recorded(source, 720) == recorded(source, 779) == BARS[-1].close
    assert source.now() == 779


@pytest.mark.parametrize("second", [0, 599, 780])
def test_there_is_no_price_outside_of_the_file(source: ReplaySource, second: int) -> None:
    with pytest.raises(NoPriceError):
        source.price(second)


def test_signers_differ_a_little_and_each_sees_the_same_whenever_it_looks() -> None:
    seen = [
        [ReplaySource(BARS, SEED, signer).price(second) for second in range(600, 615)] for signer in (0, 1)
    ]
    assert seen[0] != seen[1]
    assert seen[0] == [ReplaySource(BARS, SEED, 0).price(second) for second in range(600, 615)]
    assert all(abs(price - 700) * TICKS_PER_DOLLAR <= DIFFERENCE_TICKS for price in seen[0] + seen[1])


def test_a_price_is_exact_in_dollars(source: ReplaySource) -> None:
    assert source.price(600) == Decimal(seen_price(70_000, SEED, SIGNER, 600)) / TICKS_PER_DOLLAR
