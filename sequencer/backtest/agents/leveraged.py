"""Traders who borrow as much as the venue allows, long or short."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sequencer.backtest.agents.agent import Action, affordable_lots, close_position, lots_worth
from sequencer.engine.margin import health
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.strategy import View, away
from sequencer.replay.terms import LOTS_PER_BITCOIN, MARKET

ENTRY_SLIPPAGE_PPM: Final = 6_000
EXIT_SLIPPAGE_PPM: Final = 20_000
# What is kept for fees and slippage of the entry.
RESERVE_PPM: Final = 80_000
# Equity per deposit below which nobody tries again.
GIVE_UP_SHARE: Final = 10
ADDING_DISTANCES_PPM: Final = (5_000, 30_000)
LARGEST_ORDER: Final = 100 * LOTS_PER_BITCOIN


@dataclass(slots=True)
class Leveraged:
    """Opens a position of a fixed side, adds to it at a better price with what margin is left, and holds.

    Attributes
    ----------
    side : Side
        Whether it is a long or a short.
    leverage_ppm : int
        Position value per equity that it opens, or less where the margin in force allows no more.
    patience : float
        Chance of not entering at a turn.
    stop_ppm, target_ppm : int
        Loss and gain of the equity that it entered with at which it closes; a stop of 1,000,000 is none.
    deposit : int
        Quote units that it came with.
    basis : int
        The equity that it entered with.
    """

    side: Side
    leverage_ppm: int
    patience: float
    stop_ppm: int
    target_ppm: int
    deposit: int
    basis: int = 0

    def decide(self, view: View) -> Iterator[Action]:
        """Open when chance says so, close at stop or target, and else keep an order that would add."""
        equity = health(view.account, view.state.markets).equity
        if view.position:
            if self._is_done(equity):
                yield view.cancel_all()
                yield from close_position(view, away(view.price, self.side.opposite, EXIT_SLIPPAGE_PPM))
            elif not view.orders(self.side):
                yield from self._add(view, equity)
        elif equity * GIVE_UP_SHARE > self.deposit and view.random.random() > self.patience:
            self.basis = equity
            yield from self._enter(view)

    def _is_done(self, equity: int) -> bool:
        gain = (equity - self.basis) * PPM_UNIT
        return gain < -self.stop_ppm * self.basis or gain > self.target_ppm * self.basis

    def _enter(self, view: View) -> Iterator[Action]:
        margin = self.basis * (PPM_UNIT - RESERVE_PPM)
        wanted = lots_worth(margin // PPM_UNIT * self.leverage_ppm // PPM_UNIT, view.price)
        allowed = affordable_lots(view.state.market(MARKET), margin, view.price)
        if size := min(wanted, allowed, LARGEST_ORDER):
            yield view.order(self.side, away(view.price, self.side, ENTRY_SLIPPAGE_PPM), size, ioc=True)

    def _add(self, view: View, equity: int) -> Iterator[Action]:
        """Rest an order at a better price for half of the margin that is left."""
        free = equity * PPM_UNIT - health(view.account, view.state.markets).initial
        price = away(view.price, self.side, -view.random.randint(*ADDING_DISTANCES_PPM))
        allowed = affordable_lots(view.state.market(MARKET), free // 2, price, abs(view.position))
        if size := min(allowed, LARGEST_ORDER):
            yield view.order(self.side, price, size, post_only=True)
