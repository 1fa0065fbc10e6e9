"""The engine and its referee agree on every event and on the whole state, whatever traders do."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine import apply
from sequencer.engine.events import Cancelled, CancelledAll, Dropped, Event, Filled, MakerRemoved, Rested
from sequencer.model.codes import Verdict
from tests.engine import naive
from tests.engine.venue import Snapshot, engine_snapshot, naive_snapshot, referee_of
from tests.strategies import commands, genesis

CROWDS: list[dict[str, int]] = [
    {"accounts": 4, "markets": 1},
    {"accounts": 3, "markets": 1, "newcomers": 1, "resting": 8},
    {"accounts": 2, "markets": 1, "resting": 62},
    {"accounts": 6, "markets": 2, "messages": 12, "steps": 60},
    {"accounts": 8, "markets": 4, "messages": 30, "steps": 100},
]
FIXED_SEEDS = range(8)


@dataclass(frozen=True)
class Run:
    """What both implementations made of the same commands."""

    events: list[list[Event]]
    referee_events: list[list[Event]]
    seen: Snapshot
    referee_seen: Snapshot


def run(seed: int, count: int, crowd: dict[str, int]) -> Run:
    state = genesis(crowd["accounts"], crowd["markets"], crowd.get("resting", 0))
    referee = referee_of(state)
    stream = commands(seed, count, **crowd)
    return Run(
        events=[apply(state, command) for command in stream],
        referee_events=[naive.apply(referee, command) for command in stream],
        seen=engine_snapshot(state),
        referee_seen=naive_snapshot(referee),
    )


@given(seed=st.integers(0, 2**64 - 1), count=st.integers(1, 80), crowd=st.sampled_from(CROWDS))
def test_engine_and_referee_agree(seed: int, count: int, crowd: dict[str, int]) -> None:
    both = run(seed, count, crowd)
    assert both.events == both.referee_events
    assert both.seen == both.referee_seen


@pytest.fixture(scope="module")
def fixed_runs() -> list[Run]:
    return [run(seed, 250, crowd) for crowd in CROWDS for seed in FIXED_SEEDS]


def test_engine_and_referee_agree_over_the_fixed_seeds(fixed_runs: list[Run]) -> None:
    for both in fixed_runs:
        assert both.events == both.referee_events
        assert both.seen == both.referee_seen


def test_the_fixed_seeds_meet_every_verdict(fixed_runs: list[Run]) -> None:
    met = Counter(verdict_of(event) for both in fixed_runs for events in both.events for event in events)
    assert set(met) - {None} == set(Verdict)


def verdict_of(event: Event) -> Verdict | None:
    """The verdict that an event stands for; `ACCEPTED` is an order that rested or was filled to the end."""
    match event:
        case Dropped() | MakerRemoved():
            return event.verdict
        case Rested():
            return Verdict.ACCEPTED
        case Filled():
            return Verdict.ACCEPTED if event.taker_remaining == 0 else None
        case Cancelled() | CancelledAll():
            return Verdict.CANCELLED
    return None
