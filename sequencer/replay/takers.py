"""Traders with a view: most of them cross the spread."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.model.message import Message
from sequencer.replay.strategy import View, away, entry, trim
from sequencer.replay.terms import PERPETUAL

SLIPPAGE_PPM = 3_000
TREND_PPM = 800
DIP_PPM = 1_500
RESTING_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Taker(ABC):
    """Reduces a position that has become too large; else trades its view.

    Attributes
    ----------
    size : int
        Lots of a usual order.
    leverage : int
        Position value per equity that it does not exceed.
    """

    size: int
    leverage: int

    def decide(self, view: View) -> Iterator[Message]:
        """Reduce first, and trade only if there is nothing to reduce."""
        reduction = trim(view, self.leverage, SLIPPAGE_PPM)
        if reduction is not None:
            yield reduction
        else:
            yield from self._trade(view)

    @abstractmethod
    def _trade(self, view: View) -> Iterator[Message]: ...


@dataclass(frozen=True, slots=True)
class Momentum(Taker):
    """Trades in the direction of the move."""

    def _trade(self, view: View) -> Iterator[Message]:
        """Follow a move that is large enough."""
        if abs(view.move_ppm) > TREND_PPM:
            side = Side.BUY if view.move_ppm > 0 else Side.SELL
            order = entry(view, side, _around(view, self.size), self.leverage, SLIPPAGE_PPM)
            if order is not None:
                yield order


@dataclass(frozen=True, slots=True)
class Contrarian(Taker):
    """Rests orders against the move and takes profit with reduce-only ones."""

    def _trade(self, view: View) -> Iterator[Message]:
        """Keep one resting order below or above the market, and one that would close the position."""
        side = Side.BUY if view.move_ppm < 0 else Side.SELL
        sign = 1 if side == Side.BUY else -1
        resting = view.orders(side)
        if resting and abs(resting[0].price - view.price) * PPM_UNIT > 20_000 * view.price:
            yield view.cancel(resting[-1])
        if len(resting) < 2 and sign * view.exposure_ppm < self.leverage * PPM_UNIT:
            price = away(view.price, side, -view.random.randint(300, 4_000))
            yield view.order(
                side,
                price,
                _around(view, self.size),
                post_only=True,
                expiry=view.time + RESTING_SECONDS,
            )
        elif sign * view.position < 0:
            size = min(abs(view.position), self.size)
            yield view.order(side, away(view.price, side, SLIPPAGE_PPM), size, ioc=True, reduce_only=True)


@dataclass(frozen=True, slots=True)
class Hedger(Taker):
    """Owns bitcoin elsewhere and sells them forward, a little at a time."""

    def _trade(self, view: View) -> Iterator[Message]:
        """Sell until the hedge is complete."""
        order = entry(view, Side.SELL, _around(view, self.size), self.leverage, SLIPPAGE_PPM)
        if order is not None:
            yield order


@dataclass(frozen=True, slots=True)
class DipBuyer(Taker):
    """Buys each fall."""

    def _trade(self, view: View) -> Iterator[Message]:
        """Buy into a fall, sell part of it into a rise."""
        if view.move_ppm < -DIP_PPM:
            order = entry(view, Side.BUY, _around(view, self.size), self.leverage, SLIPPAGE_PPM)
            if order is not None:
                yield order
        elif view.move_ppm > DIP_PPM and view.position > 0:
            size = min(view.position, self.size // 2)
            yield view.order(
                Side.SELL, away(view.price, Side.SELL, SLIPPAGE_PPM), size, ioc=True, reduce_only=True
            )


@dataclass(frozen=True, slots=True)
class Noise(Taker):
    """Trades for no reason."""

    def _trade(self, view: View) -> Iterator[Message]:
        """Send one order of any kind on any side."""
        side = view.random.choice((Side.BUY, Side.SELL))
        size = _around(view, self.size)
        if view.random.random() < 0.5:
            order = entry(view, side, size, self.leverage, SLIPPAGE_PPM)
            if order is not None:
                yield order
        else:
            price = away(view.price, side, -view.random.randint(0, 3_000))
            yield view.order(side, price, size, expiry=view.time + RESTING_SECONDS)


def _around(view: View, size: int) -> int:
    """Return a size within a half of the usual one, in steps of the smallest size."""
    step = PERPETUAL.min_size
    return view.random.randint(size // 2, size * 3 // 2) // step * step
