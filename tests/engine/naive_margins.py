"""The referee: docs/spec/margins.md once more, in fractions."""

import math
from fractions import Fraction

from msgspec.structs import replace

from sequencer.model.market import Market
from sequencer.model.schedule import MarginSchedule
from tests.engine.naive_state import Exchange

FIVE_MINUTES = 5 * 60


def opened(state: Exchange, m: int, market: Market, mark: int, now: int) -> Market:
    """A market with the margins of a batch of this mark and round; `market` is as the last batch left it."""
    schedule = state.configuration.schedules[m]
    rise = 0
    if now // FIVE_MINUTES != market.oracle_time // FIVE_MINUTES:
        market, rise = sampled(market), schedule.addon_step_ppm
    volatile = min(target(market, schedule), market.volatility_addon_ppm + rise)
    market = replace(market, volatility_addon_ppm=volatile, tier_ppm=schedule.tier_ppm)
    is_congested = state.timestamp < state.venue.congested_until
    market = replace(market, congestion_addon_ppm=schedule.congestion_ppm if is_congested else 0)
    dollars = Fraction(state.value(m, state.open_interest(m), mark), 10**6)
    return replace(market, open_interest_addon_ppm=crowded(market, schedule, dollars))


def sampled(market: Market) -> Market:
    before = market.sampled_mark
    moved = abs(math.floor(Fraction(market.mark - before, before) * 10**6)) if before else 0
    average = Fraction(7 * market.volatility_ppm + min(moved, market.parameters.max_move_ppm), 8)
    return replace(market, sampled_mark=market.mark, volatility_ppm=math.ceil(average))


def target(market: Market, schedule: MarginSchedule) -> int:
    """What volatility adds to both rates once its steps are done."""
    missing = schedule.volatility_factor * market.volatility_ppm - market.parameters.maintenance_ppm
    return sorted((0, missing, schedule.addon_max_ppm))[1]


def crowded(market: Market, schedule: MarginSchedule, dollars: Fraction) -> int:
    """What open interest of a value adds to the initial rate."""
    lower, upper = schedule.open_interest_lower, schedule.open_interest_upper
    share = (dollars - lower) / (upper - lower)
    whole = 10**6 - market.parameters.initial_ppm - market.volatility_addon_ppm
    return sorted((0, math.floor(whole * share), whole))[1]
