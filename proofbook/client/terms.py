"""What a trader wants to send, before it has a nonce and a signature."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from proofbook.client.errors import InexactNumberError
from proofbook.client.results import Order
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message
from sequencer.service.wire.numbers import Markets
from sequencer.service.wire.scalars import SideText, side_of

Number = Decimal | str | int
"""A price or a size: exact, hence never a float."""

NEVER_EXPIRES: Final = c.NEVER_EXPIRES


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to place.

    Attributes
    ----------
    price : Number
        Limit: the worst price to trade at.
    ioc : bool
        Cancel at once what does not trade.
    post_only : bool
        Reject it if it would trade at once.
    reduce_only : bool
        Trade only what makes the position smaller.
    expiry : int
        Second after which it ends.
    max_fee_ppm : int or None
        Largest taker fee rate accepted; the highest of the fee tiers if None.
    nonce : int or None
        The client's name for it, larger than all before; the time in milliseconds if None.
    """

    market: str
    side: SideText
    size: Number
    price: Number
    ioc: bool = False
    post_only: bool = False
    reduce_only: bool = False
    expiry: int = NEVER_EXPIRES
    max_fee_ppm: int | None = None
    nonce: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """An order to cancel; the rest as for `NewOrder`."""

    order: Order
    expiry: int = NEVER_EXPIRES
    nonce: int | None = None


@dataclass(frozen=True, slots=True)
class CancelAll:
    """All older orders of the account are to be cancelled, in all markets; the rest as for `NewOrder`."""

    expiry: int = NEVER_EXPIRES
    nonce: int | None = None


Terms = NewOrder | CancelOrder | CancelAll


def unsigned(terms: Terms, account: int, key_epoch: int, markets: Markets, default_fee_ppm: int) -> Message:
    """Return the message that terms say, with nonce 0.

    Raises
    ------
    WireError, InexactNumberError
        If a number or the market means nothing.
    """
    match terms:
        case NewOrder():
            units = markets.named(terms.market)
            return Message(
                account=account,
                key_epoch=key_epoch,
                nonce=0,
                market=units.slot,
                side=side_of(terms.side),
                ioc=terms.ioc,
                post_only=terms.post_only,
                reduce_only=terms.reduce_only,
                expiry=terms.expiry,
                max_fee_ppm=default_fee_ppm if terms.max_fee_ppm is None else terms.max_fee_ppm,
                price=units.ticks(number_text(terms.price)),
                size=units.lots(number_text(terms.size)),
            )
        case CancelOrder():
            units = markets.named(terms.order.market)
            return Message(
                account=account,
                key_epoch=key_epoch,
                nonce=0,
                kind=MessageKind.CANCEL,
                market=units.slot,
                side=side_of(terms.order.side),
                expiry=terms.expiry,
                price=units.ticks(number_text(terms.order.price)),
                target=terms.order.sequence,
            )
        case CancelAll():
            return Message(
                account=account,
                key_epoch=key_epoch,
                nonce=0,
                kind=MessageKind.CANCEL_ALL,
                expiry=terms.expiry,
            )


def number_text(number: Number) -> str:
    """Return a number as bodies have it; InexactNumberError if it is a float."""
    if isinstance(number, str):
        return number
    if isinstance(number, bool | float):
        raise InexactNumberError(f"{number!r} is a {type(number).__name__}")
    return f"{Decimal(number):f}"
