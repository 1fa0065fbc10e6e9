"""`proofbook oracle serve`: the process of one signer."""

import signal
import socket
import sys
from pathlib import Path

import click

from sequencer.cli.listening import open_listening
from sequencer.cli.oracle_config import read_config
from sequencer.cli.oracle_key import password
from sequencer.oracle.errors import ListenError
from sequencer.oracle.keystore import read_keystore
from sequencer.oracle.server import create_app, serve


@click.command("serve")
@click.option(
    "--config",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file; its paths are seen from its own folder.",
)
def serve_signer(config: Path) -> None:
    """Serve the reports of one signer until SIGTERM or SIGINT.

    The keystore's password is asked for, or in PROOFBOOK_ORACLE_PASSWORD.
    """
    # The server puts its own in the place of these, and comes back to them when it has stopped.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))
    settings = read_config(config)
    secret = read_keystore(config.parent / settings.keystore, password())
    with (
        settings.open_signer(secret, config.parent) as signer,
        _listening(*settings.listen) as listening,
    ):
        host, port = listening.getsockname()[:2]
        click.echo(f"Listening on {f'[{host}]' if ':' in host else host}:{port}")
        serve(create_app(signer), listening)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return open_listening(host, port)
    except OSError as error:
        raise ListenError(f"{host}:{port}: {error.strerror}") from error
