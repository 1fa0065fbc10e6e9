"""`proofbook oracle`: what a signer's operator does."""

from typing import Final

import click

from sequencer.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "domain": "sequencer.cli.oracle_domain:domain",
    "key": "sequencer.cli.oracle_key:key",
    "round": "sequencer.cli.oracle_round:collect_round",
    "serve": "sequencer.cli.oracle_serve:serve_signer",
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def oracle() -> None:
    """Sign prices as one of the oracle's signers.

    docs/operations/ORACLE.md tells how a signer is set up and run.
    """
