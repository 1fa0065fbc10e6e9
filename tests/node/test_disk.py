"""What a failing disk does: nothing is acknowledged that it does not have, and damage is named."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.journal.errors import JournalCorruptedError, JournalLockedError, JournalUnavailableError
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import NotReadyError
from sequencer.node.recovery import recover
from tests.node.venue import Trader, create, running

pytestmark = pytest.mark.anyio


@contextmanager
def full_behind(size: int) -> Iterator[None]:
    """A disk on which no file of this process can grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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


async def test_a_flipped_byte_of_the_journal_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    ada = Trader(1)
    directories = create(tmp_path)
    async with running(directories) as node:
        await node.submit([ada.order(Side.SELL, 500), ada.order(Side.SELL, 300)])
    segment = directories.journal / f"{1:012}.log"
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    with pytest.raises(JournalCorruptedError, match=segment.name):
        recover(directories, batch_size("reference"))
    segment.write_bytes(
        bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    )
    async with running(directories) as node:
        assert len(node.projector.open_orders(1)) == 2
