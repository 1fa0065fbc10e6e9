"""Market makers: a ladder on both sides that widens, leans and withdraws."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sequencer.backtest.agents.agent import BOTH_SIDES, Action, direction, withdraw_orders
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.strategy import View, away, trim

RUNGS: Final = 4
QUOTE_SECONDS: Final = 120
TRIM_SLIPPAGE_PPM: Final = 4_000
# How much of a minute's range a quote stays away from the market.
RANGE_SHARE: Final = 10


@dataclass(frozen=True, slots=True)
class Maker:
    """Quotes a ladder around the market; in a wild one only what reduces its inventory, or nothing.

    Attributes
    ----------
    size : int
        Lots of the first rung; each further one has as many more.
    spread_ppm : int
        Half spread in a calm market; half the distance of the rungs.
    leverage : int
        Position value per equity at which it stops quoting the side that would add to it.
    panic_ppm : int
        Range of a minute beyond which it withdraws.
    """

    size: int
    spread_ppm: int
    leverage: int
    panic_ppm: int

    def decide(self, view: View) -> Iterator[Action]:
        """Withdraw what rests, cut an inventory that is too large, and quote anew."""
        yield from withdraw_orders(view)
        reduction = trim(view, self.leverage, TRIM_SLIPPAGE_PPM)
        if reduction is not None:
            yield reduction
        for side in BOTH_SIDES:
            if self._quotes(view, side):
                yield from self._ladder(view, side)

    def _quotes(self, view: View, side: Side) -> bool:
        """Tell whether it dares to quote a side: in a panic only one that reduces its inventory."""
        lean = self._lean_ppm(view, side)
        return lean < PPM_UNIT if view.range_ppm <= self.panic_ppm else lean < 0

    def _ladder(self, view: View, side: Side) -> Iterator[Action]:
        half = self.spread_ppm + view.range_ppm // RANGE_SHARE
        first = half + half * max(self._lean_ppm(view, side), -PPM_UNIT // 2) // PPM_UNIT
        for rung in range(RUNGS):
            yield view.order(
                side,
                away(view.price, side, -(first + 2 * half * rung)),
                self.size * (rung + 1),
                post_only=True,
                expiry=view.time + QUOTE_SECONDS,
            )

    def _lean_ppm(self, view: View, side: Side) -> int:
        """Return how much of the allowed inventory the side would add to; negative if it reduces."""
        return direction(side) * view.exposure_ppm // self.leverage
