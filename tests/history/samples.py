"""Projections of a small exchange, always the same ones."""

from functools import cache

from sequencer.history.types import Projection
from sequencer.records.entries import Closed, Progressed
from sequencer.store.life import BatchState
from tests.engine.test_properties import INDEBTED, start
from tests.history.driver import Driver, projector_at
from tests.strategies import commands

TICK_MS = 9_000
"""Messages come seldom, so that trades lie in several candles."""


@cache
def projections(seed: int = 1, count: int = 500) -> tuple[Projection, ...]:
    """What random trading comes to; every third batch is proven at once, the first is final in the end."""
    driver = Driver(start(INDEBTED), tick_ms=TICK_MS)
    projector = projector_at(driver.state)
    found = []
    for update in driver.run(commands(seed, count, **INDEBTED)):
        found.append(projector.apply(update))
        if isinstance(update.entry, Closed) and update.batch % 3 == 0:
            found.append(projector.apply(driver.note(Progressed(update.batch, BatchState.PROVING))))
    found.append(projector.apply(driver.note(Progressed(1, BatchState.FINAL, b"\x01" * 32))))
    return tuple(found)
