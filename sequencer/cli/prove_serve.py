"""`proofbook prove serve`: the process of the queue."""

import signal
import socket
import sys
import time
from pathlib import Path

import click

from prover.farm.errors import QueueListenError
from prover.farm.keys import batch_keys
from prover.farm.queue import ATTEMPTS_MAX, LEASE_SECONDS, JobQueue
from prover.farm.server import create_app, serve
from sequencer.cli.listening import open_listening
from sequencer.cli.prove_options import token_option


def _address(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    host, _colon, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise click.BadParameter(f"{value!r} is not HOST:PORT.")
    return host.strip("[]"), int(port)


@click.command("serve")
@click.option(
    "--jobs", required=True, type=click.Path(path_type=Path, file_okay=False), help="Directory of the queue."
)
@token_option
@click.option("--listen", required=True, callback=_address, help="HOST:PORT; port 0 is any free one.")
@click.option(
    "--lease-seconds",
    type=click.IntRange(5, 3_600),
    default=LEASE_SECONDS,
    show_default=True,
    help="How long a worker may be silent.",
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 100),
    default=ATTEMPTS_MAX,
    show_default=True,
    help="After so many failures a job is set aside.",
)
def serve_queue(jobs: Path, token: str, listen: tuple[str, int], lease_seconds: int, attempts: int) -> None:
    """Serve the queue of proving jobs until SIGTERM or SIGINT."""
    # The server puts its own in the place of these, and comes back to them when it has stopped.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))
    queue = JobQueue(jobs, batch_keys(), lambda: int(time.time()), lease_seconds, attempts)
    with queue, _listening(*listen) as listening:
        host, port = listening.getsockname()[:2]
        click.echo(f"Listening on {f'[{host}]' if ':' in host else host}:{port}")
        serve(create_app(queue, token), listening)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return open_listening(host, port)
    except OSError as error:
        raise QueueListenError(f"{host}:{port}: {error.strerror}") from error
