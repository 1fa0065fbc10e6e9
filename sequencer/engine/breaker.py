"""The circuit breaker: which orders a market takes (docs/spec/breakers.md)."""

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market


def moved(market: Market, median: int, timestamp: int, *, restricted: bool) -> Market:
    """Return the market at the mark of a new batch: halted if that is a jump, open once a halt is over.

    The first mark of a market is no jump; that of a settled one stands still.

    Parameters
    ----------
    median
        Of the round's prices, in ticks.
    timestamp
        Seconds; of the new batch.
    restricted
        Whether L1 or the want of insurance stops new risk.
    """
    mark, until = market.mark if market.is_settled else median, market.halted_until
    if market.mark and _is_jump(market, mark):
        until = timestamp + market.parameters.halt_seconds
    moved = replace(market, mark=mark, halted_until=until)
    return replace(moved, status=_status(moved, timestamp, restricted=restricted))


def _status(market: Market, timestamp: int, *, restricted: bool) -> MarketStatus:
    if timestamp < market.halted_until:
        return MarketStatus.HALTED
    if market.is_settled:
        return MarketStatus.SETTLED
    if restricted or timestamp < market.reduced_until:
        return MarketStatus.REDUCE_ONLY
    return MarketStatus.OPEN


def _is_jump(market: Market, mark: int) -> bool:
    return abs(mark - market.mark) * c.PPM_UNIT > market.parameters.max_move_ppm * market.mark
