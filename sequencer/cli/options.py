"""Options that several commands share: which rollup, on which node."""

import click
from eth_utils.address import is_address


def address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Return an address as it was given, None if an option was not; refuse what is no address."""
    if value is not None and not is_address(value):
        raise click.BadParameter(f"{value!r} is no address.")
    return value


rpc_option = click.option("--rpc", required=True, help="Node of the chain.")
rollup_option = click.option("--rollup", required=True, callback=address, help="Address of the rollup.")
from_block_option = click.option(
    "--from-block", type=click.IntRange(min=0), default=0, help="Block of the deployment or earlier."
)
