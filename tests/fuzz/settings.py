"""Files that somebody wrote or sent: configurations, keystores, the state of a verifier."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from sequencer.cli.change_file import ConfigurationFileError, read_configuration
from sequencer.cli.oracle_config import OracleConfigError, read_config
from sequencer.cli.venue_config import VenueConfigError, read_venue
from sequencer.oracle.errors import KeystoreError
from sequencer.oracle.keystore import read_keystore, write_keystore
from sequencer.verifier.checkpoint import load_checkpoint, save_checkpoint
from sequencer.verifier.errors import StateFileError
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import RollupReader
from tests.cli.change_files import written
from tests.fuzz.chain import _replica
from tests.fuzz.target import Target
from tests.strategies import configuration
from tests.verifier.test_checkpoint import BLOCK, Chain

PASSWORD = "password"
COST_MAX = 1 << 8
VENUE = b"""
[venue]
rollup = "0x8Cda081F4B015aFacF846493dE2847c6B76D33f6"
chain_id = 31337
rpc = "http://127.0.0.1:8545"
size = "small"
data = "data"
configurations = "configurations"
[[listing]]
symbol = "BTC-USD"
tick_size = "0.01"
lot_size = "0.0001"
[oracle]
endpoints = ["http://127.0.0.1:9000"]
period_seconds = 1
[api]
listen = "127.0.0.1:8080"
trusted_proxies = ["10.0.0.1", "::1"]
[metrics]
listen = "[::1]:8081"
[node]
receipt_keystore = "receipts.json"
batch_seconds = 5
[settler]
operator_keystore = "operator.json"
confirmations = 2
[prover]
listen = "127.0.0.1:8090"
token_file = "token"
backend = "native"
"""
SIGNER = b"""
signer = 1
keystore = "key.json"
journal = "journal"
listen = "127.0.0.1:9000"
period_seconds = 1
domain = "77"
[[markets]]
tick_size = "0.01"
[markets.source]
kind = "http"
url = "http://127.0.0.1/"
path = ["price", 0]
"""


def _file(data: bytes) -> Path:
    path = Path(tempfile.gettempdir()) / "fuzzed"
    path.write_bytes(data)
    return path


def check_venue(data: bytes) -> None:
    """venue.toml."""
    try:
        config = read_venue(_file(data))
        assert config.listings
        assert config.size.name
    except VenueConfigError:
        return
    assert config.queue_url.startswith("http://")


def check_signer(data: bytes) -> None:
    """The file of an oracle signer."""
    try:
        assert read_config(_file(data)).markets
    except OracleConfigError:
        return


def check_change(data: bytes) -> None:
    """The file of an announced configuration."""
    try:
        told = read_configuration(_file(data))
    except ConfigurationFileError:
        return
    assert told.hash()


def check_keystore(data: bytes) -> None:
    """The keystore of an oracle signer; what is costly to open is left out."""
    if _cost(data) <= COST_MAX:
        try:
            assert read_keystore(_file(data), PASSWORD)
        except KeystoreError:
            return


def check_state(data: bytes) -> None:
    """What `proofbook verify` keeps."""
    chain = Chain(_replica().identity)
    try:
        loaded = load_checkpoint(_file(data), cast(RollupReader, chain))
    except StateFileError:
        return
    assert loaded.replica.identity == chain.identity


def _cost(data: bytes) -> int:
    """How often a keystore has its key derived, as it says."""
    try:
        told = json.loads(data)["crypto"]["kdfparams"]
        return max(value for value in told.values() if isinstance(value, int))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 0


def _nested(text: bytes) -> Iterator[bytes]:
    yield text
    yield text + b"\nx = " + b"[" * 300
    yield text + b"\nx" + b".x" * 300 + b" = 1"


def _venues() -> Iterator[bytes]:
    return _nested(VENUE)


def _signers() -> Iterator[bytes]:
    return _nested(SIGNER)


def _changes() -> Iterator[bytes]:
    return _nested(written(configuration()).encode())


def _keystores() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "key.json"
        write_keystore(path, 5, PASSWORD, iterations=2)
        yield path.read_bytes()
    yield b'{"oracle_key":' + b"[" * 300


def _states() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        save_checkpoint(path, Checkpoint(BLOCK, _replica()))
        yield path.read_bytes()
    yield b"[" * 300


TARGETS = (
    Target("venue", check_venue, _venues),
    Target("signer", check_signer, _signers),
    Target("change", check_change, _changes),
    Target("keystore", check_keystore, _keystores),
    Target("state", check_state, _states),
)
