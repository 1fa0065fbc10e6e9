"""The figures of a verified state in which longs and shorts have not settled what they owe each other.

Account 9 is long of ten lots, account 8 short of them. A lot is worth 1,000 units and owes one of them after
1,800 seconds.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.state.published import PublishedState
from sequencer.verifier.errors import ConservationError
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import Block
from sequencer.verifier.replica import Identity, Replica
from sequencer.verifier.summary import Summary, summarize
from tests.batch.venue import SELL, Venue
from tests.state.published import published

HALF_AN_HOUR = 1_800
LONG, SHORT = 9, 8


def venue_of(collateral: int) -> Venue:
    """Half an hour and a second after the positions were settled."""
    venue = Venue(collateral={LONG: collateral}, positions={LONG: (10,), SHORT: (-10,)}, rate_ppm=16_000)
    venue.seal()
    venue.open(HALF_AN_HOUR)
    return venue


def state_of(venue: Venue) -> PublishedState:
    ledger, counters = venue.ledger, venue.ledger.counters
    return published(
        ledger.accounts, ledger.markets, counters.fee_pool, counters.requests_consumed, counters.funding_pool
    )


def summary_of(state: PublishedState, vault: int) -> Summary:
    identity = Identity(31337, "0x" + "11" * 20)
    replica = Replica(identity, 0, "0x" + "22" * 20, state, 0, deposits=vault)
    return summarize(Checkpoint(Block(1, "0x", 1), replica))


def vault_of(venue: Venue) -> int:
    return sum(account.collateral for account in venue.state.accounts.values())


@pytest.mark.parametrize(
    ("loaded", "pool", "rounding"), [((), 0, 1), ((LONG,), 11, 1), ((SHORT,), -10, 1), ((LONG, SHORT), 1, 1)]
)
def test_what_is_owed_is_settled_whoever_a_batch_has_loaded(
    loaded: tuple[int, ...], pool: int, rounding: int
) -> None:
    venue = venue_of(1_000_000)
    vault = vault_of(venue)
    equity = {number: venue.state.account(number).collateral for number in (LONG, SHORT)}
    for number in loaded:
        venue.deposit(number, 0)
    venue.seal()
    state = state_of(venue)
    summary = summary_of(state, vault)
    assert (state.funding_pool, summary.rounding) == (pool, rounding)
    assert summary.vault_balance == summary.owed + rounding
    assert state.equity(LONG) == equity[LONG] + 10_000
    assert (summary.equities, summary.below_zero) == (vault - rounding, 0)


def test_a_shortfall_is_owed_by_the_winners_and_not_by_the_fund() -> None:
    venue = venue_of(-11_000)
    vault = vault_of(venue)
    venue.liquidate(LONG, SELL, 10)
    venue.seal()
    state = state_of(venue)
    summary = summary_of(state, vault)
    assert state.equity(c.INSURANCE_ACCOUNT) == state.equity(LONG) == summary.below_zero == 0
    assert state.charge(SHORT) > 1_000
    assert summary.vault_balance == summary.owed + summary.rounding


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"status": MarketStatus.REDUCE_ONLY, "fund_since": 77},
            {"status": "reduce_only", "settled": False, "fund_since": 77, "tier_ppm": 3},
        ),
        (
            {"status": MarketStatus.OPEN, "congestion_addon_ppm": 5},
            {"status": "open", "settled": False, "fund_since": 0, "congestion_addon_ppm": 5},
        ),
        (
            {"status": MarketStatus.SETTLED, "fund_since": c.SETTLED_SINCE, "congestion_addon_ppm": 5},
            {"status": "settled", "settled": True, "fund_since": 0, "congestion_addon_ppm": 0, "tier_ppm": 0},
        ),
    ],
)
def test_a_market_is_told_with_its_margins_in_force(fields: dict[str, Any], told: dict[str, Any]) -> None:
    venue = venue_of(1_000_000)
    vault = vault_of(venue)
    venue.seal()
    state = state_of(venue)
    market = replace(Market.from_words(state.markets[0]), tier_ppm=3, **fields)
    state.markets[0] = market.words()
    shown = asdict(summary_of(state, vault).markets[0])
    margins = {"initial_ppm": market.initial_ppm, "maintenance_ppm": market.maintenance_ppm}
    assert shown == {**shown, **margins, **told}


def take_from_the_pool(state: PublishedState) -> None:
    state.funding_pool -= 1


def favour_the_shorts(state: PublishedState) -> None:
    """They are owed a unit a lot that the longs do not owe."""
    price, longs, shorts, *rest = state.markets[0]
    state.markets[0] = (price, longs, shorts - c.INDEX_UNIT, *rest)


@pytest.mark.parametrize(
    ("lie", "says"), [(take_from_the_pool, "has left 0"), (favour_the_shorts, "has left -9")]
)
def test_funding_that_comes_from_nowhere_is_a_finding(
    lie: Callable[[PublishedState], None], says: str
) -> None:
    venue = venue_of(1_000_000)
    vault = vault_of(venue)
    venue.seal()
    state = state_of(venue)
    lie(state)
    with pytest.raises(ConservationError, match=says):
        summary_of(state, vault)
