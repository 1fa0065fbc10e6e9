"""The wallet of a command: from a keystore file or the environment, never from an argument."""

import json
import os
from pathlib import Path
from typing import Final

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount

KEY_VARIABLE: Final = "PROOFBOOK_WALLET_KEY"
PASSWORD_VARIABLE: Final = "PROOFBOOK_WALLET_PASSWORD"

keystore_option = click.option(
    "--keystore",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=f"Encrypted wallet file; its password is asked for, or in {PASSWORD_VARIABLE}."
    f"  [default: the key in {KEY_VARIABLE}]",
)


def open_wallet(keystore: Path | None) -> LocalAccount:
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


def keystore_wallet(keystore: Path) -> LocalAccount:
    """Return the wallet of a keystore file.

    Raises
    ------
    UsageError
        If the file is none, or the password is not its own.
    """
    try:
        wallet: LocalAccount = Account.from_key(_decrypted(keystore))
    except (OSError, ValueError, KeyError, TypeError) as error:
        # The message of the library may have a part of the key in it.
        raise click.UsageError(f"{keystore} cannot be opened: {type(error).__name__}.") from error
    return wallet


def _decrypted(keystore: Path) -> bytes:
    password = os.environ.get(PASSWORD_VARIABLE) or click.prompt("Password", hide_input=True, err=True)
    return bytes(Account.decrypt(json.loads(keystore.read_text()), password))
