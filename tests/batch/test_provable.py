"""The whole batch: whatever the engine does, the circuit accepts; seeds replay any failure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover import Prover, open_prover
from sequencer.batch.tables import PREMIUM_PPM_TOP
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.message import Message
from sequencer.model.schedule import STATIC
from sequencer.model.venue import Venue as Restrictions
from tests.batch.fixtures import demo_like_batches
from tests.batch.venue import BUY, RICH, SELL, Venue, bids


@pytest.fixture(scope="module")
def small() -> Prover:
    return open_prover("small", "native")


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_batch_of_the_engine_is_provable(small: Prover, seed: int) -> None:
    for batch in demo_like_batches(seed, 2):
        small.check(batch.inputs)


def test_a_premium_a_shortfall_and_a_market_that_reduces_are_provable(small: Prover) -> None:
    venue = Venue(
        bids([1_000], 2),
        size="small",
        collateral={9: 1_000 - 10_000},
        positions={9: (10,), 8: (-10,)},
        rate_ppm=-300,
        max_move_ppm=700_000,
        halt_seconds=10,
    )
    venue.sell(3, 20, 1_005)
    venue.buy(4, 20, 1_005)
    small.check(venue.seal_inputs())
    venue.open(c.FUNDING_SECONDS)
    inputs = venue.seal_inputs()
    assert inputs["premiumPpm"][0] == 100 * c.PPM_UNIT // 30_000
    small.check(inputs)
    venue.open(mark=400)
    venue.sell(5, 1, 400)
    venue.liquidate(9, SELL, 10)
    inputs = venue.seal_inputs()
    assert inputs["shortfallIndex"] > 0
    small.check(inputs)
    venue.open(mark=400)
    venue.buy(3, 1, 400)
    venue.buy(8, 1, 400, reduce_only=True)
    small.check(venue.seal_inputs())
    assert [order.account for order in venue.state.book(0, BUY)] == [8]


def test_a_premium_that_needs_more_bits_is_provable(small: Prover) -> None:
    venue = Venue(bids([1_000], 2), size="small")
    venue.seal()
    venue.open(mark=10)
    venue.seal()
    venue.open(mark=10)
    venue.sell(3, 1, 10)
    small.check(venue.seal_inputs())
    venue.open(c.FUNDING_SECONDS, mark=10)
    inputs = venue.seal_inputs()
    assert inputs["premiumPpm"][0] == PREMIUM_PPM_TOP
    small.check(inputs)


def test_tiers_congestion_restrictions_and_the_insurance_floor_are_provable(small: Prover) -> None:
    widest = replace(STATIC, tier_ppm=(1 << 20) - 1, congestion_ppm=(1 << 20) - 1)
    positions = {9: (999,), 8: (-999,)}
    venue = Venue(bids([1_000], 2), size="small", positions=positions, schedule=widest, insurance_floor=1_000)
    until = venue.state.timestamp + 2
    venue.restrict(Restrictions(congested_until=until, restricted_markets=1, restricted_until=until))
    venue.sell(3, 1, 1_000)
    small.check(venue.seal_inputs())
    assert venue.ledger.counters.venue.uninsured
    venue.open()
    venue.deposit(c.INSURANCE_ACCOUNT, 1_000)
    venue.withdraw(8, 2 * RICH)
    venue.buy(3, 1, 1_000)
    venue.sell(9, 1, 1_000, reduce_only=True)
    small.check(venue.seal_inputs())
    assert venue.ledger.markets[0].status == MarketStatus.REDUCE_ONLY
    assert venue.ledger.markets[0].initial_ppm > c.PPM_UNIT
    assert [order.account for order in venue.state.book(0, SELL)] == [9]
    venue.open()
    venue.buy(9, 1, 999)
    small.check(venue.seal_inputs())
    assert venue.ledger.markets[0].status == MarketStatus.OPEN


def test_a_market_that_settles_and_opens_again_is_provable(small: Prover) -> None:
    positions = {c.INSURANCE_ACCOUNT: (2,), 9: (8,), 8: (-10,)}
    venue = Venue(
        size="small",
        positions=positions,
        schedule=replace(STATIC, tier_ppm=1_000, settle_seconds=5),
        rate_ppm=16_000,
        max_move_ppm=50_000,
        halt_seconds=10,
    )
    small.check(venue.seal_inputs())
    venue.open(5)
    small.check(venue.seal_inputs())
    assert venue.ledger.markets[0].is_settled
    venue.open(mark=1_100)
    venue.withdraw(8, 2 * RICH)
    venue.liquidate(8, BUY, 1)
    venue.sell(9, 8, 1_000, reduce_only=True)
    small.check(venue.seal_inputs())
    assert (venue.ledger.markets[0].status, venue.ledger.markets[0].mark) == (MarketStatus.SETTLED, 1_000)
    assert venue.ledger.account(8).collateral == 10_000 + 500
    venue.open(mark=900)
    venue.deposit(8, 1_000)
    venue.buy(8, 10, 1_000, reduce_only=True)
    venue.builder.add_unsigned(Message.unwinding(0, SELL, 2, 1_000))
    small.check(venue.seal_inputs())
    assert (venue.ledger.markets[0].open_interest, venue.ledger.markets[0].fund_since) == (0, 0)
    venue.open(mark=900)
    small.check(venue.seal_inputs())
    assert (venue.ledger.markets[0].status, venue.ledger.markets[0].mark) == (MarketStatus.HALTED, 900)


def test_the_public_inputs_are_the_ones_that_the_contract_computes(small: Prover) -> None:
    batch = demo_like_batches(seed=7, count=1)[0]
    proof = small.prove(batch.inputs)
    assert proof.public == (batch.c, batch.r, batch.y)
