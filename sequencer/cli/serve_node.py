"""`proofbook serve node`: what traders talk to."""

import asyncio
import logging
import signal
from functools import partial
from pathlib import Path
from typing import Final

import click
import uvicorn
import uvloop

from sequencer.chain.receipts import ReceiptDomain, ReceiptSigner
from sequencer.cli.change_file import read_configuration
from sequencer.cli.listening import open_listening
from sequencer.cli.serve_options import config_option, log_to_stderr
from sequencer.cli.venue_config import VenueConfig, VenueConfigError
from sequencer.cli.wallet import keystore_wallet
from sequencer.model.config import Configuration
from sequencer.node.answers import VenueInfo
from sequencer.node.clock import system_clock
from sequencer.node.collector import collect_rarely
from sequencer.node.inflow import Inflow
from sequencer.node.listing import check_listings
from sequencer.node.node import Node
from sequencer.node.recovery import recover
from sequencer.node.rounds import RoundFeed
from sequencer.oracle.client import RoundCollector
from sequencer.service.app import create_app
from sequencer.service.metrics import Metrics
from sequencer.service.server import server
from sequencer.verifier.replica import Identity

_LOG: Final = logging.getLogger("proofbook.node")
_BACKLOG: Final = 1_024


@click.command("node")
@config_option
def serve_node(config: VenueConfig) -> None:
    """Take, sequence and acknowledge messages until SIGTERM or SIGINT: what was taken is answered first.

    The password of the receipt key's keystore is asked for, or in PROOFBOOK_WALLET_PASSWORD.
    """
    log_to_stderr()
    uvloop.run(_run(config))


async def _run(config: VenueConfig) -> None:
    node = _node(config)
    with open_listening(*config.api.listen, backlog=_BACKLOG) as listening:
        await node.start()
        collect_rarely()
        Metrics(node).serve(*config.metrics.listen)
        serving = server(create_app(node, config.service_settings))
        for stop in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(
                stop, partial(setattr, serving, "should_exit", True)
            )
        host, port = listening.getsockname()[:2]
        _LOG.info("listening", extra={"fields": {"host": host, "port": port, "entry": node.status().entry}})
        watch = asyncio.create_task(_end_with(node, serving))
        await serving.serve(sockets=[listening])
        watch.cancel()
        await node.stop()
    if node.failure is not None:
        raise node.failure


async def _end_with(node: Node, serving: uvicorn.Server) -> None:
    await node.stopped.wait()
    serving.should_exit = True


def _node(config: VenueConfig) -> Node:
    """Return the node of a configuration, recovered from its directory.

    L1 is not asked: a node starts while nobody answers there.
    """
    receipt_key = keystore_wallet(config.node.receipt_keystore)
    recovered = recover(config.directories, config.size)
    state = recovered.machine.state
    identity = Identity(config.venue.chain_id, config.venue.rollup)
    if state.domain != identity.domain():
        raise VenueConfigError(
            f"{config.venue.data} is not of {identity.rollup} on chain {identity.chain_id}"
        )
    check_listings(config.listings, state.configuration.markets)
    inflow = Inflow(config.directories.settlement, state.requests_consumed, recovered.unwindings)
    policy = config.node_policy
    domain = ReceiptDomain(identity.chain_id, identity.rollup)
    collector = RoundCollector(
        config.oracle.endpoints, state.configuration.oracle_keys, state.domain, len(config.listings)
    )
    return Node(
        recovered,
        VenueInfo(
            listings=config.listings,
            chain_id=domain.chain_id,
            rollup=domain.rollup,
            domain=state.domain,
            receipt_signer=receipt_key.address,
            size=config.size,
        ),
        inflow,
        RoundFeed(collector, config.oracle.period_seconds, system_clock),
        ReceiptSigner(receipt_key, domain, policy.promise_seconds, inflow.hashes),
        partial(_configuration_of, config.venue.configurations),
        policy,
    )


def _configuration_of(folder: Path, hash_: int) -> Configuration | None:
    """Return the announced configuration of a hash from the operator's folder, None if it is not there."""
    for path in sorted(folder.glob("*.toml")):
        configuration = read_configuration(path)
        if configuration.hash() == hash_:
            return configuration
    return None
