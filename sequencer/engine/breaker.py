"""The circuit breaker: a market whose mark jumps takes no orders for a while."""

from dataclasses import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market


def moved(market: Market, mark: int, timestamp: int) -> Market:
    """Return the market at the mark of a new batch: halted if that is a jump, open once a halt is over.

    The first mark of a market is no jump.
    """
    until = market.halted_until
    if market.mark and _is_jump(market, mark):
        until = timestamp + market.parameters.halt_seconds
    status = MarketStatus.OPEN if timestamp >= until else MarketStatus.HALTED
    return replace(market, mark=mark, status=status, halted_until=until)


def _is_jump(market: Market, mark: int) -> bool:
    return abs(mark - market.mark) * c.PPM_UNIT > market.parameters.max_move_ppm * market.mark
