"""What a change may ask for: other fees, other margins, and markets in which less is allowed."""

from dataclasses import replace

from sequencer.model import constants as c
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule

ENOUGH_FEE_PPM = 1_000
"""What every order of the fuzzer agrees to pay."""


def alternatives(present: Configuration) -> tuple[Configuration, ...]:
    """Return the present configuration, one of tighter markets, and one under which no order pays enough.

    Margins stay under the last one, whatever had been added to them.
    """
    cheap, dear = FeeTier(0, ENOUGH_FEE_PPM), FeeTier(ENOUGH_FEE_PPM + 1, ENOUGH_FEE_PPM + 1)
    markets = tuple(map(_tighter, present.markets))
    tight = replace(
        present,
        tiers=(cheap,) * c.TIERS,
        oracle_max_age_seconds=20,
        markets=markets,
        schedules=tuple(map(_steeper, present.schedules, markets)),
    )
    static = (STATIC,) * len(present.schedules)
    return present, tight, replace(present, tiers=(dear,) * c.TIERS, schedules=static)


def _tighter(market: MarketParameters) -> MarketParameters:
    """Return parameters under which less is allowed: positions and orders may stand beyond them."""
    highest_ppm = (1 << c.PPM_BITS) - 1
    smallest = market.min_size + 1
    return MarketParameters(
        quote_per_tick_lot=market.quote_per_tick_lot,
        initial_ppm=min(2 * market.initial_ppm, c.PPM_UNIT),
        maintenance_ppm=min(2 * market.maintenance_ppm, c.PPM_UNIT),
        band_ppm=market.band_ppm // 2,
        min_size=smallest,
        max_position=max(smallest, market.max_position // 2),
        max_move_ppm=max(1, market.max_move_ppm // 2),
        halt_seconds=market.halt_seconds + 1,
        liquidation_fee_ppm=min(2 * market.liquidation_fee_ppm, highest_ppm),
        interest_ppm=min(2 * market.interest_ppm, (1 << c.INTEREST_BITS) - 1),
    )


def _steeper(schedule: MarginSchedule, market: MarketParameters) -> MarginSchedule:
    """Return a schedule whose add-ons begin earlier, in as much room as the market's own margin leaves."""
    lower = schedule.open_interest_lower // 2
    return MarginSchedule(
        open_interest_lower=lower,
        open_interest_upper=max(lower + 1, schedule.open_interest_upper // 2),
        volatility_factor=min(4 * schedule.volatility_factor, (1 << c.FACTOR_BITS) - 1),
        addon_max_ppm=min(schedule.addon_max_ppm, market.maintenance_ppm, c.PPM_UNIT - market.initial_ppm),
        addon_step_ppm=min(2 * schedule.addon_step_ppm, (1 << c.PPM_BITS) - 1),
    )
