"""The engine and its referee agree on every event and on the whole state, whatever traders do."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine import apply
from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    Rested,
    ShortfallCharged,
    TakenOver,
)
from sequencer.model.codes import MarketStatus, Side, Verdict
from sequencer.model.market import Market
from sequencer.model.premium import Premium
from sequencer.model.venue import Venue
from tests.engine import naive
from tests.engine.venue import Snapshot, engine_snapshot, naive_snapshot, referee_of
from tests.strategies import commands, genesis

INDEBTED: list[dict[str, int]] = [
    {"accounts": 4, "markets": 1, "resting": 8, "leverage": 8},
    {"accounts": 6, "markets": 3, "messages": 12, "steps": 60, "resting": 2, "leverage": 16},
]
CROWDS: list[dict[str, int]] = [
    {"accounts": 4, "markets": 1},
    {"accounts": 3, "markets": 1, "newcomers": 1, "resting": 8},
    {"accounts": 2, "markets": 1, "resting": 62},
    {"accounts": 6, "markets": 2, "messages": 12, "steps": 60},
    {"accounts": 8, "markets": 4, "messages": 30, "steps": 100},
    *INDEBTED,
]
FIXED_SEEDS = range(18, 30)


@dataclass(frozen=True)
class Run:
    """What both implementations made of the same commands.

    Attributes
    ----------
    pools, periods : list
        The engine's funding pool before the first command and after each; so its period, with the premiums.
    statuses : set of int
        Of any market, after any command.
    margins : set of str
        What became of the add-ons of any market, in any command.
    restrictions : set of str
        What kept any market from new risk, in any command.
    """

    events: list[list[Event]]
    referee_events: list[list[Event]]
    pools: list[int]
    periods: list[tuple[int, tuple[Premium, ...]]]
    statuses: set[int]
    margins: set[str]
    restrictions: set[str]
    seen: Snapshot
    referee_seen: Snapshot


def run(seed: int, count: int, crowd: dict[str, int]) -> Run:
    state = genesis(crowd["accounts"], crowd["markets"], crowd.get("resting", 0), crowd.get("leverage", 1))
    referee = referee_of(state)
    stream = commands(seed, count, **crowd)
    events, pools = [], [state.funding_pool]
    periods, statuses = [(state.period, state.premiums)], set[int]()
    margins, restrictions = set[str](), set[str]()
    for command in stream:
        markets, venue = tuple(state.markets), state.venue
        events.append(apply(state, command))
        pairs = list(zip(markets, state.markets, strict=True))
        margins |= {name for pair in pairs for name in added(*pair)}
        restrictions |= {name for pair in pairs for name in settled(*pair)}
        restrictions |= set(restricted(venue, state.venue))
        pools.append(state.funding_pool)
        periods.append((state.period, state.premiums))
        statuses |= {market.status for market in state.markets}
    return Run(
        events=events,
        referee_events=[naive.apply(referee, command) for command in stream],
        pools=pools,
        periods=periods,
        statuses=statuses,
        margins=margins,
        restrictions=restrictions,
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
    return [run(seed, 600 if crowd in INDEBTED else 250, crowd) for crowd in CROWDS for seed in FIXED_SEEDS]


def test_engine_and_referee_agree_over_the_fixed_seeds(fixed_runs: list[Run]) -> None:
    for both in fixed_runs:
        assert both.events == both.referee_events
        assert both.seen == both.referee_seen


def test_the_fixed_seeds_meet_every_verdict(fixed_runs: list[Run]) -> None:
    met = Counter(verdict_of(event) for both in fixed_runs for events in both.events for event in events)
    assert set(met) - {None} == set(Verdict)


def test_the_fixed_seeds_meet_every_stage_of_a_liquidation(fixed_runs: list[Run]) -> None:
    met = Counter(stage for both in fixed_runs for events in both.events for stage in liquidated(events))
    assert set(met) == {
        "orders cancelled",
        "not due",
        "through the book",
        "through the book, until nothing was due",
        "maker removed",
        "book empty",
        "head beyond the bankruptcy price",
        "taken over",
        "taken over after a fill",
        "refused to the fund",
        "forced by its owner",
    }


def test_the_fixed_seeds_meet_what_becomes_of_an_unwinding(fixed_runs: list[Run]) -> None:
    met = Counter(verdict for both in fixed_runs for events in both.events for verdict in unwound(events))
    least = {
        Verdict.ACCEPTED,
        Verdict.NOT_DUE,
        Verdict.PRICE_BAND,
        Verdict.IOC_REMAINDER,
        Verdict.REDUCE_ONLY,
    }
    assert least <= set(met)


def test_the_fixed_seeds_meet_what_funding_does(fixed_runs: list[Run]) -> None:
    met = Counter(name for both in fixed_runs for name in funded(both))
    assert set(met) == {"into the pool", "out of the pool", "shorts charged", "longs charged"}


def test_the_fixed_seeds_meet_what_a_period_leaves(fixed_runs: list[Run]) -> None:
    met = {name for both in fixed_runs for name in ended(both)}
    assert met == {"no trade", "a premium", "a discount", "longs pay", "shorts pay"}


def test_the_fixed_seeds_meet_markets_of_every_status(fixed_runs: list[Run]) -> None:
    assert set.union(*[both.statuses for both in fixed_runs]) == set(MarketStatus)


def test_the_fixed_seeds_meet_what_moves_margins(fixed_runs: list[Run]) -> None:
    assert set.union(*[both.margins for both in fixed_runs]) == {
        "volatility adds more",
        "volatility adds less",
        "open interest adds more",
        "open interest adds less",
        "congestion adds",
        "congestion ends",
    }


def test_the_fixed_seeds_meet_what_restricts_markets(fixed_runs: list[Run]) -> None:
    assert set.union(*[both.restrictions for both in fixed_runs]) == {
        "L1 says something",
        "the fund is below its floor",
        "the fund is at its floor",
        "the fund is stuck",
        "the fund is no longer stuck",
        "a market settles",
        "a settled market opens",
    }


def settled(before: Market, after: Market) -> Iterator[str]:
    """What a command made of the time that the insurance fund has been stuck in a market."""
    if before.fund_since == after.fund_since:
        return
    if after.is_settled:
        yield "a market settles"
    elif before.is_settled:
        yield "a settled market opens"
    else:
        yield "the fund is stuck" if after.fund_since else "the fund is no longer stuck"


def restricted(before: Venue, after: Venue) -> Iterator[str]:
    """What a command made of what holds in all markets."""
    if before.restrictions() != after.restrictions():
        yield "L1 says something"
    if before.uninsured != after.uninsured:
        yield "the fund is below its floor" if after.uninsured else "the fund is at its floor"


def added(before: Market, after: Market) -> Iterator[str]:
    """What a command made of the add-ons of a market."""
    if after.volatility_addon_ppm != before.volatility_addon_ppm:
        rises = after.volatility_addon_ppm > before.volatility_addon_ppm
        yield "volatility adds more" if rises else "volatility adds less"
    if after.open_interest_addon_ppm != before.open_interest_addon_ppm:
        rises = after.open_interest_addon_ppm > before.open_interest_addon_ppm
        yield "open interest adds more" if rises else "open interest adds less"
    if after.congestion_addon_ppm != before.congestion_addon_ppm:
        yield "congestion adds" if after.congestion_addon_ppm else "congestion ends"


def ended(both: Run) -> Iterator[str]:
    """What the orders of a period had traded at in the first market, and what follows from that."""
    for (period, (before, *_)), (next_period, (after, *_)) in pairwise(both.periods):
        if period != next_period:
            yield "no trade" if before.weight == 0 else "a premium" if before.excess > 0 else "a discount"
            yield "longs pay" if after.rate_ppm > 0 else "shorts pay"


def funded(both: Run) -> Iterator[str]:
    """What settling did to the pool, command by command, and whom a batch's end charged."""
    for events, (before, after) in zip(both.events, pairwise(both.pools), strict=True):
        charges = [event for event in events if isinstance(event, ShortfallCharged)]
        yield from ("shorts charged" if charge.side == Side.SELL else "longs charged" for charge in charges)
        if not charges and before != after:
            yield "into the pool" if before < after else "out of the pool"


