"""A sequencer that is killed loses whole batches or nothing, and nobody else writes meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from sequencer.store.errors import StoreLockedError
from sequencer.store.ledger_store import LedgerStore
from tests.store.exchange import start, trading

ROOT = Path(__file__).resolve().parents[2]
BATCHES = 24


@cache
def roots() -> list[int]:
    """The state root at genesis and after each batch."""
    return [start().roots().state, *(batch.new_roots.state for batch, _ in trading(BATCHES))]


@contextmanager
def committer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that commits batches to a new store; it is killed in the end."""
    arguments = [sys.executable, "-m", "tests.store.committer", str(path), str(BATCHES)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"the process ended without saying {line}")


@pytest.mark.parametrize("acknowledged", [1, 4, 9, 15, 21])
def test_a_killed_sequencer_comes_back_at_a_batch_boundary(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "ledger"
    with committer(path) as process:
        wait_for(process, str(acknowledged))
    with LedgerStore.open(path) as store:
        ledger = store.load()
        last = ledger.counters.batch_number
        assert acknowledged <= last <= BATCHES
        assert ledger.roots().state == store.record(last).state_root == roots()[last]


def test_trading_goes_on_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with committer(path) as process:
        wait_for(process, "7")
    with LedgerStore.open(path) as store:
        last = store.load().counters.batch_number
        for batch, _ in trading(BATCHES):
            if batch.number > last:
                store.commit(batch.change, batch.record())
        assert store.load().roots().state == roots()[-1]


def test_two_processes_cannot_open_one_store(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with committer(path) as process:
        wait_for(process, "waiting")
        with pytest.raises(StoreLockedError, match=str(path)):
            LedgerStore.open(path)
    with LedgerStore.open(path) as store:
        assert store.load().roots().state == roots()[-1]
