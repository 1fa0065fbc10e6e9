"""`proofbook serve settler`: from the journal to L1."""

import logging
import signal
import threading
import time
from typing import Final

import click

from prover.farm.client import FarmClient
from prover.farm.errors import FarmError
from sequencer.chain.client import RollupClient
from sequencer.chain.errors import ChainUnreachableError
from sequencer.cli.prove_options import read_token
from sequencer.cli.serve_options import config_option, log_to_stderr
from sequencer.cli.venue_config import VenueConfig
from sequencer.cli.wallet import keystore_wallet
from sequencer.settler.settler import Settler

_LOG: Final = logging.getLogger("proofbook.settler")
_RETRY_SECONDS: Final = 2.0


@click.command("settler")
@config_option
def serve_settler(config: VenueConfig) -> None:
    """Seal what the node has closed, have it proven, submit it, until SIGTERM or SIGINT.

    The password of the operator's keystore is asked for, or in PROOFBOOK_WALLET_PASSWORD.
    """
    log_to_stderr()
    stopping = threading.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: stopping.set())
    operator = keystore_wallet(config.settler.operator_keystore)
    farm = FarmClient(config.queue_url, read_token(config.prover.token_file))
    rollup = RollupClient(config.connection, config.venue.rollup)
    while not stopping.is_set():
        try:
            with Settler(
                config.directories,
                rollup,
                operator,
                farm,
                config.size,
                config.submitter_policy,
                config.settler.snapshot_every,
            ) as settler:
                _LOG.info("settling", extra={"fields": {"batch": settler.batch}})
                settler.run(stopping)
        except (ChainUnreachableError, FarmError) as error:
            _LOG.warning("tried again later: %s", error)
            time.sleep(_RETRY_SECONDS)
