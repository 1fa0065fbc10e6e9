"""What raises the margins of a market, once a batch (docs/spec/margins.md)."""

from typing import Final

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import MarginSchedule

# One part in so many of the estimate is the newest return
_SAMPLES: Final = 8


def is_sampling(oracle_time_before: int, round_time: int) -> bool:
    """Tell whether a round (seconds) stands in another cell of the grid of samples than the one before it."""
    return oracle_time_before // c.SAMPLE_SECONDS != round_time // c.SAMPLE_SECONDS


def sampled(market: Market, max_move_ppm: int) -> Market:
    """Return a market, as the last batch left it, with its mark in the estimate of volatility.

    A move beyond `max_move_ppm`, of the new batch, is a jump, which the breaker stops: it counts as that.
    """
    moved = absolute_return(market.mark, market.sampled_mark)
    volatility = next_volatility(market.volatility_ppm, min(moved, max_move_ppm))
    return replace(market, sampled_mark=market.mark, volatility_ppm=volatility)


def scheduled(market: Market, schedule: MarginSchedule, *, sampling: bool, congested: bool) -> Market:
    """Return a market at the mark and under the parameters of a new batch, with the add-ons of that batch.

    Parameters
    ----------
    sampling
        Whether the batch takes a sample of volatility.
    congested
        Whether L1 had not seen a batch for long.
    """
    parameters = market.parameters
    volatility = volatility_addon(market, parameters, schedule, sampling=sampling)
    notional = market.value(market.open_interest)
    open_interest = open_interest_addon(parameters.initial_ppm + volatility, notional, schedule)
    return replace(
        market,
        volatility_addon_ppm=volatility,
        open_interest_addon_ppm=open_interest,
        congestion_addon_ppm=schedule.congestion_ppm if congested else 0,
        tier_ppm=schedule.tier_ppm,
    )


def signed_return(mark: int, sampled: int) -> int:
    """Return what a mark has moved since the sampled one, in ppm of that, rounded down.

    The first sample has no return: its sampled mark is 0.
    """
    return (mark - sampled) * c.PPM_UNIT // sampled if sampled else 0


def absolute_return(mark: int, sampled: int) -> int:
    """Return how far a mark is from the sampled one, in ppm of that; a fall is rounded away from zero."""
    return abs(signed_return(mark, sampled))


def next_volatility(volatility_ppm: int, return_ppm: int) -> int:
    """Return the estimate of volatility after one more absolute return, rounded up."""
    return -(-((_SAMPLES - 1) * volatility_ppm + return_ppm) // _SAMPLES)


def volatility_addon(
    market: Market, parameters: MarketParameters, schedule: MarginSchedule, *, sampling: bool
) -> int:
    """Return what volatility adds to both rates: it rises by a step a sample, and falls with the estimate.

    Parameters
    ----------
    market
        With the estimate of the new batch, and the add-on of the last.
    parameters
        Of the new batch.
    """
    wanted = schedule.volatility_factor * market.volatility_ppm - parameters.maintenance_ppm
    target = max(0, min(wanted, schedule.addon_max_ppm))
    return min(target, market.volatility_addon_ppm + (schedule.addon_step_ppm if sampling else 0))


def open_interest_addon(base_ppm: int, notional: int, schedule: MarginSchedule) -> int:
    """Return what open interest adds to an initial margin rate, which becomes 100 % at the upper bound.

    Parameters
    ----------
    base_ppm
        The rate without it.
    notional
        The value of the open interest, in quote units.
    """
    lower, upper = (
        bound * c.OPEN_INTEREST_UNIT for bound in (schedule.open_interest_lower, schedule.open_interest_upper)
    )
    room = c.PPM_UNIT - base_ppm
    return max(0, min(room * (notional - lower) // (upper - lower), room))
