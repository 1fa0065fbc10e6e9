"""What a trade costs its parties and earns the venue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine.events import Filled
from sequencer.engine.fees import fee_ceil
from sequencer.model.config import FeeTier
from tests.engine.venue import FREE, Setting


@pytest.mark.parametrize(
    ("notional", "rate_ppm", "fee"),
    [
        (1_000_000, 500, 500),
        (1_000_001, 500, 501),
        (1, 1, 1),
        (0, 500, 0),
        (1_000_000, 0, 0),
        (1_000_000, -100, -100),
        (1_009_999, -100, -100),
        (1, -1, 0),
    ],
)
def test_a_fee_is_rounded_up_and_a_rebate_down(notional: int, rate_ppm: int, fee: int) -> None:
    assert fee_ceil(notional, rate_ppm) == fee


@given(notional=st.integers(0, 1 << 60), rate=st.integers(-(1 << 19), (1 << 19) - 1))
def test_rounding_costs_less_than_one_unit(notional: int, rate: int) -> None:
    assert 0 <= fee_ceil(notional, rate) * 1_000_000 - notional * rate < 1_000_000


@given(notional=st.integers(0, 1 << 60), taker=st.integers(0, 1 << 19), rebate=st.integers(0, 1 << 19))
def test_a_taker_fee_that_covers_a_rebate_covers_it_after_rounding(
    notional: int, taker: int, rebate: int
) -> None:
    assert fee_ceil(notional, max(taker, rebate)) + fee_ceil(notional, -rebate) >= 0


def test_each_party_pays_the_rate_of_its_own_tier(setting: Setting) -> None:
    tiers = (FeeTier(-100, 500), FeeTier(200, 400), FREE, FREE)
    venue = setting(
        "| bob 9 @ 1000",
        tiers=tiers,
        collateral=100_000,
        accounts={"bob": {"tier": 1, "collateral": 100_000}},
    )
    (event,) = venue.buy("alice", 9, 1000)
    assert isinstance(event, Filled)
    assert (event.taker_fee, event.maker_fee) == (5, 2)
    assert venue.account("alice").collateral == 100_000 - 9_000 - 5
    assert venue.account("bob").collateral == 100_000 + 9_000 - 2
    assert venue.seen.fee_pool == 7


def test_a_rebate_comes_out_of_the_takers_fee(setting: Setting) -> None:
    venue = setting("| bob 30 @ 1000", tiers=(FeeTier(-100, 500), FREE, FREE, FREE))
    before = venue.account("bob").collateral
    (event,) = venue.buy("alice", 30, 1000)
    assert isinstance(event, Filled)
    assert (event.taker_fee, event.maker_fee) == (15, -3)
    assert venue.account("bob").collateral == before + 30_000 + 3
    assert venue.seen.fee_pool == 12
