"""The circuit breaker: which orders a market takes after its mark jumped, or a shortfall was charged."""

from dataclasses import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market


def moved(market: Market, mark: int, timestamp: int) -> Market:
    """Return the market at the mark of a new batch: halted if that is a jump, open once a halt is over.

    The first mark of a market is no jump. Until `reduced_until` it opens to orders that reduce alone.
    """
    until = market.halted_until
    if market.mark and _is_jump(market, mark):
        until = timestamp + market.parameters.halt_seconds
    return replace(market, mark=mark, status=_status(market, until, timestamp), halted_until=until)


def _status(market: Market, halted_until: int, timestamp: int) -> MarketStatus:
    if timestamp < halted_until:
        return MarketStatus.HALTED
    return MarketStatus.REDUCE_ONLY if timestamp < market.reduced_until else MarketStatus.OPEN


def _is_jump(market: Market, mark: int) -> bool:
    return abs(mark - market.mark) * c.PPM_UNIT > market.parameters.max_move_ppm * market.mark
