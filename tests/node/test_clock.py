"""A clock that is set back or ahead costs time, never a message, and batches stay in their order."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Opened
from tests.chaos.roots import require_one_history, surviving
from tests.node.venue import Time, Trader, beginning, create, running, started, until

pytestmark = pytest.mark.anyio

HOUR = 3_600
POLICY = NodePolicy(batch_seconds=2)


async def acknowledged(node: Node, trader: Trader) -> Answer:
    (answer,) = await node.submit([trader.order(Side.SELL, 10)])
    assert isinstance(answer, Answer)
    return answer


def require_order(directories: Directories) -> None:
    """The numbers of batches are in the order of their timestamps, and the journal leads to one state."""
    entries = surviving(directories)
    opened = {entry.batch: entry.opening.timestamp for entry in entries if isinstance(entry, Opened)}
    assert all(earlier < later for earlier, later in pairwise(opened.values()))
    assert list(opened) == list(range(1, len(opened) + 1))
    assert any(isinstance(entry, Closed) for entry in entries)
    require_one_history(directories, beginning(), batch_size("reference"))


async def test_a_clock_that_is_corrected_again_and_again_delays_messages_at_most(tmp_path: Path) -> None:
    ada, time, directories = Trader(1), Time(), create(tmp_path)
    steps = (-0.4, 1.0, -2.0, 0.3, -5.0, 3.0, -0.7, 8.0)
    async with running(directories, time, policy=POLICY) as node:
        for step in steps:
            time.pass_seconds(step)
            message = asyncio.create_task(acknowledged(node, ada))
            await asyncio.sleep(0.1)
            time.pass_seconds(max(0.0, -step) + 2)
            assert not (await message).repeated
        assert len(node.projector.open_orders(1)) == len(steps)
    require_order(directories)


async def test_an_open_batch_is_closed_when_the_clock_goes_back_an_hour_and_what_follows_waits(
    tmp_path: Path,
) -> None:
    ada, time, directories = Trader(1), Time(), create(tmp_path)
    async with running(directories, time, policy=POLICY) as node:
        await acknowledged(node, ada)
        time.pass_seconds(-HOUR)
        await waits_for_the_clock(node, ada, time, batch=1)
    require_order(directories)


async def test_a_clock_that_jumps_an_hour_ahead_and_back_lets_messages_wait_until_it_has_caught_up(
    tmp_path: Path,
) -> None:
    ada, time, directories = Trader(1), Time(), create(tmp_path)
    async with running(directories, time, policy=POLICY) as node:
        await acknowledged(node, ada)
        time.pass_seconds(HOUR)
        await until(lambda: node.status().closed_batch == 1 and node.status().open_batch == 2)
        await acknowledged(node, ada)
    time.pass_seconds(-HOUR)
    async with started(directories, time, policy=POLICY) as node:
        await waits_for_the_clock(node, ada, time, batch=2)
        assert node.history.message(1, 2) is not None
    require_order(directories)


async def waits_for_the_clock(node: Node, trader: Trader, time: Time, batch: int) -> None:
    """A batch is closed though the clock shows a time before it; the next comes once it shows a later one."""
    await until(lambda: node.status().closed_batch == batch)
    message = asyncio.create_task(acknowledged(node, trader))
    await asyncio.sleep(0.2)
    assert "clock" in node.status().causes
    assert node.status().open_batch == 0
    assert not message.done()
    time.pass_seconds(HOUR + POLICY.batch_seconds)
    await until(message.done)
    assert message.result().record.batch == batch + 1
    assert node.status().is_ready
