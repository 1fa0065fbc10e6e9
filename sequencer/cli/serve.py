"""`proofbook serve`: an exchange's processes, all of them or one alone."""

from typing import Final

import click

from sequencer.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "all": "sequencer.cli.serve_all:serve_all",
    "init": "sequencer.cli.serve_init:initialize",
    "node": "sequencer.cli.serve_node:serve_node",
    "settler": "sequencer.cli.serve_settler:serve_settler",
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def serve() -> None:
    """Run an exchange: node, settler and provers.

    The node is what traders talk to, the settler carries batches to L1. Any of the processes may be killed at
    any time; docs/operations/SERVING.md tells how to run them.
    """
