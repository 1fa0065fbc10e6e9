"""A new user's first minutes: a devnet, an exchange, two traders; then its processes are killed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account

from sequencer.chain.child import die_with_parent, stop
from sequencer.chain.keys import trading_secret
from sequencer.cli.devnet import PASSWORD
from sequencer.crypto import sign
from sequencer.model.message import Message
from tests.conftest import ROOT

SECONDS_MAX = 600
API = "http://127.0.0.1:{port}/v1"


@contextmanager
def process(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """One command of the CLI, its output in a file."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "sequencer.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, "PROOFBOOK_WALLET_PASSWORD": PASSWORD},
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
        try:
            yield started
        finally:
            stop(started)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; a process that is not there yet does not count."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    pytest.fail(what)


class Venue:
    """What a trader sees of the exchange."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, API.format(port=port)

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.url}/{path}").raise_for_status().json()

    def is_ready(self) -> bool:
        return bool(self.get("status")["ready"])

    def order(self, name: str, account: int, side: str, nonce: int) -> Any:
        """Place an order of a tenth of a bitcoin at 7,000 dollars."""
        status = self.get("status")
        wallet = Account.from_key((self.folder / f"{name}.key").read_text().strip())
        secret = trading_secret(wallet, 1, status["chain_id"], status["rollup"])
        message = Message(account, 1, nonce, side=side == "sell", price=700_000, size=1_000, max_fee_ppm=500)
        signature = sign(secret, message.hash(int(status["domain"])))
        body = {
            "account": account,
            "key_epoch": 1,
            "nonce": nonce,
            "market": "BTC-USD",
            "side": side,
            "price": "7000.00",
            "size": "0.1",
            "max_fee_ppm": 500,
            "signature": [str(part) for part in signature],
        }
        answer = httpx.post(f"{self.url}/orders", json=body)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()


def pids(log: Path, name: str) -> list[int]:
    """The processes that `serve all` has started under a name."""
    return [int(pid) for pid in re.findall(rf'"{name} runs", "pid": (\d+)', log.read_text())]


def test_what_traders_were_told_outlives_every_process_and_reaches_l1(tmp_path: Path) -> None:
    folder, log, devnet_log = tmp_path / "venue", tmp_path / "serve.log", tmp_path / "devnet.log"
    port = 18_080 + os.getpid() % 1_000 * 3
    ports = ("--api-port", str(port), "--queue-port", str(port + 1), "--metrics-port", str(port + 2))
    venue = Venue(folder, port)
    with process(devnet_log, "devnet", str(folder), *ports):
        until(lambda: "serve all" in devnet_log.read_text(), "the devnet does not start")
        with process(log, "serve", "all", "--config", str(folder / "venue.toml")):
            until(venue.is_ready, "the exchange does not get ready")
            resting = venue.order("ada", 1, "sell", 1)
            taken = venue.order("bruno", 2, "buy", 1)
            assert (resting["order"]["status"], taken["order"]["status"]) == ("resting", "filled")
            for name in ("node", "settler", "worker 1", "queue"):
                os.kill(pids(log, name)[-1], signal.SIGKILL)
            until(lambda: len(pids(log, "node")) == 2 and venue.is_ready(), "the node does not come back")
            assert venue.order("ada", 1, "sell", 1) == {
                **resting,
                "repeated": True,
                "order": {**resting["order"], **ending(venue.order("ada", 1, "sell", 1))},
            }
            batch = taken["batch"]
            until(lambda: venue.get(f"batches/{batch}")["state"] == "final", "the trade is not final")
            assert int(venue.get(f"batches/{batch}")["transaction"], 16) > 0
            metrics = httpx.get(f"http://127.0.0.1:{port + 2}/metrics").text
            assert 'proofbook_batch_seconds_count{state="final"}' in metrics
            assert "proofbook_ready 1.0" in metrics
            assert venue.get("markets/BTC-USD/trades")["items"][0]["size"] == "0.1000"


def ending(answer: Any) -> dict[str, Any]:
    """What the fill has changed of the resting order."""
    order = answer["order"]
    assert (order["status"], order["filled"]) == ("filled", "0.1000")
    return {
        name: order[name]
        for name in ("status", "filled", "remaining", "filled_value", "fee", "updated_ms", "entry")
    }
