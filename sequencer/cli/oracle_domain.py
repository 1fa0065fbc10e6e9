"""`proofbook oracle domain`: what the reports for a rollup are signed for."""

import click
from eth_utils.address import to_checksum_address

from sequencer.chain.connection import Connection
from sequencer.cli.options import rollup_option, rpc_option
from sequencer.verifier.replica import Identity


@click.command()
@rpc_option
@rollup_option
def domain(rpc: str, rollup: str) -> None:
    """Print the domain of a rollup, for a signer's configuration.

    It is computed here; of the node only the chain's id is believed.
    """
    click.echo(Identity(Connection(rpc).chain_id, to_checksum_address(rollup)).domain())
