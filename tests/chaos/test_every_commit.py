"""The settler's disk fails at each single write: ledger and snapshots hold whole batches, each once."""

from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest

from sequencer.batch.sealed import SealedBatch
from sequencer.chain.artifacts import build_contracts
from sequencer.model.errors import ProofbookError
from sequencer.records.directories import Directories
from sequencer.snapshot.files import newest_snapshot, snapshot_batches
from sequencer.store.ledger_store import LedgerStore
from tests.chaos.nursery import Nursery
from tests.chaos.troubles import calls, deaths, outlived, refusals
from tests.settler.journals import create, follow, roots, settler, start, trading, write

BATCHES = 4
WATCHED = ("ledger", "snapshots", "settlement")


def settle(data: Path, _: int) -> None:
    """Follow the journal to its end, with a snapshot of every second batch, of which one is kept."""
    with settler(Directories(data), snapshot_every=2, snapshots_kept=1) as running:
        follow(running)


def settle_or_refuse(data: Path, restarts: int) -> None:
    """Do so unless the disk ends it."""
    with suppress(ProofbookError):
        settle(data, restarts)


@pytest.fixture(scope="module")
def batches() -> list[SealedBatch]:
    return [batch for _, batch in trading(BATCHES)]


@pytest.fixture(scope="module")
def venue(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue whose journal has batches, and whose ledger has none yet."""
    nursery.prepare(build_contracts)
    data = tmp_path_factory.mktemp("venue") / "data"
    directories = create(data, start())
    write(directories.journal, chain.from_iterable(entries for entries, _ in trading(BATCHES)))
    return data


def require_settled(data: Path, batches: list[SealedBatch]) -> None:
    """The ledger has each batch with its root, and the newest snapshot is the ledger."""
    directories = Directories(data)
    assert roots(directories) == [batch.new_roots.state for batch in batches]
    assert snapshot_batches(directories.snapshots)[-1] == BATCHES
    newest = newest_snapshot(directories.snapshots)
    assert newest is not None
    assert newest.state_root == batches[-1].new_roots.state
    with LedgerStore.open(directories.ledger) as store:
        assert newest.state() == store.load().state()
        assert [life.number for life in store.outbox.lives()] == list(range(1, BATCHES + 1))


def test_a_settler_that_dies_at_any_write_has_each_batch_once(
    nursery: Nursery, venue: Path, batches: list[SealedBatch], tmp_path: Path, kills: int
) -> None:
    troubles = deaths(calls(nursery, venue, settle, WATCHED, tmp_path / "whole", kills))
    for data in outlived(nursery, venue, tmp_path, WATCHED, (settle, settle), troubles):
        require_settled(data, batches)


def test_a_settler_whose_disk_is_full_or_fails_at_any_call_goes_on_when_it_is_better(
    nursery: Nursery, venue: Path, batches: list[SealedBatch], tmp_path: Path, kills: int
) -> None:
    troubles = refusals(calls(nursery, venue, settle, WATCHED, tmp_path / "whole", kills))
    for data in outlived(nursery, venue, tmp_path, WATCHED, (settle_or_refuse, settle), troubles):
        require_settled(data, batches)
