"""`proofbook exit`: leave an exchange whose operator is gone."""

from pathlib import Path

import click

from prover.circuit import EXIT
from prover.prover import open_prover
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.cli.options import from_block_option, rollup_option, rpc_option
from sequencer.cli.progress import StepProgress
from sequencer.cli.wallet import keystore_option, open_wallet
from sequencer.verifier.leave import Leaver
from sequencer.verifier.verify import open_follower


@click.group("exit")
def leave() -> None:
    """Leave an exchange whose operator is gone."""


@leave.command()
@rpc_option
@rollup_option
@keystore_option
@from_block_option
def start(rpc: str, rollup: str, keystore: Path | None, from_block: int) -> None:
    """Verify the exchange, freeze it if its operator is late, and register what you own."""
    wallet, connection = open_wallet(keystore), Connection(rpc)
    follower = open_follower(connection, rollup, from_block=from_block)
    leaver = Leaver(RollupClient(connection, rollup), wallet, click.echo)
    leaver.start(follower, open_prover(EXIT, "native", StepProgress()))


@leave.command()
@rpc_option
@rollup_option
@keystore_option
def finish(rpc: str, rollup: str, keystore: Path | None) -> None:
    """Be paid, once the time to register is over."""
    Leaver(RollupClient(Connection(rpc), rollup), open_wallet(keystore), click.echo).finish()
