"""The main job on the real circuit: a minute of the day, its proofs, its report, its ledger."""

import json
import subprocess
import sys
from pathlib import Path

from sequencer.model.funding import unsettled_of_all
from sequencer.store.ledger_store import LedgerStore
from tests.replay.data import BARS

PROOFBOOK = Path(sys.executable).with_name("proofbook")
FIGURES = ("gas", "calldata_bytes", "constraints", "witness_seconds", "proof_seconds")


def test_a_minute_is_traded_proven_and_settled(tmp_path: Path) -> None:
    report, ledger = tmp_path / "report.html", tmp_path / "ledger"
    options = ("--minutes", "1", "--prover", "native", "--json")
    places = ("--report", str(report), "--data-dir", str(ledger))

    done = subprocess.run(
        [str(PROOFBOOK), "replay", str(BARS), *options, *places], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    batches = result["batches"]
    assert all(check["holds"] for check in result["checks"])
    assert [batch["number"] for batch in batches] == list(range(1, len(batches) + 1))
    for name in FIGURES:
        assert all(batch[name] > 0 for batch in batches), name
    assert result["withdrawal"]["paid"] > 0
    assert report.read_text().startswith("<!doctype html>")
    with LedgerStore.open(ledger) as store:
        left = store.load()
    assert left.roots().state == int(batches[-1]["state_root"], 16)
    # What settling rounds off is all that is lost.
    rounded = left.counters.funding_pool + unsettled_of_all(left.accounts.values(), left.markets)
    assert sum(trader["profit"] + trader["fees"] for trader in result["traders"]) == -rounded <= 0