def unwound(events: list[Event]) -> list[Verdict | None]:
    """How a command ended, if it is an unwinding; `ACCEPTED` is one that was carried out to the end."""
    sequenced = events[0] if events else None
    is_unwinding = isinstance(sequenced, MessageSequenced) and sequenced.message.is_unwinding
    return [verdict_of(events[-1])] if is_unwinding else []


def liquidated(events: list[Event]) -> set[str]:
    """What a command did, if it is a liquidation or forces one."""
    sequenced = [event for event in events if isinstance(event, MessageSequenced)]
    if not sequenced or not sequenced[0].message.is_liquidation:
        return set()
    steps = events[events.index(sequenced[0]) + 1 :]
    last, is_filled = steps[-1], any(isinstance(step, Filled) for step in steps)
    exhausted = [step for step in steps if isinstance(step, BookExhausted)]
    is_undue = isinstance(last, Dropped) and last.verdict == Verdict.NOT_DUE
    met = {
        "orders cancelled": isinstance(last, CancelledAll),
        "not due": is_undue and len(steps) == 1,
        "through the book": isinstance(last, Filled),
        "through the book, until nothing was due": is_undue and is_filled,
        "maker removed": any(isinstance(step, MakerRemoved) for step in steps),
        "book empty": any(step.head is None for step in exhausted),
        "head beyond the bankruptcy price": any(step.head is not None for step in exhausted),
        "taken over": isinstance(last, TakenOver),
        "taken over after a fill": isinstance(last, TakenOver) and is_filled,
        "refused to the fund": bool(exhausted) and isinstance(last, Dropped),
        "forced by its owner": sequenced[0].forced,
    }
    return {stage for stage, is_met in met.items() if is_met}


def verdict_of(event: Event) -> Verdict | None:
    """The verdict that an event stands for; `ACCEPTED` is an order or liquidation carried out to the end."""
    match event:
        case Dropped() | MakerRemoved():
            return event.verdict
        case Rested():
            return Verdict.ACCEPTED
        case Filled():
            return Verdict.ACCEPTED if event.taker_remaining == 0 else None
        case TakenOver():
            return Verdict.ACCEPTED
        case Cancelled() | CancelledAll():
            return Verdict.CANCELLED
    return None
