"""`proofbook trade`: place and cancel orders."""

import functools
from collections.abc import Callable
from typing import Any

import click

from proofbook.client import ClientError, Exchange
from proofbook.client.results import MessageResult
from sequencer.cli.trade_options import trading
from sequencer.service.wire.scalars import SideText
from sequencer.verifier.leave import shown_time


class OrderRejectedError(ClientError):
    """An order was sequenced, and the rules rejected it."""

    code = "order_rejected"
    cure = "the reason is a verdict of docs/spec/matching.md; send another order"


@click.group()
def trade() -> None:
    """Trade with the key that follows from a wallet.

    Each message gets one answer with the operator's signed receipt, which is checked.
    """


def _ordering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments and options of an order."""

    @click.argument("size")
    @click.argument("symbol")
    @click.argument("price")
    @click.option("--post-only", is_flag=True, help="Reject it if it would trade at once.")
    @click.option("--ioc", is_flag=True, help="Cancel at once what does not trade.")
    @click.option("--reduce-only", is_flag=True, help="Trade only what makes the position smaller.")
    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        command(*arguments, **options)

    return run


@trade.command()
@_ordering
@trading
def buy(exchange: Exchange, /, size: str, symbol: str, price: str, **flags: bool) -> None:
    """Buy SIZE of SYMBOL at PRICE or lower."""
    _place(exchange, "buy", size, symbol, price, flags)


@trade.command()
@_ordering
@trading
def sell(exchange: Exchange, /, size: str, symbol: str, price: str, **flags: bool) -> None:
    """Sell SIZE of SYMBOL at PRICE or higher."""
    _place(exchange, "sell", size, symbol, price, flags)


@trade.command()
@click.argument("order", metavar="NONCE|all")
@trading
def cancel(exchange: Exchange, order: str) -> None:
    """Cancel the order that was answered with NONCE, or all orders."""
    if order != "all" and not order.isdecimal():
        raise click.BadParameter(f"{order!r} is neither a nonce nor all.", param_hint="NONCE|all")
    result = exchange.cancel_all() if order == "all" else exchange.cancel(int(order))
    click.echo(f"cancelled  {len(result.cancelled)}")
    _echo_receipt(result)


def _place(
    exchange: Exchange, side: SideText, size: str, symbol: str, price: str, flags: dict[str, bool]
) -> None:
    result = exchange.place(symbol, side, size, price, **flags)
    order = result.order
    assert order is not None, "the answer to an order has it"
    if order.status == "rejected":
        raise OrderRejectedError(f"order {order.nonce}: {order.reason}")
    click.echo(f"order      {order.nonce}")
    click.echo(f"status     {order.status}{f' ({order.reason})' if order.reason else ''}")
    click.echo(f"filled     {order.filled:f} of {order.size:f}")
    if order.average_price is not None:
        click.echo(f"price      {order.average_price:f}")
        click.echo(f"fee        {order.fee:f}")
    _echo_receipt(result)


def _echo_receipt(result: MessageResult) -> None:
    receipt = result.receipt
    click.echo(
        f"receipt    sequence {receipt.sequence} in batch {receipt.batch_number}, "
        f"on L1 by {shown_time(receipt.due_by)}"
    )
