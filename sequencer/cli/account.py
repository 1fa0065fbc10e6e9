"""`proofbook account`: what a trader has."""

from collections.abc import Iterator, Sequence

import click

from proofbook.client import Exchange
from proofbook.client.results import Account, Fill, Order
from sequencer.cli.trade_options import trading
from sequencer.verifier.leave import shown_time

_MILLISECONDS = 1_000


@click.command()
@click.option(
    "--fills", type=click.IntRange(min=0), default=10, show_default=True, help="How many, the newest first."
)
@trading
def account(exchange: Exchange, fills: int) -> None:
    """Show an account's money, positions, open orders and last fills."""
    lines = [
        *_money(exchange.account()),
        *_orders(exchange.open_orders()),
        *_fills(list(exchange.fills(fills))),
    ]
    click.echo("\n".join(lines))


def _money(told: Account) -> Iterator[str]:
    yield f"account             {told.account}"
    yield f"collateral          {told.collateral:f}"
    yield f"equity              {told.equity:f}"
    yield f"free collateral     {told.free_collateral:f}"
    yield f"initial margin      {told.initial_margin:f}"
    yield f"maintenance margin  {told.maintenance_margin:f}"
    for position in told.positions:
        yield (
            f"position            {position.size:f} {position.market} at mark {position.mark:f}, "
            f"worth {position.value:f}"
        )


def _orders(orders: Sequence[Order]) -> Iterator[str]:
    for order in orders:
        yield (
            f"order               {order.nonce} {order.side} {order.remaining:f} of {order.size:f} "
            f"{order.market} at {order.price:f}"
        )


def _fills(fills: Sequence[Fill]) -> Iterator[str]:
    for fill in fills:
        price = "" if fill.price is None else f" at {fill.price:f}"
        yield (
            f"fill                {shown_time(fill.time_ms // _MILLISECONDS)} {fill.side} {fill.size:f} "
            f"{fill.market}{price}, {fill.role}, fee {fill.fee:f}"
        )
