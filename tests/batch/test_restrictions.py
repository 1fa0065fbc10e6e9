"""What holds in all markets, and since when the insurance fund is stuck: as a batch has it in its tables."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, Side
from sequencer.model.venue import Venue as Restrictions
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch
from tests.batch.venue import Venue, bids
from tests.strategies import START

FUND = c.INSURANCE_ACCOUNT
SAID = Restrictions(congested_until=START + 100, restricted_markets=0b1001, restricted_until=START + 50)


def told(batch: SealedBatch) -> tuple[Any, ...]:
    """The signals of what held before a batch."""
    names = ("CongestedUntil", "Restricted", "RestrictedUntil", "Uninsured")
    return tuple(batch.inputs[f"venue{name}"] for name in names)


def test_a_batch_has_what_the_last_one_left() -> None:
    venue = Venue(insurance_floor=1)
    venue.restrict(SAID)
    assert told(venue.seal()) == (0, [0, 0, 0, 0], 0, 0)
    assert venue.ledger.counters.venue == replace(SAID, uninsured=True)
    venue.open()
    assert told(venue.seal()) == (START + 100, [1, 0, 0, 1], START + 50, 1)
    assert venue.ledger.markets[0].status == MarketStatus.REDUCE_ONLY


def test_a_request_of_l1_stands_in_the_queue() -> None:
    venue = Venue()
    venue.restrict(SAID)
    inputs = venue.seal_inputs()
    assert (inputs["requestKind"][0], inputs["requestAccount"][0]) == (5, FUND)
    assert inputs["requestData"][0] == [SAID.restrictions(), 0]
    assert inputs["accountId"][0] == FUND


def test_the_floor_is_that_of_the_configuration() -> None:
    assert Venue(insurance_floor=77).seal_inputs()["insuranceFloor"] == 77


@pytest.mark.parametrize("markets", [0, 1, 4])
def test_the_time_of_the_last_round_is_one(markets: int) -> None:
    assert Venue(markets=markets).seal_inputs()["marketsOracleTime"] == (START if markets else 0)


def test_the_time_of_the_fund_is_in_the_leaf_of_a_market() -> None:
    venue = Venue(bids([1_000], 2), collateral={9: 100 - 1_000}, positions={9: (1,), 8: (-1,)})
    venue.buy(3, 1, 900)
    venue.seal()
    venue.open(mark=800)
    venue.liquidate(9, Side.SELL, 1)
    assert venue.seal_inputs()["marketFundSince"] == [0] * 4
    since = venue.ledger.markets[0].fund_since
    venue.open(mark=800)
    assert venue.seal_inputs()["marketFundSince"] == [since, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_the_fund_is_shown_where_it_has_a_slot(seed: int) -> None:
    """The engine and the footprint of a batch count the same."""
    terms = {"accounts": 5, "markets": 2, "resting": 6, "leverage": 8}
    state, size = strategies.genesis(**terms), batch_size("reference")
    ledger = ledger_of(state)
    shown = set()
    for commands in strategies.batches(seed, 12, messages=8, steps=24, **terms):
        signals: Any = sealed_batch(ledger, state, size, commands).inputs
        loaded = signals["accountId"][: sum(signals["accountEnabled"])]
        assert state.fund_shown == (FUND in loaded)
        shown.add(state.fund_shown)
    assert shown == {False, True}
