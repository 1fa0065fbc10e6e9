"""What a change may ask for: other fees, other margins, and markets in which less is allowed."""

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule

ENOUGH_FEE_PPM = 1_000
"""What every order of the fuzzer agrees to pay."""
HIGHEST_PPM = (1 << c.PPM_BITS) - 1


def alternatives(present: Configuration) -> tuple[Configuration, ...]:
    """Return the present configuration, one of tighter markets, and one under which no order pays enough.

    Margins stay under the last one, whatever had been added to them; any fund that owes nothing is enough.
    """
    cheap, dear = FeeTier(0, ENOUGH_FEE_PPM), FeeTier(ENOUGH_FEE_PPM + 1, ENOUGH_FEE_PPM + 1)
    markets = tuple(map(_tighter, present.markets))
    tight = replace(
        present,
        tiers=(cheap,) * c.TIERS,
        oracle_max_age_seconds=20,
        markets=markets,
        schedules=tuple(map(_steeper, present.schedules, markets)),
        insurance_floor=min(2 * present.insurance_floor + 1, c.COLLATERAL_BOUND - 1),
    )
    static = (STATIC,) * len(present.schedules)
    lax = replace(present, tiers=(dear,) * c.TIERS, schedules=static, insurance_floor=0)
    return present, tight, lax


def _tighter(market: MarketParameters) -> MarketParameters:
    """Return parameters under which less is allowed: positions and orders may stand beyond them."""
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
        liquidation_fee_ppm=min(2 * market.liquidation_fee_ppm, HIGHEST_PPM),
        interest_ppm=min(2 * market.interest_ppm, (1 << c.INTEREST_BITS) - 1),
    )


def _steeper(schedule: MarginSchedule, market: MarketParameters) -> MarginSchedule:
    """Return a schedule whose add-ons begin earlier, in as much room as the market's own margin leaves.

    Large positions and congestion need more, and the market settles in half of the time.
    """
    lower = schedule.open_interest_lower // 2
    return MarginSchedule(
        open_interest_lower=lower,
        open_interest_upper=max(lower + 1, schedule.open_interest_upper // 2),
        volatility_factor=min(4 * schedule.volatility_factor, (1 << c.FACTOR_BITS) - 1),
        addon_max_ppm=min(schedule.addon_max_ppm, market.maintenance_ppm, c.PPM_UNIT - market.initial_ppm),
        addon_step_ppm=min(2 * schedule.addon_step_ppm, HIGHEST_PPM),
        tier_ppm=min(2 * schedule.tier_ppm + 1, HIGHEST_PPM),
        congestion_ppm=min(2 * schedule.congestion_ppm + 1, HIGHEST_PPM),
        settle_seconds=-(-schedule.settle_seconds // 2),
    )
