"""Options that the commands of a farm share: which queue, and how it knows the caller."""

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from prover.backends import BACKENDS
from prover.circuit import SIZES_FILE
from prover.farm.errors import QueueTokenError
from prover.farm.job import JobView
from prover.farm.worker import JOB_SECONDS_MAX

_TOKEN: Final = re.compile(r"[A-Za-z0-9]{32,200}")
_DIGITS_SHOWN: Final = 8

_Command = TypeVar("_Command", bound=Callable[..., Any])

queue_option = click.option("--queue", "url", required=True, help="Address of the queue's server.")
token_option = click.option(
    "--token-file",
    "token",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    callback=lambda _, __, path: read_token(path),
    help="File with the token that the queue wants to be shown.",
)
job_argument = click.argument("job", metavar="ID")
_worker_options: Final = (
    queue_option,
    token_option,
    click.option(
        "--size",
        "sizes",
        multiple=True,
        type=click.Choice(tuple(json.loads(SIZES_FILE.read_text()))),
        help="Only jobs of this batch size; may be repeated.  [default: all]",
    ),
    click.option(
        "--backend",
        type=click.Choice(tuple(BACKENDS)),
        default="native",
        show_default=True,
        help="Who makes the proofs.",
    ),
    click.option(
        "--name",
        default=lambda: f"{socket.gethostname()}-{os.getpid()}",
        help="What the queue calls this worker.  [default: host and process]",
    ),
    click.option(
        "--job-seconds",
        type=click.IntRange(min=1),
        default=JOB_SECONDS_MAX,
        show_default=True,
        help="An attempt that takes longer has failed.",
    ),
)


def worker_options(command: _Command) -> _Command:
    """Add what every worker is told: queue, token, sizes, back end, name, limit of time."""
    for option in reversed(_worker_options):
        command = option(command)
    return command


def read_token(path: Path) -> str:
    """Return the token in a file; QueueTokenError if there is none."""
    text = path.read_text(errors="replace").strip()
    if not _TOKEN.fullmatch(text):
        raise QueueTokenError(f"{path}: no token is in the file")
    return text


def chosen_sizes(sizes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sizes of the option, all of them if it was not given."""
    return sizes or tuple(json.loads(SIZES_FILE.read_text()))


def short_id(view: JobView) -> str:
    """Return enough of an id for people."""
    return view.id[: len(view.size) + 1 + _DIGITS_SHOWN]
