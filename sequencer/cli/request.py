"""`proofbook request`: ask the exchange through L1, with a wallet and a node and without the operator."""

from collections.abc import Iterator

import click

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.requests import Requester, Standing, Ticket, standing_of
from sequencer.cli.options import from_block_option, rollup_option, rpc_option
from sequencer.cli.request_message import cancel, cancel_all, close, liquidate, order, unwind
from sequencer.cli.request_options import DOLLARS, in_dollars, requesting
from sequencer.model import constants as c
from sequencer.verifier.leave import shown_time


@click.group()
def request() -> None:
    """Ask the exchange by way of L1, where nobody can look away.

    Each request costs the rollup's request fee. If one waits past its deadline, anyone may freeze the
    exchange, and everyone leaves with `proofbook exit`.
    """


for message_command in (order, close, cancel, cancel_all, liquidate, unwind):
    request.add_command(message_command)


@request.command()
@click.argument("amount", type=DOLLARS)
@requesting
def deposit(requester: Requester, amount: int) -> Ticket:
    """Deposit AMOUNT dollars; the rollup is allowed to take them first."""
    return requester.deposit(amount)


@request.command()
@click.argument("amount", type=DOLLARS)
@requesting
def insure(requester: Requester, amount: int) -> Ticket:
    """Pay AMOUNT dollars into the insurance fund.

    For good: nobody gets them back, from a frozen exchange neither.
    """
    return requester.insure(amount)


@request.command()
@requesting
def register(requester: Requester) -> Ticket:
    """Register the wallet's next trading key, which follows from its signature."""
    return requester.register()


@request.command()
@click.argument("amount", type=DOLLARS)
@requesting
def withdraw(requester: Requester, amount: int) -> Ticket:
    """Withdraw at most AMOUNT dollars: what the margin leaves free is paid."""
    return requester.withdraw(amount)


@request.command()
@requesting
def congestion(requester: Requester) -> Ticket:
    """Report that no batch came for half an hour.

    By the clock of L1. Whoever takes new risk then needs more margin, for an hour at least.
    """
    return requester.report_congestion()


@request.command()
@click.option(
    "--market",
    "markets",
    required=True,
    multiple=True,
    type=click.IntRange(0, c.MARKETS - 1),
    help="Its number; may be given for several.",
)
@click.option("--seconds", required=True, type=click.IntRange(1), metavar="INTEGER", help="A day at most.")
@requesting
def restrict(requester: Requester, markets: tuple[int, ...], seconds: int) -> Ticket:
    """Have markets take only orders that reduce positions, with the operator's wallet.

    While a restriction holds, another one may add markets and time, and take away neither. All together ends
    a day after the first; the next may begin a day after that.
    """
    return requester.restrict(markets, seconds)


@request.command()
@click.argument("index", type=click.IntRange(min=0))
@rpc_option
@rollup_option
@from_block_option
def status(index: int, rpc: str, rollup: str, from_block: int) -> None:
    """Tell what has become of request INDEX.

    A forced message that is done was sequenced; its verdict is proven, but not published on L1. A restriction
    that is done holds from the batch after.
    """
    standing = standing_of(RollupClient(Connection(rpc), rollup), index, from_block)
    click.echo("\n".join(_lines(standing)))


def _lines(standing: Standing) -> Iterator[str]:
    ticket = standing.ticket
    yield f"request   {ticket.index}"
    yield f"queued    {shown_time(ticket.queued_at)}"
    yield f"deadline  {shown_time(ticket.deadline)}"
    yield f"state     {standing.state.value}"
    if standing.paid:
        yield f"to claim  {in_dollars(standing.paid)}"
