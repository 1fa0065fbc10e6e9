"""A manipulator with two accounts, who wins with one what the fund pays for the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from sequencer.backtest.agents.agent import Action, affordable_lots, close_position
from sequencer.backtest.depth import best_price
from sequencer.backtest.venue import owner_of
from sequencer.engine.margin import health
from sequencer.model.codes import RequestKind, Side
from sequencer.model.constants import PPM_UNIT
from sequencer.model.request import Request
from sequencer.replay.strategy import View, away
from sequencer.replay.terms import MARKET

EXIT_SLIPPAGE_PPM: Final = 30_000
# What is kept for fees and for what others fill of its own trade.
RESERVE_PPM: Final = 100_000


@dataclass(frozen=True, slots=True)
class Straddler:
    """Sells to itself as much as the margin allows, and waits until a jump takes one account away.

    What the lost account cannot pay is the other's gain at the cost of the insurance fund. Then it closes the
    winner, shares its money between both accounts by way of L1, and does it again.

    Attributes
    ----------
    partner : int
        Its second account, which goes long.
    trigger_ppm : int
        Range of a minute that promises a jump.
    """

    partner: int
    trigger_ppm: int

    def decide(self, view: View) -> Iterator[Action]:
        """Open the pair, hold it while both live, close what is left of it."""
        other = replace(view, number=self.partner)
        if view.position == 0 and other.position == 0:
            yield from self._share(view, other)
            if view.range_ppm > self.trigger_ppm:
                yield from self._open(view, other)
        elif _is_lost(view) or _is_lost(other):
            winner = other if _is_lost(view) else view
            side = Side.SELL if winner.position > 0 else Side.BUY
            yield from close_position(winner, away(view.price, side, EXIT_SLIPPAGE_PPM))

    def _open(self, view: View, other: View) -> Iterator[Action]:
        """Offer between the best prices, and buy it from itself."""
        stake = min(view.account.collateral, other.account.collateral)
        price = _between(view)
        if size := affordable_lots(view.state.market(MARKET), stake * (PPM_UNIT - RESERVE_PPM), price):
            yield view.order(Side.SELL, price, size, post_only=True)
            yield other.order(Side.BUY, price, size, ioc=True)
            yield view.cancel_all()

    def _share(self, view: View, other: View) -> Iterator[Action]:
        """Bring half of what one account has more than the other across."""
        poor, rich = sorted((view, other), key=lambda side: side.account.collateral)
        amount = (rich.account.collateral - poor.account.collateral) // 2
        if amount * 10 > rich.account.collateral:
            yield Request(RequestKind.WITHDRAW, rich.number, owner_of(rich.number), amount)
            yield Request(RequestKind.DEPOSIT, poor.number, owner_of(poor.number), amount)


def _is_lost(view: View) -> bool:
    """Tell whether an account has nothing left to lose."""
    return view.position == 0 or health(view.account, view.state.markets).equity <= 0


def _between(view: View) -> int:
    """Return a price that crosses no bid and lies before the asks where there is room."""
    bid, ask = best_price(view.state, Side.BUY), best_price(view.state, Side.SELL)
    if bid is None or ask is None:
        return view.price if bid is None else max(view.price, bid + 1)
    return min(max(view.price, bid + 1), max(ask - 1, bid + 1))
