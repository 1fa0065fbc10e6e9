"""The margins of a market: the rates in force, and what large positions need beyond them."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import STATIC
from tests.strategies import PARAMETERS

TERMS = PARAMETERS[0]
ADDED = Market(
    kind=MarketKind.PERPETUAL,
    status=MarketStatus.OPEN,
    parameters=TERMS,
    volatility_addon_ppm=7_000,
    open_interest_addon_ppm=200,
    congestion_addon_ppm=50,
)
# Ticks of 0.1 dollars and lots of 0.001 BTC, as in docs/spec/margins.md
BITCOIN = Market(
    kind=MarketKind.PERPETUAL,
    status=MarketStatus.OPEN,
    mark=600_000,
    parameters=MarketParameters(quote_per_tick_lot=100),
    tier_ppm=50_000,
)


def test_the_rates_in_force_are_those_of_the_parameters_and_the_add_ons() -> None:
    """Each add-on is in one rate more than the next."""
    assert (TERMS.initial_ppm, TERMS.maintenance_ppm) == (100_000, 50_000)
    assert (ADDED.maintenance_ppm, ADDED.reserve_ppm) == (57_000, 107_000)
    assert (ADDED.held_ppm, ADDED.initial_ppm) == (107_200, 107_250)


def test_a_halted_market_holds_the_full_value_back() -> None:
    halted = replace(ADDED, status=MarketStatus.HALTED)
    assert halted.held_ppm == c.FULL_MARGIN_PPM
    assert (halted.maintenance_ppm, halted.initial_ppm) == (57_000, 107_250)


def test_a_settled_market_needs_no_margin_that_counts() -> None:
    """Resting orders reserve as before, and a withdrawal leaves what maintenance would be."""
    parameters = replace(TERMS, liquidation_fee_ppm=5_000)
    open_ = replace(ADDED, mark=1_000, tier_ppm=1_000_000, parameters=parameters)
    assert open_.liquidation_fee_ppm == 5_000
    settled = replace(open_, status=MarketStatus.SETTLED, fund_since=c.SETTLED_SINCE)
    assert (settled.maintenance_ppm, settled.initial_ppm) == (1, 1)
    assert (settled.held_ppm, settled.reserve_ppm) == (57_000, 107_000)
    assert (settled.tier_step, settled.liquidation_fee_ppm) == (0, 0)
    value = 30 * 1_000 * TERMS.quote_per_tick_lot
    assert settled.initial_margin(-30) == settled.maintenance_margin(-30) == value
    assert settled.held_margin(-30) == value * 57_000


@pytest.mark.parametrize("since", [0, 2, 1_584_000_000])
def test_a_market_is_settled_at_one_time_alone(since: int) -> None:
    assert not replace(ADDED, fund_since=since).is_settled
    assert replace(ADDED, fund_since=1).is_settled


@pytest.mark.parametrize(
    ("status", "is_open", "is_reduce_only"),
    [
        (MarketStatus.OPEN, True, False),
        (MarketStatus.HALTED, False, False),
        (MarketStatus.REDUCE_ONLY, True, True),
        (MarketStatus.SETTLED, True, True),
    ],
)
def test_what_a_market_takes(status: MarketStatus, is_open: bool, is_reduce_only: bool) -> None:
    market = replace(ADDED, status=status)
    assert (market.is_open, market.is_reduce_only) == (is_open, is_reduce_only)
    assert not replace(market, kind=MarketKind.NONE).is_open


def test_the_large_position_of_the_specification() -> None:
    """Ten BTC need 1,788.14 dollars more, 2,980 ppm of 600,000; a hundred BTC 178,813.94, 29,802 ppm."""
    assert BITCOIN.value(1) == 60_000_000
    assert BITCOIN.tier_step == 17_881_394
    assert BITCOIN.initial_margin(10_000) == 10**8 * 17_881_394
    assert BITCOIN.initial_margin(10_000) // 10**6 == 1_788_139_400
    assert BITCOIN.initial_margin(10_000) // BITCOIN.value(10_000) == 2_980
    assert BITCOIN.initial_margin(-100_000) // 10**6 == 178_813_940_000
    assert BITCOIN.initial_margin(-100_000) // BITCOIN.value(100_000) == 29_802


def test_tiers_raise_the_initial_margin_and_what_a_withdrawal_leaves() -> None:
    market = replace(ADDED, mark=1_000, tier_ppm=1_000_000)
    step, value = market.tier_step, 50 * 1_000 * TERMS.quote_per_tick_lot
    assert step == ceil(1_000 * TERMS.quote_per_tick_lot**2 * 10**6 / 2**24) == 596_047
    assert market.initial_margin(50) == value * 107_250 + 2_500 * step
    assert market.held_margin(50) == value * 107_200 + 2_500 * step
    assert market.maintenance_margin(50) == value * 57_000


@given(
    mark=st.integers(1, c.RANK_MAX),
    unit=st.integers(1, (1 << c.PPM_BITS) - 1),
    tier_ppm=st.integers(0, (1 << c.PPM_BITS) - 1),
    initial_ppm=st.integers(1, c.PPM_UNIT),
    congestion_ppm=st.integers(0, (1 << c.PPM_BITS) - 1),
)
def test_the_largest_position_needs_no_more_than_its_range(
    mark: int, unit: int, tier_ppm: int, initial_ppm: int, congestion_ppm: int
) -> None:
    largest = (1 << 28) // unit
    parameters = MarketParameters(unit, initial_ppm, 1, 1, 1, largest, 1, 1)
    parameters.check()
    replace(STATIC, tier_ppm=tier_ppm, congestion_ppm=congestion_ppm).check(parameters)
    market = replace(
        ADDED,
        mark=mark,
        parameters=parameters,
        volatility_addon_ppm=0,
        open_interest_addon_ppm=c.PPM_UNIT - initial_ppm,
        congestion_addon_ppm=congestion_ppm,
        tier_ppm=tier_ppm,
    )
    assert market.initial_ppm < 1 << 21
    assert market.initial_margin(largest) < (1 << 60) * ((1 << 21) + (1 << 24) + 1) + (1 << 56)
    assert 0 <= market.tier_step * (1 << 24) - mark * unit * unit * tier_ppm < 1 << 24
