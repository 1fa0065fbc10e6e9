"""A node begins with a snapshot and what the journal says after it, and stands where all of it leads."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sequencer.journal.errors import JournalCorruptedError
from sequencer.journal.segments import segments_of
from sequencer.model.message import Message
from sequencer.node.errors import ReplayError
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Disarmed, Sequenced, Unwound
from sequencer.snapshot.files import newest_snapshot, snapshot_batches
from tests import strategies
from tests.node.courses import BATCHES, course, journal, of, only, settled, stand, start
from tests.settler.journals import create, follow, settler


@pytest.fixture
def venue(tmp_path: Path) -> Directories:
    return settled(tmp_path / "venue", course())


def copies(venue: Directories, path: Path) -> Iterator[tuple[int, Directories]]:
    for batch in snapshot_batches(venue.snapshots)[1:]:
        shutil.copytree(venue.data, path / str(batch))
        copy = Directories(path / str(batch))
        only(copy, batch)
        yield batch, copy


def test_each_snapshot_and_what_follows_it_lead_to_where_the_whole_journal_does(
    venue: Directories, tmp_path: Path
) -> None:
    whole = Directories(tmp_path / "whole")
    shutil.copytree(venue.data, whole.data)
    only(whole, 0)
    expected = stand(whole)
    assert (expected.batches, expected.unwindings) == ((BATCHES, 2, 1), 2)
    assert {entry.fire_at_ms for entry in expected.armed.values()} == {5, 8}
    shutil.copytree(whole.history, venue.history)
    seen = [batch for batch, copy in copies(venue, tmp_path) if stand(copy) == expected]
    assert seen == snapshot_batches(venue.snapshots)[1:]
    assert len(seen) > BATCHES // 2


def test_a_history_that_lags_is_caught_up_from_where_it_is(venue: Directories, tmp_path: Path) -> None:
    expected = stand(venue)
    entries = course()
    closings = [at for at, entry in enumerate(entries, 1) if isinstance(entry, Closed)]
    for length in (closings[0] - 1, closings[-3], closings[-1] - 1):
        behind = create(tmp_path / str(length), start())
        journal(behind, entries[:length])
        stand(behind)
        shutil.rmtree(behind.journal)
        shutil.copytree(venue.data, behind.data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("history"))
        assert stand(behind) == expected


def test_segments_before_the_snapshot_are_not_read(venue: Directories) -> None:
    expected = stand(venue)
    newest = newest_snapshot(venue.snapshots)
    assert newest is not None
    before = [s for s in segments_of(venue.journal) if s.first <= newest.place.entry][:-1]
    assert len(before) > 2
    for segment in before:
        data = bytearray(segment.path.read_bytes())
        data[len(data) // 2] ^= 1
        segment.path.write_bytes(data)
    assert stand(venue) == expected
    only(venue, 0)
    with pytest.raises(JournalCorruptedError, match=before[0].path.name):
        stand(venue)


def test_old_segments_may_be_on_another_disk_behind_links(venue: Directories, tmp_path: Path) -> None:
    expected = stand(venue)
    slow = tmp_path / "slow"
    slow.mkdir()
    for segment in segments_of(venue.journal)[:3]:
        moved = slow / segment.path.name
        segment.path.rename(moved)
        segment.path.symlink_to(moved)
    assert stand(venue) == expected
    shutil.rmtree(venue.history)
    assert stand(venue) == expected


def test_a_snapshot_of_batches_that_were_undone_since_is_not_used(tmp_path: Path) -> None:
    """A copy of the snapshots from before the unwinding was put back; batch 4 is another one since."""
    another = of(4, 4)
    del another[max(at for at, entry in enumerate(another) if isinstance(entry, Sequenced))]
    venue = settled(tmp_path / "venue", [*of(1, 5), Unwound(3, ""), *another], (Unwound(3, ""),))
    expected = stand(venue)
    old = settled(tmp_path / "old", of(1, 5), ())
    assert snapshot_batches(old.snapshots) == [0, 1, 2, 3, 4, 5]
    shutil.rmtree(venue.snapshots)
    shutil.copytree(old.snapshots, venue.snapshots)
    assert stand(venue) == expected
    assert expected.batches[0] == 4


def test_a_snapshot_whose_place_is_that_of_another_journal_is_refused(
    venue: Directories, tmp_path: Path
) -> None:
    stand(venue)
    other = settled(tmp_path / "other", [Disarmed(7), *of(1)], ())
    shutil.rmtree(venue.snapshots)
    shutil.copytree(other.snapshots, venue.snapshots)
    with pytest.raises(ReplayError, match="of the journal does not close batch 9"):
        stand(venue)


def test_while_messages_of_undone_batches_wait_no_snapshot_is_written(tmp_path: Path) -> None:
    """The third batch comes again without the last message of the undone ones, which comes in the next."""
    signed = strategies.signed_message(Message(1, 1, 777))
    first = [*of(1, 4)[:-1], Sequenced(signed, 1)]
    waiting = settled(tmp_path / "waiting", [*first, Unwound(3, ""), *of(4, 4)], (Unwound(3, ""),))
    assert snapshot_batches(waiting.snapshots) == [0, 1, 2, 3]
    assert stand(waiting).returned == [signed]
    came = settled(tmp_path / "came", [*first, Unwound(3, ""), *of(4, 4), *of(5, 5)], (Unwound(3, ""),))
    assert snapshot_batches(came.snapshots) == [0, 1, 2, 3]


def test_the_settler_reads_on_from_its_snapshot_too(venue: Directories) -> None:
    with settler(venue) as running:
        follow(running)
        assert running.batch == BATCHES
    first = segments_of(venue.journal)[0].path
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    with settler(venue) as running:
        follow(running)
        assert running.batch == BATCHES
