"""A projector that goes on from a snapshot projects what the one before it would have."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.engine import apply
from sequencer.engine.commands import Command
from sequencer.engine.state import State
from sequencer.history.errors import HistoryBehindError
from sequencer.history.pages import PAGE_MAX
from sequencer.history.seeding import projector_after
from sequencer.history.store import HistoryStore
from sequencer.history.types import OrderStatus, Projection
from sequencer.records.entries import Closed, Progressed
from sequencer.records.update import Update
from sequencer.store.life import BatchState
from tests.engine.test_properties import CROWDS
from tests.history.driver import Driver, projector_at
from tests.strategies import commands, genesis

CROWD = {key: value for key, value in CROWDS[1].items() if key != "resting"}


def journal(seed: int, count: int) -> tuple[list[Command], list[Update], list[Projection]]:
    """Commands, what they did, and what it came to; each second batch is final when it is closed."""
    driver = Driver(genesis(CROWD["accounts"], CROWD["markets"]))
    projector, done, projections = projector_at(driver.state), [], []
    for command in commands(seed, count, **CROWD):
        for update in driver.run([command]):
            done.append(command)
            projections.append(projector.apply(update))
            if isinstance(update.entry, Closed) and update.batch % 2:
                note = driver.note(Progressed(update.batch, BatchState.FINAL))
                projections.append(projector.apply(note))
    return done, driver.updates, projections


def snapshot(done: list[Command], updates: list[Update], batch: int) -> State:
    """The state that a batch left, reached without a history."""
    state = genesis(CROWD["accounts"], CROWD["markets"])
    moving = [update for update in updates if not isinstance(update.entry, Progressed)]
    for command, update in zip(done, moving, strict=True):
        if update.batch <= batch:
            apply(state, command)
    return state


@settings(max_examples=25)
@given(seed=st.integers(0, 2**64 - 1), count=st.integers(20, 160))
def test_what_follows_a_snapshot_is_projected_as_before(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    done, updates, projections = journal(seed, count)
    random = Random(seed)
    ends = [update.number for update in updates if isinstance(update.entry, Closed)]
    if not ends:
        return
    end = random.choice(ends)
    position = random.randint(end, len(updates))
    batch = updates[end - 1].batch
    with HistoryStore(tmp_path_factory.mktemp("history")) as history:
        history.apply(projections[:position])
        projector = projector_after(snapshot(done, updates, batch), batch, history)
        for update, projection in zip(updates[end:], projections[end:], strict=True):
            again = projector.apply(update)
            history.apply([again])
            if update.number > position:
                assert again == projection
        for account in range(8):
            found = history.orders(account, None, PAGE_MAX).rows
            resting = [order for order in found if order.status is OrderStatus.RESTING]
            assert projector.open_orders(account) == resting


def test_a_history_that_is_not_so_far_is_no_start(tmp_path: Path) -> None:
    done, updates, projections = journal(3, 40)
    end = next(update.number for update in updates if isinstance(update.entry, Closed))
    state = snapshot(done, updates, 1)
    with HistoryStore(tmp_path / "history") as history:
        history.apply(projections[: end - 1])
        with pytest.raises(HistoryBehindError, match=f"entry {end - 1} .* end of batch 1"):
            projector_after(state, 1, history)
        history.apply([projections[end - 1]])
        projector_after(state, 1, history)


def test_the_genesis_needs_no_history(tmp_path: Path) -> None:
    _, updates, projections = journal(4, 60)
    with HistoryStore(tmp_path / "history") as history:
        projector = projector_after(genesis(CROWD["accounts"], CROWD["markets"]), 0, history)
        assert [projector.apply(update) for update in updates] == projections
