"""`proofbook serve init`: the genesis of an exchange, from which its journal leads on."""

from pathlib import Path

import click

from sequencer.chain.client import RollupClient
from sequencer.chain.watcher import Watcher
from sequencer.cli.change_file import read_configuration
from sequencer.cli.options import from_block_option
from sequencer.cli.serve_options import config_option
from sequencer.cli.venue_config import VenueConfig, VenueConfigError
from sequencer.model.config import Configuration
from sequencer.node.listing import check_listings
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis


@click.command("init")
@config_option
@click.option(
    "--configuration",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the rollup was deployed with, as `proofbook change` has it.",
)
@from_block_option
def initialize(config: VenueConfig, file: Path, from_block: int) -> None:
    """Write the snapshot of the genesis; the rollup must have begun there.

    Once for a new exchange, and again for one that has lost its snapshots.
    """
    create_venue(config, read_configuration(file), from_block)
    click.echo(f"{config.directories.data} holds the genesis of {config.venue.rollup}")


def create_venue(config: VenueConfig, configuration: Configuration, from_block: int = 0) -> None:
    """Write the genesis of a venue into its data directory; what else is there stays as it is.

    Parameters
    ----------
    from_block
        Where to look for the deployment of a rollup that has batches.

    Raises
    ------
    VenueConfigError, ListingError
        If the configuration is not the one that the rollup was deployed with, or the listings not its own.
    NoGenesisError
        If the deployment is not found.
    WrongChainError
        If the node is not of the venue's chain.
    """
    check_listings(config.listings, configuration.markets)
    rollup = RollupClient(config.connection, config.venue.rollup)
    ledger = genesis(configuration, rollup.domain)
    has_begun = rollup.batch_count > 0
    now = rollup.state_root, rollup.configuration_hash
    first = Watcher(rollup).genesis(from_block) if has_begun else now
    if first != (ledger.roots().state, configuration.hash()):
        raise VenueConfigError(f"{rollup.address} did not begin with this configuration")
    directories = config.directories
    directories.data.mkdir(parents=True, exist_ok=True)
    write_snapshot(directories.snapshots, ledger)
