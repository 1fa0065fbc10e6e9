"""`proofbook prove status`: the queue at a glance."""

from typing import Final

import click

from prover.farm.client import FarmClient
from prover.farm.job import JobView
from sequencer.cli.prove_options import queue_option, short_id, token_option

_HEADINGS: Final = ("STATE", "JOB", "SIZE", "PRIORITY", "ATTEMPTS", "WORKER", "AGE", "PROGRESS")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@click.command()
@queue_option
@token_option
def status(url: str, token: str) -> None:
    """Show the queue's jobs: those that run, those that wait, the poisoned, the newest that are over.

    Attempts are those that failed.
    """
    overview = FarmClient(url, token).overview()
    if overview.jobs:
        rows = [_HEADINGS, *(_row(view, overview.now) for view in overview.jobs)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(cells).rstrip())
    click.echo(", ".join(f"{count} {state}" for state, count in overview.counts.items()))


def _row(view: JobView, now: int) -> tuple[str, ...]:
    return (
        view.state,
        short_id(view),
        view.size,
        str(view.priority),
        str(view.attempts),
        view.worker or "-",
        _age(now - view.submitted_at),
        view.progress or "-",
    )


def _age(seconds: int) -> str:
    """Return a duration in its largest two units."""
    if seconds < _MINUTE:
        return f"{max(seconds, 0)}s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m{seconds % _MINUTE:02}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02}m"
    return f"{seconds // _DAY}d{seconds % _DAY // _HOUR:02}h"
