"""What a look at the book tells: its best price and how much there is near a price; dead orders left out."""

from collections.abc import Iterator

from sequencer.engine.cancelling import is_dead
from sequencer.engine.state import State
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.model.order import Order
from sequencer.replay.strategy import away
from sequencer.replay.terms import MARKET


def live_orders(state: State, side: Side) -> Iterator[Order]:
    """Yield the orders of a side that can still trade, best price first."""
    for order in state.book(MARKET, side):
        if order.expiry >= state.timestamp and not is_dead(order, state.account(order.account)):
            yield order


def best_price(state: State, side: Side) -> int | None:
    """Return the best price of a side in ticks, None where it is empty."""
    return next((order.price for order in live_orders(state, side)), None)


def depth(state: State, side: Side, price: int, distance_ppm: int) -> int:
    """Return the lots of a side that are no further from a price than `distance_ppm`."""
    limit = away(price, side, -distance_ppm)
    lots = 0
    for order in live_orders(state, side):
        if (order.price < limit) if side == Side.BUY else (order.price > limit):
            break
        lots += order.remaining
    return lots


def spread_ppm(state: State) -> int | None:
    """Return the distance of best ask and best bid per mark, None where a side is empty."""
    bid, ask = best_price(state, Side.BUY), best_price(state, Side.SELL)
    if bid is None or ask is None:
        return None
    return (ask - bid) * PPM_UNIT // state.market(MARKET).mark
