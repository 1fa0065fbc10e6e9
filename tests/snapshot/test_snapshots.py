"""A snapshot is the ledger as of its batch, whatever happens to the files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sequencer.snapshot.errors import SnapshotCorruptedError, SnapshotUnavailableError
from sequencer.snapshot.files import drop_after, newest_snapshot, prune, snapshot_batches, write_snapshot
from sequencer.snapshot.moments import Moment
from sequencer.snapshot.snapshot import Snapshot, decode_snapshot, encode_snapshot
from sequencer.state.ledger import Ledger
from tests.snapshot.killing import drop, killed_at, prune_to, write_batch
from tests.store.exchange import start, trading

BATCHES = 6


def ledgers() -> Iterator[Ledger]:
    """The ledger at genesis and after each batch."""
    yield start()
    for _, ledger in trading(BATCHES):
        yield ledger


def written(folder: Path, last: int = BATCHES) -> None:
    """Snapshots of all batches up to one."""
    for ledger in ledgers():
        if ledger.counters.batch_number <= last:
            write_snapshot(folder, ledger)


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_snapshot_is_the_ledger_that_it_was_written_from(tmp_path: Path) -> None:
    for ledger in ledgers():
        path = write_snapshot(tmp_path, ledger)
        snapshot = newest_snapshot(tmp_path)
        assert snapshot == Snapshot.of(ledger)
        assert snapshot is not None
        assert path.name == f"{snapshot.batch:012d}.snapshot"
        assert snapshot.batch == ledger.counters.batch_number
        assert snapshot.state_root == ledger.roots().state


def test_the_engine_goes_on_from_a_snapshot_as_from_the_ledger(tmp_path: Path) -> None:
    for ledger in ledgers():
        write_snapshot(tmp_path, ledger)
        snapshot = newest_snapshot(tmp_path)
        assert snapshot is not None
        layout, state, expected = snapshot.layout(), snapshot.state(), ledger.state()
        again = Ledger(
            state.configuration, state.domain, state.accounts, state.markets, layout, snapshot.counters
        )
        assert again.roots() == ledger.roots()
        assert list(state.markets) == list(expected.markets)
        assert state.configuration_hash == expected.configuration_hash
        assert (state.timestamp, state.venue, state.premiums) == (
            expected.timestamp,
            expected.venue,
            expected.premiums,
        )
        for slot in range(len(state.markets)):
            for side in (0, 1):
                assert list(state.book(slot, side)) == list(expected.book(slot, side))


@pytest.mark.parametrize(("up_to", "found"), [(0, 0), (3, 3), (BATCHES + 9, BATCHES)])
def test_the_newest_up_to_a_batch_can_be_had(tmp_path: Path, up_to: int, found: int) -> None:
    written(tmp_path)
    newest = newest_snapshot(tmp_path, up_to)
    assert newest is not None
    assert newest.batch == found


def test_where_nothing_was_written_there_is_no_snapshot(tmp_path: Path) -> None:
    assert newest_snapshot(tmp_path / "none") is None
    assert snapshot_batches(tmp_path) == []


def test_a_damaged_snapshot_is_passed_over(tmp_path: Path) -> None:
    written(tmp_path, 3)
    damage(tmp_path / "000000000003.snapshot")
    (tmp_path / "000000000002.snapshot").write_bytes(b"")
    newest = newest_snapshot(tmp_path)
    assert newest is not None
    assert newest.batch == 1


def test_a_snapshot_under_another_name_is_none(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (tmp_path / "000000000001.snapshot").rename(tmp_path / "000000000005.snapshot")
    newest = newest_snapshot(tmp_path)
    assert newest is not None
    assert newest.batch == 0


def test_if_all_are_damaged_each_is_named(tmp_path: Path) -> None:
    written(tmp_path, 2)
    for path in tmp_path.iterdir():
        damage(path)
    with pytest.raises(SnapshotCorruptedError) as refusal:
        newest_snapshot(tmp_path)
    assert all(f"{batch:012d}.snapshot" in refusal.value.message for batch in range(3))


def test_no_flipped_bit_goes_unseen() -> None:
    data = encode_snapshot(Snapshot.of(start()))
    for place in range(0, len(data), 97):
        wrong = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(ValueError, match="not those of a snapshot"):
            decode_snapshot(wrong)
    for wrong in (b"", data[:-1], data + b"\0"):
        with pytest.raises(ValueError, match="not those of a snapshot"):
            decode_snapshot(wrong)


def test_the_snapshots_of_undone_batches_are_dropped(tmp_path: Path) -> None:
    written(tmp_path)
    drop_after(tmp_path, 4)
    assert snapshot_batches(tmp_path) == [0, 1, 2, 3, 4]


def test_pruning_keeps_the_genesis_and_the_newest(tmp_path: Path) -> None:
    written(tmp_path)
    prune(tmp_path, 2)
    assert snapshot_batches(tmp_path) == [0, BATCHES - 1, BATCHES]
    prune(tmp_path, BATCHES)
    assert snapshot_batches(tmp_path) == [0, BATCHES - 1, BATCHES]


@pytest.mark.parametrize("moment", [Moment.WRITTEN, Moment.SYNCED, Moment.NAMED])
def test_a_snapshot_whose_writer_is_killed_is_there_or_not(tmp_path: Path, moment: Moment) -> None:
    written(tmp_path, 1)
    killed_at(moment, write_batch, 2, tmp_path)
    newest = newest_snapshot(tmp_path)
    assert newest is not None
    assert newest.batch == (2 if moment is Moment.NAMED else 1)
    written(tmp_path, 2)
    again = newest_snapshot(tmp_path)
    assert again is not None
    assert again.batch == 2
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_killed_while_it_drops_snapshots_is_done_again(tmp_path: Path) -> None:
    written(tmp_path)
    killed_at(Moment.REMOVED, drop, 2, tmp_path)
    assert BATCHES in snapshot_batches(tmp_path)
    drop_after(tmp_path, 2)
    assert snapshot_batches(tmp_path) == [0, 1, 2]


def test_what_is_killed_while_it_prunes_has_kept_the_newest(tmp_path: Path) -> None:
    written(tmp_path)
    killed_at(Moment.REMOVED, prune_to, 1, tmp_path)
    kept = snapshot_batches(tmp_path)
    assert kept == [0, *range(2, BATCHES + 1)]


def test_a_file_where_the_directory_should_be_is_said(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(SnapshotUnavailableError, match=str(path)):
        write_snapshot(path, start())
    with pytest.raises(SnapshotUnavailableError, match=str(path)):
        newest_snapshot(path)


def test_no_moment_is_left_out() -> None:
    assert set(Moment) == {Moment.WRITTEN, Moment.SYNCED, Moment.NAMED, Moment.REMOVED}
