"""`proofbook serve init`: the data directory of an exchange before its first batch."""

from pathlib import Path

import click

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.cli.change_file import read_configuration
from sequencer.cli.serve_options import config_option
from sequencer.cli.venue_config import VenueConfig, VenueConfigError
from sequencer.model.config import Configuration
from sequencer.node.listing import check_listings
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis
from sequencer.store.ledger_store import LedgerStore


@click.command("init")
@config_option
@click.option(
    "--configuration",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the rollup was deployed with, as `proofbook change` has it.",
)
def initialize(config: VenueConfig, file: Path) -> None:
    """Make the ledger and the snapshot of the genesis; the rollup must be at its own."""
    create_venue(config, read_configuration(file))
    click.echo(f"{config.directories.data} holds the genesis of {config.venue.rollup}")


def create_venue(config: VenueConfig, configuration: Configuration) -> None:
    """Make the data directory of a venue before its first batch.

    Raises
    ------
    VenueConfigError, ListingError
        If the configuration is not the one that the rollup was deployed with, or the listings not its own.
    StoreExistsError
        If there is one already.
    """
    check_listings(config.listings, configuration.markets)
    rollup = RollupClient(Connection(config.venue.rpc), config.venue.rollup)
    ledger = genesis(configuration, rollup.domain)
    if rollup.state_root != ledger.roots().state:
        raise VenueConfigError(f"{rollup.address} is not at the genesis of this configuration")
    directories = config.directories
    directories.data.mkdir(parents=True, exist_ok=True)
    LedgerStore.create(directories.ledger, ledger).close()
    write_snapshot(directories.snapshots, ledger)
