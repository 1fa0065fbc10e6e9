"""What the commands of a trader share: which exchange, which account, which key."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import click

from proofbook.client import Exchange, RetryPolicy, TradingKey
from sequencer.cli.options import address
from sequencer.cli.wallet import keystore_option, open_wallet
from sequencer.model import constants as c

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

RETRIES: Final = RetryPolicy(patience_seconds=5.0)
"""Who sits before a terminal does not wait for long."""

url_option = click.option(
    "--url", required=True, envvar="PROOFBOOK_URL", show_envvar=True, help="Address of the exchange."
)
_account_option = click.option(
    "--account",
    required=True,
    type=click.IntRange(min=1, max=(1 << c.ACCOUNT_BITS) - 1),
    envvar="PROOFBOOK_ACCOUNT",
    show_envvar=True,
    help="Its number.",
)
_rollup_option = click.option(
    "--rollup",
    required=True,
    callback=address,
    envvar="PROOFBOOK_ROLLUP",
    show_envvar=True,
    help="Address of the rollup, for which the key is.",
)
_key_epoch_option = click.option(
    "--key-epoch",
    type=click.IntRange(min=1, max=(1 << c.KEY_EPOCH_BITS) - 1),
    default=1,
    show_default=True,
    help="How many keys the account has registered.",
)


def trading(command: Callable[Concatenate[Exchange, Arguments], Result]) -> Callable[..., Result]:
    """Give a command the exchange with the wallet's trading key."""

    @url_option
    @_account_option
    @_rollup_option
    @_key_epoch_option
    @keystore_option
    @functools.wraps(command)
    def run(
        url: str,
        account: int,
        rollup: str,
        key_epoch: int,
        keystore: Path | None,
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Result:
        wallet = open_wallet(keystore)
        with Exchange(url, retries=RETRIES) as nobody:
            chain_id = nobody.status().chain_id
        key = TradingKey.from_wallet(wallet, account, chain_id, rollup, key_epoch)
        with Exchange(url, key, retries=RETRIES) as exchange:
            return command(exchange, *arguments, **options)

    return run
