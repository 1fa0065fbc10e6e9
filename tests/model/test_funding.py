"""What positions owe: sums by definition, rounded once an account and against it."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.funding import unsettled
from sequencer.model.market import Market

UNIT = c.INDEX_UNIT
LONGS, SHORTS = 5 * UNIT, -3 * UNIT
MARKETS = (Market(long_index=LONGS, short_index=SHORTS),) * c.MARKETS
NOWHERE = (0,) * c.MARKETS

sizes = st.tuples(*[st.integers(1 - (1 << c.SIZE_BITS), (1 << c.SIZE_BITS) - 1)] * c.MARKETS)
indices = st.integers(-(1 << c.INDEX_BITS), (1 << c.INDEX_BITS) - 1)
slots = st.tuples(*[st.builds(Market, long_index=indices, short_index=indices)] * c.MARKETS)


@given(positions=sizes, settled=st.tuples(*[indices] * c.MARKETS), markets=slots)
def test_a_charge_is_the_sum_over_the_markets_rounded_up(
    positions: tuple[int, ...], settled: tuple[int, ...], markets: tuple[Market, ...]
) -> None:
    owed = Fraction(0)
    for size, index, market in zip(positions, settled, markets, strict=True):
        if size > 0:
            owed += Fraction(size * (market.long_index - index), 28_800_000_000)
        elif size < 0:
            owed += Fraction(-size * (market.short_index - index), 28_800_000_000)
    assert unsettled(positions, settled, markets) == ceil(owed)


@pytest.mark.parametrize(
    ("positions", "settled", "charge"),
    [
        ((0, 0, 0, 0), NOWHERE, 0),
        ((7, 0, 0, 0), NOWHERE, 35),
        ((-7, 0, 0, 0), NOWHERE, -21),
        ((7, 0, 0, 0), (LONGS, 0, 0, 0), 0),
        ((7, -7, 2, -1), NOWHERE, 35 - 21 + 10 - 3),
        ((1, 0, 0, 0), (LONGS - 1, 0, 0, 0), 1),
        ((-1, 0, 0, 0), (SHORTS + 1, 0, 0, 0), 0),
        ((1, 1, 0, 0), (LONGS - 1, LONGS - 1, 0, 0), 1),
        ((1, -1, 0, 0), (LONGS - 1, SHORTS + 1, 0, 0), 0),
    ],
)
def test_longs_and_shorts_owe_by_the_index_of_their_side(
    positions: tuple[int, ...], settled: tuple[int, ...], charge: int
) -> None:
    assert unsettled(positions, settled, MARKETS) == charge


def test_where_there_is_no_position_the_index_does_not_matter() -> None:
    assert unsettled((0, 2, 0, 0), (UNIT, LONGS - UNIT, -UNIT, UNIT), MARKETS) == 2


def test_the_worked_day_of_the_specification() -> None:
    """Two Bitcoin at 60,000 dollars, for 8 hours of rounds every 10 seconds."""
    accrued = 100 * 60_000_000 * 10
    long, short = (2_000, 0, 0, 0), (-2_000, 0, 0, 0)
    after = replace(MARKETS[0], long_index=2_880 * accrued, short_index=-2_880 * accrued)
    markets = (after, *MARKETS[1:])
    assert unsettled(long, NOWHERE, markets) == 12_000_000
    assert unsettled(short, NOWHERE, markets) == -12_000_000


@given(moves=st.lists(st.integers(-(1 << 60), 1 << 60), min_size=1, max_size=9), size=st.integers(1, 1_000))
def test_who_is_settled_more_often_pays_at_most_a_unit_more_each_time(moves: list[int], size: int) -> None:
    index = settled = paid = 0
    for move in moves:
        index += move
        markets = (Market(long_index=index), *MARKETS[1:])
        paid += unsettled((size, 0, 0, 0), (settled, 0, 0, 0), markets)
        settled = index
    at_once = unsettled((size, 0, 0, 0), NOWHERE, (Market(long_index=index), *MARKETS[1:]))
    assert at_once <= paid < at_once + len(moves)
