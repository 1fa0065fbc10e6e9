"""What an agent may do."""

from collections.abc import Iterator
from math import isqrt
from typing import Final, Protocol

from sequencer.model.codes import Side
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.replay.strategy import View
from sequencer.replay.terms import PERPETUAL, notional

Action = Message | Request
BOTH_SIDES: Final = (Side.BUY, Side.SELL)


class Agent(Protocol):
    """How a participant acts. Each action is carried out before the next is asked for."""

    def decide(self, view: View) -> Iterator[Action]:
        """Yield what the agent does now."""


def direction(side: Side) -> int:
    """Return 1 for a buy and -1 for a sell."""
    return 1 if side == Side.BUY else -1


def whole_lots(lots: int) -> int:
    """Return lots rounded down to what an order may have, 0 if that is less than the smallest order."""
    return max(lots, 0) // PERPETUAL.min_size * PERPETUAL.min_size


def lots_worth(value: int, price: int) -> int:
    """Return how many lots an order may have for a value in quote units at a price."""
    return whole_lots(value // notional(price, 1))


def affordable_lots(market: Market, margin: int, price: int, held: int = 0) -> int:
    """Return how many lots an order may have that a margin pays for, tiers included.

    Parameters
    ----------
    margin
        What may be needed more than now, in 1e-6 quote units.
    held
        Lots of the position that it adds to, without their sign.
    """
    step, most = market.tier_step, max(margin, 0)
    # The margin rises by rate x lots + step x lots^2.
    rate = notional(price, 1) * market.initial_ppm + 2 * step * held
    if step == 0:
        return whole_lots(most // rate)
    return whole_lots((isqrt(rate**2 + 4 * step * most) - rate) // (2 * step))


def withdraw_orders(view: View) -> Iterator[Message]:
    """Yield a cancel for each of the agent's resting orders."""
    for side in BOTH_SIDES:
        for order in view.orders(side):
            yield view.cancel(order)


def close_position(view: View, limit: int) -> Iterator[Message]:
    """Yield the order that closes the position, or what the book takes of it, no worse than a limit price."""
    if view.position:
        side = Side.SELL if view.position > 0 else Side.BUY
        yield view.order(side, limit, abs(view.position), ioc=True, reduce_only=True)
