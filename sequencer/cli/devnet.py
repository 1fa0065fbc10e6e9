"""`proofbook devnet`: everything that an exchange needs around it, on this machine, to try it."""

import json
import secrets
import signal
import threading
import time
from pathlib import Path
from typing import Final

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover.artifacts import PROJECT_ROOT
from prover.circuit import EXIT
from prover.prover import open_prover
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import RollupClient, TokenClient
from sequencer.chain.deploy import Contracts, RollupTerms, deploy
from sequencer.chain.keys import trading_secret
from sequencer.cli.progress import StepProgress
from sequencer.cli.serve_init import create_venue
from sequencer.cli.venue_config import read_venue
from sequencer.crypto import public_key
from sequencer.model.config import Configuration
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.signers import SignerProcesses
from sequencer.replay.terms import QUOTE_PER_DOLLAR, configuration
from sequencer.replay.traders import wallet

PASSWORD: Final = "devnet"
TRADERS: Final = ("ada", "bruno")

_BARS: Final = PROJECT_ROOT / "data" / "btcusdt-1m-2020-03-12.csv"
_MINUTES: Final = 120
_SEED: Final = 1
_WEI: Final = 1_000 * 10**18
_DEPOSIT: Final = 100_000 * QUOTE_PER_DOLLAR
_KEY_EPOCH: Final = 1
_SCRYPT_COST: Final = 2


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--size", default="small", show_default=True, help="Size of the batch circuit.")
@click.option("--api-port", type=click.IntRange(1, 65_535), default=8_080, show_default=True)
@click.option("--queue-port", type=click.IntRange(1, 65_535), default=8_081, show_default=True)
@click.option("--metrics-port", type=click.IntRange(1, 65_535), default=8_082, show_default=True)
def devnet(folder: Path, size: str, api_port: int, queue_port: int, metrics_port: int) -> None:
    """Run what an exchange needs around it, to try one.

    That is a local chain with the contracts, and five oracle signers that tell 12 March 2020 as of now.
    FOLDER gets the configuration of an exchange, for `proofbook serve all`, and two funded traders. Keys and
    password are known to everybody: it is for trying, nothing else.
    """
    stopping = threading.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: stopping.set())
    folder.mkdir(parents=True)
    start = int(time.time()) // 60 * 60
    with local_chain(start) as chain:
        terms = configuration(OracleSigners(_SEED).keys)
        contracts = _deployed(chain, size, terms)
        rollup = RollupClient(chain, contracts.rollup)
        _onboard(chain, contracts, folder)
        # From here on a block a second, as those who wait for confirmations need.
        chain.request("evm_setIntervalMining", [1])
        with SignerProcesses(_BARS, _MINUTES, _SEED, rollup.domain, start) as oracle:
            _write_files(
                folder, size, chain, rollup.address, oracle.endpoints, (api_port, queue_port, metrics_port)
            )
            create_venue(read_venue(folder / "venue.toml"), terms)
            click.echo(f"Chain on {chain.url}, rollup {rollup.address}. Start the exchange with")
            click.echo(
                f"PROOFBOOK_WALLET_PASSWORD={PASSWORD} proofbook serve all --config {folder}/venue.toml"
            )
            stopping.wait()


def _deployed(chain: LocalChain, size: str, terms: Configuration) -> Contracts:
    prover = open_prover(size, progress=StepProgress())
    keys = prover.prepare()
    exits = open_prover(EXIT, progress=StepProgress()).prepare()
    operator, receipts = wallet("devnet operator"), wallet("devnet receipts")
    for account in (operator, *map(_trader, TRADERS)):
        chain.fund(account.address, _WEI)
    rules = RollupTerms(receipts.address, batch_size(size).sure_requests)
    exported, of_exits = verifier(keys.verifier.read_text()), verifier(exits.verifier.read_text())
    return deploy(chain, operator, exported, of_exits, terms, rules)


def _trader(name: str) -> LocalAccount:
    return wallet(f"devnet {name}")


def _onboard(chain: LocalChain, contracts: Contracts, folder: Path) -> None:
    """Let the traders deposit and register, and write their keys down."""
    token, rollup = TokenClient(chain, contracts.token), RollupClient(chain, contracts.rollup)
    for name in TRADERS:
        trader = _trader(name)
        token.mint(trader, trader.address, 10 * _DEPOSIT)
        token.approve(trader, rollup.address, 10 * _DEPOSIT)
        rollup.deposit(trader, _DEPOSIT)
        secret = trading_secret(trader, _KEY_EPOCH, chain.chain_id, rollup.address)
        rollup.register_key(trader, public_key(secret))
        (folder / f"{name}.key").write_text(f"0x{bytes(trader.key).hex()}\n")


def _write_files(
    folder: Path, size: str, chain: LocalChain, rollup: str, endpoints: list[str], ports: tuple[int, int, int]
) -> None:
    for name in ("operator", "receipts"):
        encrypted = Account.encrypt(wallet(f"devnet {name}").key, PASSWORD, iterations=_SCRYPT_COST)
        (folder / f"{name}.json").write_text(json.dumps(encrypted))
    (folder / "token").write_text(secrets.token_hex())
    (folder / "configurations").mkdir()
    api_port, queue_port, metrics_port = ports
    (folder / "venue.toml").write_text(
        f"""\
[venue]
rollup = "{rollup}"
chain_id = {chain.chain_id}
rpc = "{chain.url}"
size = "{size}"
data = "data"
configurations = "configurations"

[[listing]]
symbol = "BTC-USD"
tick_size = "0.01"
lot_size = "0.0001"

[oracle]
endpoints = {json.dumps(endpoints)}

[api]
listen = "127.0.0.1:{api_port}"

[metrics]
listen = "127.0.0.1:{metrics_port}"

[node]
receipt_keystore = "receipts.json"

[settler]
operator_keystore = "operator.json"
confirmations = 1

[prover]
listen = "127.0.0.1:{queue_port}"
token_file = "token"
"""
    )
