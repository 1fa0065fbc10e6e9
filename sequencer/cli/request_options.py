"""What the commands of `proofbook request` share: the wallet that asks, amounts, the answer."""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec

import click

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.requests import Requester, Ticket
from sequencer.cli.options import from_block_option, rollup_option, rpc_option
from sequencer.cli.wallet import keystore_option, open_wallet
from sequencer.verifier.leave import shown_time

Arguments = ParamSpec("Arguments")

_DECIMALS: Final = 6
_DECIMAL: Final = re.compile(r"([0-9]+)(?:\.([0-9]{1,6}))?")


class _Dollars(click.ParamType[int]):
    """A decimal number of dollars, as token units."""

    name = "dollars"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the token units of what was typed."""
        typed = _DECIMAL.fullmatch(value)
        units = int(typed[1] + (typed[2] or "").ljust(_DECIMALS, "0")) if typed else 0
        if units:
            return units
        self.fail(f"{value!r} is no positive number of dollars with at most six decimals.", param, ctx)


DOLLARS: Final = _Dollars()


def in_dollars(units: int) -> str:
    """Return token units as a decimal number of dollars."""
    whole, rest = divmod(units, 10**_DECIMALS)
    return f"{whole}.{rest:0{_DECIMALS}}"


def echo_ticket(ticket: Ticket) -> None:
    """Say that a request is queued, and until when it may wait."""
    click.echo(
        f"Request {ticket.index} is queued. If it still waits after {shown_time(ticket.deadline)},"
        " anyone may freeze the exchange."
    )


def requesting(command: Callable[Concatenate[Requester, Arguments], Ticket]) -> Callable[..., None]:
    """Give a command the wallet's requester, and say where its request stands in the queue."""

    @rpc_option
    @rollup_option
    @keystore_option
    @from_block_option
    @functools.wraps(command)
    def run(
        rpc: str,
        rollup: str,
        keystore: Path | None,
        from_block: int,
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> None:
        requester = Requester(RollupClient(Connection(rpc), rollup), open_wallet(keystore), from_block)
        ticket = command(requester, *arguments, **options)
        echo_ticket(ticket)

    return run
