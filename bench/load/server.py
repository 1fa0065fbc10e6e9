"""The server under load: `python -m bench.load.server DATA PORT`.

A node and its service as `proofbook serve node` runs them: journal and history on the disk, metrics counted,
the machine's clock. There is no settler and no L1: the settlement log is written at the start and never
grows, so no batch is ever proven, and the policy says that this does not matter. The oracle's signers are in
the process. No client is limited.

It prints one line of JSON once it takes messages, and ends at SIGTERM.
"""

import asyncio
import json
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from bench.load.venue import (
    ACCOUNTS,
    LISTING,
    ORACLE,
    PRICE_TICKS,
    RECEIPT_KEY,
    RECEIPTS,
    SIZE,
    create_venue,
)
from bench.workload import DOMAIN
from sequencer.chain.receipts import ReceiptSigner
from sequencer.cli.listening import open_listening
from sequencer.node.answers import VenueInfo
from sequencer.node.clock import system_clock
from sequencer.node.collector import collect_rarely
from sequencer.node.inflow import Inflow
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.node.recovery import recover
from sequencer.node.rounds import RoundFeed
from sequencer.oracle.client import Round
from sequencer.records.directories import Directories
from sequencer.service.app import create_app
from sequencer.service.metrics import Metrics
from sequencer.service.server import server
from sequencer.service.settings import Rate, ServiceSettings

POLICY: Final = NodePolicy(unproven_max=1 << 40)
_OPEN: Final = Rate(per_second=1e12, burst=1 << 40)
SETTINGS: Final = ServiceSettings(
    reads=_OPEN,
    address_messages=_OPEN,
    account_messages=_OPEN,
    operations=_OPEN,
    connections_max=20_000,
    connections_per_address=10_000,
    streams_per_address=10_000,
    # Who has not read for long is to find the reason in the end.
    request_seconds=300.0,
)
_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 4_096
_PAUSE_SECONDS: Final = 0.01


class Signers:
    """The oracle: five signers of one price."""

    def collect(self, time: int) -> Round:
        return Round(ORACLE.round(DOMAIN, time, PRICE_TICKS), ())


def make_node(directories: Directories) -> Node:
    recovered = recover(directories, SIZE)
    state = recovered.machine.state
    inflow = Inflow(directories.settlement, state.requests_consumed, recovered.unwindings)
    return Node(
        recovered,
        VenueInfo((LISTING,), RECEIPTS.chain_id, RECEIPTS.rollup, DOMAIN, RECEIPT_KEY.address, SIZE),
        inflow,
        RoundFeed(Signers(), 1, system_clock),
        ReceiptSigner(RECEIPT_KEY, RECEIPTS, POLICY.promise_seconds, inflow.hashes),
        lambda _: None,
        POLICY,
    )


async def serve(data: Path, port: int) -> None:
    """Serve a new venue in an empty directory until SIGTERM."""
    node = make_node(create_venue(data))
    with open_listening(_HOST, port, _BACKLOG) as listening:
        await node.start()
        collect_rarely()
        Metrics(node).serve(_HOST, 0)
        serving = server(create_app(node, SETTINGS))
        for stop in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(
                stop, partial(setattr, serving, "should_exit", True)
            )
        telling = asyncio.create_task(_tell(node, serving, listening.getsockname()[1]))
        await serving.serve(sockets=[listening])
        telling.cancel()
        await node.stop()
    if node.failure is not None:
        raise node.failure


async def _tell(node: Node, serving: uvicorn.Server, port: int) -> None:
    """Say where the server is, once all accounts are there; end it should the node fail."""
    requests = 2 * len(ACCOUNTS)
    while not (serving.started and node.status().is_ready and node.state().requests_consumed == requests):
        await asyncio.sleep(_PAUSE_SECONDS)
    print(json.dumps({"port": port}), flush=True)
    await node.stopped.wait()
    serving.should_exit = True


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
