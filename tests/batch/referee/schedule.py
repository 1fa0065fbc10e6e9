"""Margins that follow marks and open interest, straight from docs/spec/margins.md."""

from fractions import Fraction
from math import ceil, floor

from sequencer.model.words import to_field
from tests.batch.referee.signals import Inputs, require
from tests.batch.referee.tables import MarketSlot

CELL = 300
DOLLARS = 10**6
FULL = 10**6


def estimate_volatility(inputs: Inputs, markets: list[MarketSlot]) -> bool:
    """Take a sample of every market in a new cell, at the marks of the last batch; whether it was taken."""
    before, after = (time // CELL for time in (inputs["marketsOracleTime"], inputs["oracleTime"]))
    require(inputs["sampleBefore"] == before, "the cell before is that of the last round")
    require(inputs["sampleAfter"] == after, "the cell after is that of the round")
    hints = zip(inputs["marketReturn"], inputs["marketVolatilityAfter"], strict=True)
    for market, (hint, estimate) in zip(markets, hints, strict=True):
        moved = _return(market)
        require(hint == to_field(moved), "the return is that of the mark before")
        average = ceil(Fraction(7 * market.volatility + min(abs(moved), market.max_move), 8))
        require(estimate == average, "the estimate is an average of returns")
        if before != after:
            market.volatility, market.sampled = average, market.mark
    return bool(before != after)


def _return(market: MarketSlot) -> int:
    if not market.sampled:
        return 0
    return min(floor(Fraction((market.mark - market.sampled) * 10**6, market.sampled)), 2**20 - 1)


def raise_margins(inputs: Inputs, markets: list[MarketSlot], sampling: bool) -> None:
    """Give each market its add-ons, at its new mark."""
    congested = inputs["timestamp"] < inputs["venueCongestedUntil"]
    hints = zip(inputs["marketOpenInterestAddonAfter"], inputs["marketTierStep"], strict=True)
    for market, (hint, step) in zip(markets, hints, strict=True):
        market.tier = market.tier_ppm
        market.congestion_addon = congested * market.congestion_ppm
        require(step == market.tier_step_at_mark, "the tier step is that of the mark")
        if market.live:
            uncovered = market.factor * market.volatility - market.maintenance
            target = max(0, min(uncovered, market.addon_max))
            market.volatility_addon = min(target, market.volatility_addon + sampling * market.addon_step)
            market.interest_addon = _interest_addon(market)
        require(hint == market.interest_addon, "the add-on of open interest is between its bounds")


def _interest_addon(market: MarketSlot) -> int:
    lower, upper = market.lower * DOLLARS, market.upper * DOLLARS
    notional = market.open_interest * market.mark * market.qptl
    missing = FULL - market.initial - market.volatility_addon
    return max(0, min(floor(Fraction(missing * (notional - lower), upper - lower)), missing))
