"""Node and settler as processes: which chain they are of is in their file, and L1 need not answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from eth_account import Account

from sequencer.chain.anvil import local_chain
from sequencer.chain.child import start, stop, wait_until_said
from sequencer.replay.terms import configuration
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis
from sequencer.verifier.replica import Identity
from tests.cli.venue_files import venue_text, write_venue
from tests.conftest import ROOT
from tests.node.venue import ORACLE, RECEIPT_KEY, ROLLUP

CHAIN_ID = 31337
NOWHERE = "http://127.0.0.1:9"
PASSWORD = "password"
ENVIRONMENT = {**os.environ, "PROOFBOOK_WALLET_PASSWORD": PASSWORD}
SECONDS_MAX = 120
LISTENING = re.compile(r'"text": "listening", .*"port": (\d+)')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keystores, token and genesis of a venue of this chain id."""
    keystore = json.dumps(Account.encrypt(RECEIPT_KEY.key, PASSWORD, iterations=2))
    for name in ("receipts.json", "operator.json"):
        (tmp_path / name).write_text(keystore)
    (tmp_path / "token").write_text("00" * 32)
    ledger = genesis(configuration(ORACLE.keys), Identity(CHAIN_ID, ROLLUP).domain())
    (tmp_path / "data").mkdir()
    write_snapshot(tmp_path / "data" / "snapshots", ledger)
    return tmp_path


def command(part: str, file: Path) -> list[str]:
    return [sys.executable, "-m", "sequencer.cli", "serve", part, "--config", str(file)]


def ended(part: str, file: Path) -> str:
    """What a process says that ends by itself with an error."""
    done = subprocess.run(
        command(part, file), cwd=ROOT, env=ENVIRONMENT, timeout=SECONDS_MAX, capture_output=True, text=True
    )
    assert done.returncode
    return done.stdout + done.stderr


@contextmanager
def node(folder: Path, text: str) -> Iterator[httpx.Client]:
    """A node process, as its clients see it."""
    log = folder / "node.log"
    process = start(command("node", write_venue(folder, text)), log, ROOT, ENVIRONMENT)
    try:
        port = wait_until_said(process, log, LISTENING)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            yield client
    finally:
        stop(process)


def test_a_node_starts_and_says_which_chain_it_is_of_while_l1_does_not_answer(folder: Path) -> None:
    with node(folder, venue_text(ROLLUP, CHAIN_ID, NOWHERE, api="127.0.0.1:0")) as client:
        status = client.get("/v1/status").json()
    assert (status["chain_id"], status["rollup"]) == (CHAIN_ID, ROLLUP)
    assert status["causes"] == ["oracle", "opening"]


def test_a_node_believes_the_proxies_that_its_file_names(folder: Path) -> None:
    listen = 'listen = "127.0.0.1:0"\n'
    proxies = f'{listen}trusted_proxies = ["127.0.0.1"]\n'
    with node(
        folder, venue_text(ROLLUP, CHAIN_ID, NOWHERE, api="127.0.0.1:0").replace(listen, proxies, 1)
    ) as client:
        answers = [
            client.get("/v1/time", headers={"x-forwarded-for": f"192.0.2.{number}"}) for number in (1, 2)
        ]
    left, other = (answer.headers["ratelimit-remaining"] for answer in answers)
    assert left == other


def test_a_node_does_not_start_on_the_data_of_another_chain(folder: Path) -> None:
    file = write_venue(folder, venue_text(ROLLUP, CHAIN_ID + 1, NOWHERE))
    assert f"is not of {ROLLUP} on chain {CHAIN_ID + 1}" in ended("node", file)


def test_a_settler_ends_when_its_node_is_of_another_chain(folder: Path) -> None:
    with local_chain(1_584_008_000) as chain:
        file = write_venue(folder, venue_text(ROLLUP, chain.chain_id + 1, chain.url))
        assert f"is of chain {chain.chain_id}, the venue of chain {chain.chain_id + 1}" in ended(
            "settler", file
        )
