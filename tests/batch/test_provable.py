"""The whole batch: whatever the engine does, the circuit accepts; seeds replay any failure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover import Prover, open_prover
from sequencer.batch.tables import PREMIUM_PPM_TOP
from sequencer.model import constants as c
from tests.batch.fixtures import demo_like_batches
from tests.batch.venue import BUY, SELL, Venue, bids


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


def test_the_public_inputs_are_the_ones_that_the_contract_computes(small: Prover) -> None:
    batch = demo_like_batches(seed=7, count=1)[0]
    proof = small.prove(batch.inputs)
    assert proof.public == (batch.c, batch.r, batch.y)
