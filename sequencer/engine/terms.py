"""The terms of a message: what its market takes, before the book is looked at."""

from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message


def judge_market(state: State, message: Message) -> Verdict | None:
    """Return what keeps a message that nobody signs from its market: of the size, one lot is enough."""
    if message.market >= c.MARKETS or not state.market(message.market).exists:
        return Verdict.MARKET
    market = state.market(message.market)
    if not market.is_open:
        return Verdict.HALTED
    return None if 1 <= message.size <= market.parameters.max_position else Verdict.BOUNDS


def judge_order(order: Message, market: Market, taker_ppm: int) -> Verdict | None:
    """Return what stops an order for its terms, or for the state of its market."""
    if not market.is_open:
        return Verdict.HALTED
    if market.is_reduce_only and not order.reduce_only:
        return Verdict.REDUCE_ONLY
    parameters = market.parameters
    if order.price == 0 or not smallest_size(order, parameters) <= order.size <= parameters.max_position:
        return Verdict.BOUNDS
    if taker_ppm > order.max_fee_ppm:
        return Verdict.MAX_FEE
    return None if lies_in_band(order.price, market, parameters.band_ppm) else Verdict.PRICE_BAND


def smallest_size(order: Message, parameters: MarketParameters) -> int:
    """Return the fewest lots that an order may have: a remainder can always be closed, however small."""
    return 1 if order.reduce_only and order.ioc else parameters.min_size


def lies_in_band(price: int, market: Market, band_ppm: int) -> bool:
    """Tell whether a price (ticks) lies no further from the mark than a share of it."""
    return abs(price - market.mark) * c.PPM_UNIT <= band_ppm * market.mark
