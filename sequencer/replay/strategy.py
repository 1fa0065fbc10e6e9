"""What a trading strategy sees and what it may send."""

from collections.abc import Iterator
from random import Random
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from sequencer.engine.margin import health, reduces
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind, Side
from sequencer.model.constants import NEVER_EXPIRES, PPM_UNIT
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.replay.terms import MARKET, PERPETUAL, notional

CLOSING_SLIPPAGE_PPM: Final = 10_000


class View(Struct, frozen=True):
    """The market through the eyes of one trader, at one moment.

    Attributes
    ----------
    state : State
        The exchange, to be read only.
    number : int
        The trader's account.
    price, last_price : int
        Ticks; where the replayed market is and where it was a moment ago.
    range_ppm : int
        Height of the last complete bar: how wild the market is.
    random : Random
        The trader's own chance, seeded.
    """

    state: State
    number: int
    time: int
    price: int
    last_price: int
    range_ppm: int
    random: Random

    @property
    def account(self) -> Account:
        """The trader's account as it stands."""
        return self.state.account(self.number)

    @property
    def position(self) -> int:
        """Signed lots."""
        return self.account.positions[MARKET]

    @property
    def move_ppm(self) -> int:
        """How far the price has just moved."""
        return (self.price - self.last_price) * PPM_UNIT // self.last_price

    @property
    def exposure_ppm(self) -> int:
        """Value of the position per equity, at the last mark; signed as the position is."""
        equity = health(self.account, self.state.markets).equity
        value = notional(self.state.market(MARKET).mark, self.position)
        return value * PPM_UNIT // equity if equity > 0 else 0

    def orders(self, side: Side) -> list[Order]:
        """Return the trader's live orders on one side of the book, best price first."""
        dead_below = self.account.dead_below
        book = self.state.book(MARKET, side)
        return [order for order in book if order.account == self.number and order.sequence >= dead_below]

    def order(
        self,
        side: Side,
        price: int,
        size: int,
        *,
        ioc: bool = False,
        post_only: bool = False,
        reduce_only: bool = False,
        expiry: int = NEVER_EXPIRES,
    ) -> Message:
        """Return an order that is still to be signed."""
        return Message(
            account=self.number,
            key_epoch=0,
            nonce=0,
            market=MARKET,
            side=side,
            price=price,
            size=size,
            ioc=ioc,
            post_only=post_only,
            reduce_only=reduce_only,
            expiry=expiry,
        )

    def cancel(self, order: Order) -> Message:
        """Return the cancellation of one order."""
        return Message(
            account=self.number,
            key_epoch=0,
            nonce=0,
            kind=MessageKind.CANCEL,
            market=order.market,
            side=order.side,
            price=order.price,
            target=order.sequence,
        )

    def cancel_all(self) -> Message:
        """Return the cancellation of all orders at once."""
        return Message(account=self.number, key_epoch=0, nonce=0, kind=MessageKind.CANCEL_ALL)


class Strategy(Protocol):
    """How a trader trades. A message is sent before the next is asked for, which may depend on it."""

    def decide(self, view: View) -> Iterator[Message]:
        """Yield what the trader sends now."""


def as_taken(message: Message, state: State) -> Message | None:
    """Return a message as its market takes it now, or None: nobody sends an order to one that is halted.

    While it takes only orders that reduce, one on the side that does is flagged, of no more lots than the
    position has.
    """
    if message.kind != MessageKind.ORDER:
        return message
    market, position = state.market(message.market), state.account(message.account).positions[message.market]
    if not market.is_reduce_only:
        return message if market.is_open else None
    size = min(message.size, abs(position))
    if not reduces(position, message.side, size) or size < market.parameters.min_size:
        return None
    return replace(message, size=size, reduce_only=True)


def away(price: int, side: Side, distance_ppm: int) -> int:
    """Return a price that is better for the other side by `distance_ppm`, or worse if negative.

    A buy order moves up and a sell order down with a positive distance: a limit that crosses.
    """
    sign = 1 if side == Side.BUY else -1
    return max(1, price + sign * price * distance_ppm // PPM_UNIT)


def entry(view: View, side: Side, size: int, leverage: int, slippage_ppm: int) -> Message | None:
    """Return a market-like order, or None if the trader's exposure on this side is at its limit."""
    sign = 1 if side == Side.BUY else -1
    if sign * view.exposure_ppm >= leverage * PPM_UNIT:
        return None
    return view.order(side, away(view.price, side, slippage_ppm), size, ioc=True)


def trim(view: View, leverage: int, slippage_ppm: int) -> Message | None:
    """Return an order that reduces a position that has grown too large for the equity, or None."""
    if abs(view.exposure_ppm) <= leverage * PPM_UNIT * 3 // 2:
        return None
    side = Side.SELL if view.position > 0 else Side.BUY
    size = max(abs(view.position) // 4 // PERPETUAL.min_size, 1) * PERPETUAL.min_size
    return view.order(side, away(view.price, side, slippage_ppm), size, ioc=True, reduce_only=True)


def closing_order(view: View) -> Message | None:
    """Return an order that closes the whole position at nearly any price, or None without a position."""
    if view.position == 0:
        return None
    side = Side.SELL if view.position > 0 else Side.BUY
    limit = away(view.price, side, CLOSING_SLIPPAGE_PPM)
    return view.order(side, limit, abs(view.position), ioc=True, reduce_only=True)
