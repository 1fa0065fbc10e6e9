"""Whatever is lost beside the journal is made anew from it: ledger, settlement log, snapshots, history."""

import shutil
from itertools import chain, combinations
from pathlib import Path

import pytest

from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed, Consumed, Unwound
from sequencer.settler.errors import GenesisMissingError
from sequencer.snapshot.files import newest_snapshot, snapshot_batches, write_snapshot
from sequencer.store.ledger_store import LedgerStore
from tests.node.courses import BATCHES, UNWOUND, course, of, settled, stand, start
from tests.settler.journals import create, follow, read, roots, settler, write

PARTS = ("history", "ledger", "settlement", "snapshots")
LOST = tuple(chain.from_iterable(combinations(PARTS, count) for count in range(1, len(PARTS) + 1)))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Directories:
    """A venue before its last batch is closed; its history is complete."""
    venue = settled(tmp_path_factory.mktemp("healthy") / "data", course()[:-1])
    stand(venue)
    return venue


def lose(venue: Directories, *parts: str) -> None:
    """Remove parts of a data directory; what `proofbook serve init` writes is there again."""
    for part in parts:
        shutil.rmtree(venue.data / part)
    if "snapshots" in parts:
        write_snapshot(venue.snapshots, start())


@pytest.mark.parametrize("lost", LOST, ids="+".join)
def test_what_is_lost_is_made_anew_and_the_venue_goes_on(
    healthy: Directories, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    venue, whole = Directories(tmp_path / "venue"), settled(tmp_path / "whole", course())
    shutil.copytree(healthy.data, venue.data)
    lose(venue, *lost)
    with settler(venue) as running:
        follow(running)
        assert running.batch == BATCHES - 1
    stand(venue)
    write(venue.journal, course()[-1:])
    with settler(venue, snapshot_every=1) as running:
        follow(running)
        assert running.batch == BATCHES
    assert roots(venue) == roots(whole)
    assert stand(venue) == stand(whole)
    said = read(venue.settlement)
    assert [entry for entry in said if isinstance(entry, Unwound)] == list(UNWOUND)
    newest, expected = newest_snapshot(venue.snapshots), newest_snapshot(whole.snapshots)
    assert newest == expected
    if "settlement" in lost:
        consumed = [Confirmed(entry.request) for entry in of(1) if isinstance(entry, Consumed)]
        assert said == [*UNWOUND, *consumed]
        assert consumed


def test_batches_of_a_ledger_that_is_made_anew_may_have_been_sent_until_the_journal_is_read(
    healthy: Directories, tmp_path: Path
) -> None:
    venue = Directories(tmp_path / "venue")
    shutil.copytree(healthy.data, venue.data)
    lose(venue, "ledger")
    with settler(venue) as running:
        for _ in range(3):
            running.step()
    with settler(venue) as running:
        follow(running)
    write(venue.journal, course()[-1:])
    with settler(venue) as running:
        follow(running)
    with LedgerStore.open(venue.ledger) as store:
        assert [life.is_rebuilt for life in store.outbox.lives()] == [True] * (BATCHES - 1) + [False]
        assert store.lineage.unwindings == len(UNWOUND)


def test_without_ledger_and_genesis_nothing_is_begun(tmp_path: Path) -> None:
    venue = create(tmp_path / "venue", start())
    shutil.rmtree(venue.ledger)
    shutil.rmtree(venue.snapshots)
    with pytest.raises(GenesisMissingError, match=str(venue.data)):
        settler(venue)
    assert not venue.settlement.exists()


def test_a_lost_ledger_keeps_the_snapshots_that_there_are(healthy: Directories, tmp_path: Path) -> None:
    venue = Directories(tmp_path / "venue")
    shutil.copytree(healthy.data, venue.data)
    before = snapshot_batches(venue.snapshots)
    lose(venue, "ledger")
    with settler(venue, snapshots_kept=99) as running:
        running.step()
        assert snapshot_batches(venue.snapshots) == before
        follow(running)
    assert snapshot_batches(venue.snapshots) == before


@pytest.mark.parametrize("part", ["ledger", "settlement"])
def test_what_was_not_made_to_its_end_is_begun_again(healthy: Directories, tmp_path: Path, part: str) -> None:
    venue = Directories(tmp_path / "venue")
    shutil.copytree(healthy.data, venue.data)
    (venue.data / part).rename(venue.data / f"{part}.unfinished")
    with settler(venue) as running:
        follow(running)
    assert roots(venue) == roots(healthy)
    assert not (venue.data / f"{part}.unfinished").exists()
