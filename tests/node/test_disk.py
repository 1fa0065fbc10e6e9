"""What a failing disk does: nothing is acknowledged that it does not have, and damage is named."""

from pathlib import Path

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.engine.state import State
from sequencer.journal.errors import JournalCorruptedError, JournalLockedError, JournalUnavailableError
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import NotReadyError
from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from sequencer.snapshot.errors import SnapshotCorruptedError
from sequencer.snapshot.snapshot import decode_snapshot
from tests.chaos import settling
from tests.full_disk import full_behind
from tests.node.venue import Time, Trader, create, running, until

pytestmark = pytest.mark.anyio


async def test_a_full_disk_ends_the_node_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    ada = Trader(1)
    directories = create(tmp_path)
    (segment,) = [directories.journal / f"{1:012}.log"]
    async with running(directories) as node:
        (kept,) = await node.submit([ada.order(Side.SELL, 500)])
        assert isinstance(kept, Answer)
        with full_behind(segment.stat().st_size + 20):
            try:
                (lost,) = await node.submit([ada.order(Side.SELL, 300)])
            except NotReadyError as error:
                lost = error
        assert isinstance(lost, NotReadyError)
        assert isinstance(node.failure, JournalUnavailableError)
    async with running(directories) as node:
        assert node.history.message(1, 1) == kept.record
        assert node.history.message(1, 2) is None
        assert [level.size for level in node.projector.levels(0, Side.SELL, 5)] == [500]
        (again,) = await node.submit([ada.sent[1]])
        assert isinstance(again, Answer)
        assert not again.repeated


async def test_two_nodes_cannot_have_one_directory(tmp_path: Path) -> None:
    directories = create(tmp_path)
    async with running(directories):
        with pytest.raises(JournalLockedError):
            recover(directories, batch_size("reference"))


async def test_a_flipped_byte_anywhere_in_the_journal_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    ada = Trader(1)
    directories = create(tmp_path)
    async with running(directories) as node:
        await node.submit([ada.order(Side.SELL, 500), ada.order(Side.SELL, 300)])
    segment = directories.journal / f"{1:012}.log"
    intact = segment.read_bytes()
    for place in (*range(0, len(intact), 41), *range(len(intact) - 9, len(intact))):
        segment.write_bytes(flipped(intact, place))
        with pytest.raises(JournalCorruptedError, match=segment.name):
            recover(directories, batch_size("reference"))
    segment.write_bytes(intact)
    async with running(directories) as node:
        assert len(node.projector.open_orders(1)) == 2


async def test_a_flipped_byte_anywhere_in_a_snapshot_costs_no_more_than_a_longer_replay(
    tmp_path: Path,
) -> None:
    ada, time, directories = Trader(1), Time(), settling.create(tmp_path)
    async with running(directories, time) as node:
        await node.submit([ada.order(Side.SELL, 500)])
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 1 and node.status().is_ready)
        await node.submit([ada.order(Side.SELL, 300)])
        time.pass_seconds(6)
        await until(lambda: node.status().closed_batch == 2 and node.status().is_ready)
    settling.follow(directories, batch_size("reference"))
    state = state_of(directories)
    newest = directories.snapshots / f"{2:012}.snapshot"
    intact = newest.read_bytes()
    for place in range(len(intact)):
        with pytest.raises(ValueError, match="not those of a snapshot"):
            decode_snapshot(flipped(intact, place))
    for place in range(0, len(intact), len(intact) // 8):
        newest.write_bytes(flipped(intact, place))
        assert state_of(directories) == state
    genesis = directories.snapshots / f"{0:012}.snapshot"
    genesis.write_bytes(flipped(genesis.read_bytes(), 99))
    with pytest.raises(SnapshotCorruptedError, match=newest.name):
        recover(directories, batch_size("reference"))
    newest.write_bytes(intact)
    assert state_of(directories) == state


def flipped(data: bytes, place: int) -> bytes:
    """The data with one bit of the byte at a place changed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def state_of(directories: Directories) -> State:
    recovered = recover(directories, batch_size("reference"))
    recovered.history.close()
    recovered.writer.close()
    return recovered.machine.state
