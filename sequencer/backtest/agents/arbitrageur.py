"""Arbitrageurs: whatever the book pays more or less than the market elsewhere is theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sequencer.backtest.agents.agent import (
    BOTH_SIDES,
    Action,
    close_position,
    direction,
    withdraw_orders,
)
from sequencer.backtest.depth import best_price
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.strategy import View, away

DEEP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Arbitrageur:
    """Takes what lies further than an edge from the index, and bids and offers where nobody else should.

    Attributes
    ----------
    size : int
        Lots of an order.
    edge_ppm : int
        Distance from the index that pays for its risk.
    deep_ppm : int
        Distance at which it rests orders, for whoever must trade.
    leverage : int
        Position value per equity beyond which it only unwinds.
    """

    size: int
    edge_ppm: int
    deep_ppm: int
    leverage: int

    def decide(self, view: View) -> Iterator[Action]:
        """Trade towards the index, unwind at it, and leave an order deep on each side."""
        yield from withdraw_orders(view)
        yield from close_position(view, view.price)
        for side in BOTH_SIDES:
            if direction(side) * view.exposure_ppm < self.leverage * PPM_UNIT:
                yield from self._take(view, side)
                distance = self.deep_ppm + view.range_ppm // 4
                price = away(view.price, side, -distance)
                yield view.order(side, price, self.size, post_only=True, expiry=view.time + DEEP_SECONDS)

    def _take(self, view: View, side: Side) -> Iterator[Action]:
        """Meet the other side where its best price is beyond the edge."""
        limit = away(view.price, side, -self.edge_ppm)
        best = best_price(view.state, side.opposite)
        if best is not None and direction(side) * (limit - best) >= 0:
            yield view.order(side, limit, self.size, ioc=True)
