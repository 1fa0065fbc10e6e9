"""`proofbook exit`: leave an exchange whose operator is gone."""

import json
import os
from pathlib import Path
from typing import Final

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover.circuit import EXIT
from prover.prover import open_prover
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.cli.options import from_block_option, rollup_option, rpc_option
from sequencer.cli.progress import StepProgress
from sequencer.verifier.leave import Leaver
from sequencer.verifier.verify import open_follower

KEY_VARIABLE: Final = "PROOFBOOK_WALLET_KEY"
PASSWORD_VARIABLE: Final = "PROOFBOOK_WALLET_PASSWORD"

_KEYSTORE = click.option(
    "--keystore",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=f"Encrypted wallet file; its password is asked for, or in {PASSWORD_VARIABLE}."
    f"  [default: the key in {KEY_VARIABLE}]",
)


@click.group("exit")
def leave() -> None:
    """Leave an exchange whose operator is gone."""


@leave.command()
@rpc_option
@rollup_option
@_KEYSTORE
@from_block_option
def start(rpc: str, rollup: str, keystore: Path | None, from_block: int) -> None:
    """Verify the exchange, freeze it if its operator is late, and register what you own."""
    wallet, connection = _wallet(keystore), Connection(rpc)
    follower = open_follower(connection, rollup, from_block=from_block)
    leaver = Leaver(RollupClient(connection, rollup), wallet, click.echo)
    leaver.start(follower, open_prover(EXIT, "native", StepProgress()))


@leave.command()
@rpc_option
@rollup_option
@_KEYSTORE
def finish(rpc: str, rollup: str, keystore: Path | None) -> None:
    """Be paid, once the time to register is over."""
    Leaver(RollupClient(Connection(rpc), rollup), _wallet(keystore), click.echo).finish()


def _wallet(keystore: Path | None) -> LocalAccount:
    """Return the wallet of a keystore file, else of the environment; a key is never an argument."""
    if keystore is None and KEY_VARIABLE not in os.environ:
        raise click.UsageError(f"Give --keystore, or a key in {KEY_VARIABLE}.")
    try:
        key = os.environ[KEY_VARIABLE] if keystore is None else _decrypted(keystore)
        wallet: LocalAccount = Account.from_key(key)
    except (ValueError, KeyError, TypeError) as error:
        # The message of the library may have a part of the key in it.
        raise click.UsageError(f"The wallet cannot be opened: {type(error).__name__}.") from error
    return wallet


def _decrypted(keystore: Path) -> bytes:
    password = os.environ.get(PASSWORD_VARIABLE) or click.prompt("Password", hide_input=True, err=True)
    return bytes(Account.decrypt(json.loads(keystore.read_text()), password))
