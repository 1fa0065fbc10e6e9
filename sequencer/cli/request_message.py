"""Messages that `proofbook request` forces: they need no signature but that of the wallet's transaction."""

from collections.abc import Callable
from typing import Final

import click
from msgspec.structs import replace

from sequencer.chain.requests import Requester, Ticket
from sequencer.cli.options import address
from sequencer.cli.request_options import requesting
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Side
from sequencer.model.message import Message

Command = Callable[..., None]

_SIDES: Final = {side.name.lower(): side for side in Side}
_JUDGED: Final = (
    "The message is judged like a signed one. Its nonce is the time in milliseconds: it is dropped if the"
    " account has used a larger one."
)
_UNWOUND: Final = (
    "Nobody signs an unwinding: it does nothing where the fund holds nothing to trade away on that side, or"
    " where the price is farther from the mark than the market's liquidation fee."
)
_WEIGHED: Final = (
    "Nobody signs a liquidation: it does nothing unless the account is below its maintenance margin in the"
    " batch that takes it, and so many lots are due then."
)


def _integer(option: str, lowest: int, bits: int, meaning: str) -> Callable[[Command], Command]:
    number = click.IntRange(lowest, 2**bits - 1)
    return click.option(option, required=True, type=number, metavar="INTEGER", help=meaning)


_MARKET = click.option("--market", required=True, type=click.IntRange(0, c.MARKETS - 1), help="Its number.")
_SIDE = click.option("--side", required=True, type=click.Choice(tuple(_SIDES)))
_PRICE = _integer("--price", 1, c.PRICE_BITS, "Limit in ticks.")
_SIZE = _integer("--size", 1, c.SIZE_BITS, "Lots.")
_MAX_FEE = _integer("--max-fee", 0, c.PPM_BITS, "Largest fee rate to accept, in millionths.")
_EXPIRES = click.option(
    "--expires",
    type=click.IntRange(0, c.NEVER_EXPIRES),
    default=c.NEVER_EXPIRES,
    help="Last second, since 1970, in which it is valid.  [default: for ever]",
)


def _terms(command: Command) -> Command:
    """Give a command the terms that every order has."""
    for option in (_EXPIRES, _MAX_FEE, _SIZE, _PRICE, _SIDE, _MARKET):
        command = option(command)
    return command


@click.command(epilog=_JUDGED)
@_terms
@click.option("--ioc", is_flag=True, help="What does not trade at once is dropped.")
@click.option("--post-only", is_flag=True, help="Only if it would rest.")
@click.option("--reduce-only", is_flag=True, help="Only as far as it makes the position smaller.")
@requesting
def order(
    requester: Requester,
    market: int,
    side: str,
    price: int,
    size: int,
    max_fee: int,
    expires: int,
    ioc: bool,
    post_only: bool,
    reduce_only: bool,
) -> Ticket:
    """Force an order."""
    priced = _priced(requester, market, side, price, size, max_fee, expires)
    return requester.force(replace(priced, ioc=ioc, post_only=post_only, reduce_only=reduce_only))


@click.command(epilog=_JUDGED)
@_terms
@requesting
def close(
    requester: Requester, market: int, side: str, price: int, size: int, max_fee: int, expires: int
) -> Ticket:
    """Force an order that makes a position smaller at once, or does nothing.

    The side is the opposite of the position's: sell to close a long one. L1 alone does not say which it is;
    `proofbook verify` rebuilds it.
    """
    priced = _priced(requester, market, side, price, size, max_fee, expires)
    return requester.force(replace(priced, ioc=True, reduce_only=True))


@click.command(epilog=_JUDGED)
@_MARKET
@_SIDE
@_PRICE
@_integer("--target", 1, c.SEQUENCE_BITS, "Sequence of the order to cancel.")
@requesting
def cancel(requester: Requester, market: int, side: str, price: int, target: int) -> Ticket:
    """Force the cancelling of one order, named by its place in the book."""
    message = replace(
        requester.blank(),
        kind=MessageKind.CANCEL,
        market=market,
        side=_SIDES[side],
        price=price,
        target=target,
    )
    return requester.force(message)


@click.command("cancel-all", epilog=_JUDGED)
@requesting
def cancel_all(requester: Requester) -> Ticket:
    """Force the cancelling of all orders of the account."""
    return requester.force(replace(requester.blank(), kind=MessageKind.CANCEL_ALL))


@click.command(epilog=_WEIGHED)
@click.argument("owner", callback=address)
@_MARKET
@_SIDE
@_SIZE
@requesting
def liquidate(requester: Requester, owner: str, market: int, side: str, size: int) -> Ticket:
    """Force the liquidation of the account of OWNER, whoever that is.

    The side is the opposite of the position's, as for `close`. An account with orders loses these alone.
    """
    return requester.liquidate(owner, market, _SIDES[side], size)


@click.command(epilog=_UNWOUND)
@_MARKET
@_SIDE
@_PRICE
@_SIZE
@requesting
def unwind(requester: Requester, market: int, side: str, price: int, size: int) -> Ticket:
    """Force the insurance fund to trade away what it holds.

    The side is the opposite of its position's: `proofbook verify` rebuilds which that is.
    """
    return requester.unwind(market, _SIDES[side], size, price)


def _priced(
    requester: Requester, market: int, side: str, price: int, size: int, max_fee: int, expires: int
) -> Message:
    """Return an order with what every order has."""
    return replace(
        requester.blank(),
        kind=MessageKind.ORDER,
        market=market,
        side=_SIDES[side],
        price=price,
        size=size,
        max_fee_ppm=max_fee,
        expiry=expires,
    )
