"""Market makers: a quote on each side, moved with the market and leaned against the inventory."""

from collections.abc import Iterator
from dataclasses import dataclass

from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.model.message import Message
from sequencer.replay.strategy import View, away, trim

QUOTE_SECONDS = 300
DEEP_SECONDS = 1_800
PANIC_PPM = 15_000
SLIPPAGE_PPM = 4_000


@dataclass(frozen=True, slots=True)
class MarketMaker:
    """Quotes both sides around the market.

    Attributes
    ----------
    size : int
        Lots of a quote.
    spread_ppm : int
        Half spread in a calm market; wild minutes widen it.
    leverage : int
        Position value per equity at which it stops quoting the side that would add to it.
    """

    size: int
    spread_ppm: int
    leverage: int

    def decide(self, view: View) -> Iterator[Message]:
        """Withdraw the quotes, then quote anew; sometimes leave a deep order behind."""
        yield from self._withdraw(view)
        reduction = trim(view, self.leverage, SLIPPAGE_PPM)
        if reduction is not None:
            yield reduction
        for side in (Side.BUY, Side.SELL) if view.move_ppm >= 0 else (Side.SELL, Side.BUY):
            if self._leans(view, side) < PPM_UNIT:
                yield self._quote(view, side)
        if view.random.random() < 0.2:
            yield self._deep_order(view)

    def _withdraw(self, view: View) -> Iterator[Message]:
        """Cancel the quotes one by one, or everything at once when the market runs away."""
        stale = [
            order for side in Side for order in view.orders(side) if order.expiry <= view.time + QUOTE_SECONDS
        ]
        if len(stale) > 1 and abs(view.move_ppm) > PANIC_PPM:
            yield view.cancel_all()
            return
        for order in stale:
            yield view.cancel(order)

    def _quote(self, view: View, side: Side) -> Message:
        half = self.spread_ppm + view.range_ppm // 12
        distance = half + half * max(self._leans(view, side), -PPM_UNIT // 2) // PPM_UNIT
        # In a calm market a quote must not take; in a fall it may hit whoever has not moved yet.
        return view.order(
            side,
            away(view.price, side, -distance),
            self.size,
            post_only=abs(view.move_ppm) < 2 * half,
            expiry=view.time + QUOTE_SECONDS,
        )

    def _deep_order(self, view: View) -> Message:
        side = view.random.choice((Side.BUY, Side.SELL))
        distance = view.random.randint(10_000, 40_000)
        return view.order(
            side, away(view.price, side, -distance), self.size // 2, expiry=view.time + DEEP_SECONDS
        )

    def _leans(self, view: View, side: Side) -> int:
        """Return how much of the allowed exposure this side would add to, in ppm; negative if it reduces."""
        sign = 1 if side == Side.BUY else -1
        return sign * view.exposure_ppm // self.leverage
