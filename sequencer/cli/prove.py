"""`proofbook prove`: the queue of proving jobs, and those who work for it."""

from typing import Final

import click

from sequencer.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "cancel": "sequencer.cli.prove_job:cancel",
    "pool": "sequencer.cli.prove_pool:pool",
    "retry": "sequencer.cli.prove_job:retry",
    "serve": "sequencer.cli.prove_serve:serve_queue",
    "show": "sequencer.cli.prove_job:show",
    "status": "sequencer.cli.prove_status:status",
    "work": "sequencer.cli.prove_work:work",
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def prove() -> None:
    """Prove batches on as many machines as there are.

    docs/operations/PROVING.md tells how a farm is set up and run.
    """
