"""A manipulator who empties a thin book and lets the liquidated trade with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sequencer.backtest.agents.agent import Action, close_position, direction, whole_lots, withdraw_orders
from sequencer.backtest.depth import depth
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.strategy import View, away

NEAR_PPM: Final = 10_000
EXIT_SLIPPAGE_PPM: Final = 3_000
AMBUSH_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Squeezer:
    """Takes all that is near on the side that a move presses on, and bids or offers far behind it.

    In a fall it sells into thin bids, so that liquidations find nobody, and waits with a bid of its own
    below; in a rise it buys up thin asks and offers above.

    Attributes
    ----------
    thin : int
        Lots near the price below which a side is worth emptying.
    trigger_ppm : int
        Move since its last turn that presses enough.
    ambush_ppm : int
        Distance from the price at which it waits.
    leverage : int
        Position value per equity that it does not exceed.
    """

    thin: int
    trigger_ppm: int
    ambush_ppm: int
    leverage: int

    def decide(self, view: View) -> Iterator[Action]:
        """Squeeze while the price runs, and get out when it rests."""
        yield from withdraw_orders(view)
        if abs(view.move_ppm) < self.trigger_ppm:
            side = Side.SELL if view.position > 0 else Side.BUY
            yield from close_position(view, away(view.price, side, EXIT_SLIPPAGE_PPM))
            return
        pressing = Side.BUY if view.move_ppm > 0 else Side.SELL
        near = depth(view.state, pressing.opposite, view.price, NEAR_PPM)
        if near < self.thin and direction(pressing) * view.exposure_ppm < self.leverage * PPM_UNIT:
            if size := whole_lots(near):
                yield view.order(pressing, away(view.price, pressing, NEAR_PPM), size, ioc=True)
            yield self._ambush(view, pressing.opposite)

    def _ambush(self, view: View, side: Side) -> Action:
        price = away(view.price, side, -self.ambush_ppm)
        return view.order(side, price, self.thin, post_only=True, expiry=view.time + AMBUSH_SECONDS)
