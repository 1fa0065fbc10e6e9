"""`proofbook prove show | cancel | retry`: one job of the queue."""

from datetime import UTC, datetime

import click

from prover.farm.client import FarmClient
from sequencer.cli.prove_options import job_argument, queue_option, short_id, token_option


@click.command()
@job_argument
@queue_option
@token_option
def show(job: str, url: str, token: str) -> None:
    """Show a job and the evidence of each attempt that failed.

    ID may be the beginning of an id, as `proofbook prove status` shows it.
    """
    client = FarmClient(url, token)
    view = client.view(_full_id(client, job))
    click.echo(f"{view.id}\n{view.state}, priority {view.priority}, {view.attempts} attempts failed")
    click.echo(f"submitted {_time(view.submitted_at)}, changed {_time(view.updated_at)}")
    if view.worker:
        click.echo(f"worker {view.worker}{f': {view.progress}' if view.progress else ''}")
    for failure in view.failures:
        click.echo(f"\n{_time(failure.at)} {failure.worker}")
        click.echo("\n".join(f"  {line}" for line in failure.evidence.splitlines()))


@click.command()
@job_argument
@queue_option
@token_option
def cancel(job: str, url: str, token: str) -> None:
    """End a job, running or not; a proven one stays proven.

    Whoever waits for the proof waits in vain: a settler submits the job again.
    """
    client = FarmClient(url, token)
    id = _full_id(client, job)
    client.cancel(id)
    _say(client, id)


@click.command()
@job_argument
@queue_option
@token_option
def retry(job: str, url: str, token: str) -> None:
    """Let a poisoned job have all its attempts again."""
    client = FarmClient(url, token)
    id = _full_id(client, job)
    client.retry(id)
    _say(client, id)


def _say(client: FarmClient, id: str) -> None:
    view = client.view(id)
    click.echo(f"{short_id(view)}: {view.state}")


def _full_id(client: FarmClient, beginning: str) -> str:
    """Return the one id that begins so; what begins none of those listed is for the queue to judge."""
    found = [view.id for view in client.overview().jobs if view.id.startswith(beginning)]
    if len(found) > 1:
        raise click.UsageError(f"{len(found)} jobs begin with {beginning!r}.")
    return found[0] if found else beginning


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
