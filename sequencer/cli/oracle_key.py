"""`proofbook oracle key`: a new signer's key, and how its password is read."""

import json
import os
from pathlib import Path

import click

from sequencer.crypto import public_key
from sequencer.oracle.keystore import PASSWORD_VARIABLE, new_secret, write_keystore
from sequencer.oracle.wire import key_text


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def key(file: Path) -> None:
    """Make a signer's key, encrypted in a new FILE.

    Prints the public key as the file of `proofbook change schedule` wants it.
    """
    if file.exists():
        raise click.UsageError(f"{file} exists; a key is never overwritten.")
    secret = new_secret()
    write_keystore(file, secret, password(confirm=True))
    click.echo(json.dumps(key_text(public_key(secret))))


def password(confirm: bool = False) -> str:
    """Return the password of a keystore, from the environment or a prompt."""
    return os.environ.get(PASSWORD_VARIABLE) or str(
        click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
    )
