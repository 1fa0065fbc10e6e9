"""The venue of the replay: one bitcoin perpetual, its fees, its oracle, its units."""

from collections.abc import Sequence
from typing import Final

from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import MarginSchedule

MARKET: Final = 0
TICKS_PER_DOLLAR: Final = 100
LOTS_PER_BITCOIN: Final = 10_000
QUOTE_PER_DOLLAR: Final = 1_000_000
# One lot moves by 0.0001 x 0.01 dollar = 1 quote unit a tick.
QUOTE_PER_TICK_LOT: Final = QUOTE_PER_DOLLAR // (TICKS_PER_DOLLAR * LOTS_PER_BITCOIN)

PERPETUAL: Final = MarketParameters(
    quote_per_tick_lot=QUOTE_PER_TICK_LOT,
    initial_ppm=100_000,
    maintenance_ppm=50_000,
    # Prices moved by up to 18% within one minute of that day.
    band_ppm=250_000,
    min_size=10,
    max_position=1 << 24,
    max_move_ppm=250_000,
    halt_seconds=60,
    liquidation_fee_ppm=5_000,
    # What BitMEX and Binance charge by default: 0.01 % every 8 hours.
    interest_ppm=100,
)
SCHEDULE: Final = MarginSchedule(
    open_interest_lower=25_000_000,
    open_interest_upper=50_000_000,
    volatility_factor=25,
    addon_max_ppm=50_000,
    addon_step_ppm=10_000,
    # A position of 1,000 bitcoin needs 6 % more than a small one.
    tier_ppm=100_000,
    congestion_ppm=20_000,
    settle_seconds=7 * 86_400,
)
INSURANCE_FLOOR: Final = 0

TIERS: Final = (
    FeeTier(maker_ppm=-50, taker_ppm=400),
    FeeTier(maker_ppm=-50, taker_ppm=300),
    FeeTier(maker_ppm=-100, taker_ppm=250),
    FeeTier(maker_ppm=-100, taker_ppm=200),
)
# What each trader signs as the largest fee rate that it accepts.
MAX_FEE_PPM: Final = 500
ORACLE_MAX_AGE_SECONDS: Final = 60


def configuration(oracle_keys: Sequence[tuple[int, int]]) -> Configuration:
    """Return the venue's configuration, of its one market, with these oracle signers."""
    return Configuration(
        tiers=TIERS,
        oracle_keys=tuple(oracle_keys),
        oracle_max_age_seconds=ORACLE_MAX_AGE_SECONDS,
        markets=(PERPETUAL,),
        schedules=(SCHEDULE,),
        insurance_floor=INSURANCE_FLOOR,
    )


def notional(price_ticks: int, size_lots: int) -> int:
    """Return the value of a size at a price, in quote units; signed as the size is."""
    return price_ticks * size_lots * QUOTE_PER_TICK_LOT
