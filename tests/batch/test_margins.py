"""Margins that move, as a batch has them: in its tables and in the markets after it."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.tables import RETURN_TOP
from sequencer.model import constants as c
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.venue import Venue as Restrictions
from sequencer.model.words import to_field
from tests.batch.venue import Venue
from tests.strategies import START

CELL = START // c.SAMPLE_SECONDS
SCHEDULE = replace(
    STATIC,
    open_interest_lower=0,
    open_interest_upper=10,
    volatility_factor=100,
    addon_max_ppm=45_000,
    addon_step_ppm=20_000,
)


def venue_of(schedule: MarginSchedule = SCHEDULE, lots: int = 999) -> Venue:
    """Two accounts hold so many lots of each other; a move of more than 20 % is a jump."""
    return Venue(positions={9: (lots,), 8: (-lots,)}, schedule=schedule, max_move_ppm=200_000)


def sealed(venue: Venue, seconds: int, mark: int) -> SealedBatch:
    """Open the next batch after so long and seal it."""
    venue.builder.seal()
    venue.open(seconds, mark)
    return venue.seal()


def before(batch: SealedBatch) -> tuple[Any, ...]:
    """Sampled mark, estimate and add-ons with which market 0 was loaded."""
    signals: Any = batch.inputs
    names = ("SampledMark", "Volatility", "VolatilityAddon", "OpenInterestAddon")
    return tuple(signals[f"market{name}"][0] for name in names)


def hints(batch: SealedBatch) -> tuple[Any, ...]:
    """The cells, and return, estimate and add-on of market 0."""
    signals: Any = batch.inputs
    names = ("marketReturn", "marketVolatilityAfter", "marketOpenInterestAddonAfter")
    return (signals["sampleBefore"], signals["sampleAfter"], *(signals[name][0] for name in names))


def after(venue: Venue) -> tuple[int, ...]:
    """Sampled mark, estimate and add-ons that market 0 is left with."""
    market = venue.ledger.markets[0]
    addons = (market.volatility_addon_ppm, market.open_interest_addon_ppm)
    return (market.sampled_mark, market.volatility_ppm, *addons)


def crowding(mark: int, volatility_addon: int = 0) -> int:
    """What open interest of 999 lots adds."""
    return (900_000 - volatility_addon) * 999 * mark // 10_000_000


def test_a_batch_in_the_cell_of_the_last_takes_no_sample() -> None:
    venue = venue_of()
    batch = venue.seal()
    assert before(batch) == (0, 0, 0, 0)
    assert hints(batch) == (CELL, CELL, 0, 0, crowding(1_000))
    assert after(venue) == (0, 0, 0, crowding(1_000))


def test_the_first_sample_has_no_return() -> None:
    venue = venue_of()
    batch = sealed(venue, c.SAMPLE_SECONDS - 1, 1_100)
    assert hints(batch) == (CELL, CELL + 1, 0, 0, crowding(1_100))
    assert after(venue) == (1_000, 0, 0, crowding(1_100))


def test_a_sample_is_of_the_mark_before() -> None:
    venue = venue_of()
    sealed(venue, c.SAMPLE_SECONDS - 1, 1_100)
    venue.open(c.SAMPLE_SECONDS, 1_050)
    batch = venue.seal()
    assert before(batch) == (1_000, 0, 0, crowding(1_100))
    assert hints(batch) == (CELL + 1, CELL + 2, 100_000, 12_500, crowding(1_050, 20_000))
    assert after(venue) == (1_100, 12_500, 20_000, crowding(1_050, 20_000))


def test_returns_and_estimates_are_told_without_a_sample() -> None:
    venue = venue_of()
    sealed(venue, c.SAMPLE_SECONDS - 1, 1_100)
    venue.open(1, 1_050)
    batch = venue.seal()
    assert hints(batch) == (CELL + 1, CELL + 1, 100_000, 12_500, crowding(1_050))
    assert after(venue) == (1_000, 0, 0, crowding(1_050))


@pytest.mark.parametrize(
    ("mark", "told", "estimate"),
    [
        (999, to_field(-1_000), 125),
        (1_001, 1_000, 125),
        (900, to_field(-100_000), 12_500),
        (700, to_field(-300_000), 25_000),
        (2_048, RETURN_TOP - 575, 25_000),
        (2_049, RETURN_TOP, 25_000),
        (50_000, RETURN_TOP, 25_000),
    ],
)
def test_a_return_has_a_sign_and_a_top(mark: int, told: int, estimate: int) -> None:
    venue = venue_of()
    sealed(venue, c.SAMPLE_SECONDS - 1, mark)
    venue.open(c.SAMPLE_SECONDS, mark)
    batch = venue.seal()
    assert hints(batch)[2:4] == (told, estimate)
    assert after(venue)[:2] == (mark, estimate)


def test_margins_rise_by_steps_and_fall_at_once() -> None:
    venue = venue_of(lots=0)
    sealed(venue, c.SAMPLE_SECONDS - 1, 1_015)
    margins = []
    for _ in range(16):
        venue.open(c.SAMPLE_SECONDS, 1_015)
        venue.seal()
        margins.append((venue.ledger.markets[0].initial_ppm, venue.ledger.markets[0].maintenance_ppm))
    rises = [(120_000, 70_000), (140_000, 90_000), (145_000, 95_000)]
    assert margins[:3] == rises
    assert margins[-1] == (100_000, 50_000)
    assert sorted(margins[2:], reverse=True) == margins[2:]


def test_static_margins_stay() -> None:
    venue = venue_of(STATIC)
    for mark in (1_100, 900, 1_000):
        sealed(venue, c.SAMPLE_SECONDS, mark)
        venue.open()
        market = venue.state.market(0)
        assert (market.initial_ppm, market.maintenance_ppm) == (100_000, 50_000)


def test_the_schedule_stands_beside_the_parameters() -> None:
    schedule = replace(SCHEDULE, tier_ppm=7, congestion_ppm=8, settle_seconds=9)
    inputs = venue_of(schedule).seal().inputs
    names = "OpenInterestLower OpenInterestUpper VolatilityFactor AddonMaxPpm AddonStepPpm"
    names += " TierPpm CongestionPpm SettleSeconds"
    assert [inputs[f"market{name}"] for name in names.split()] == [
        [bound, 0, 0, 0] for bound in (0, 10, 100, 45_000, 20_000, 7, 8, 9)
    ]


def tiers(batch: SealedBatch) -> tuple[Any, Any]:
    """The tier of market 0 as it was loaded, and what a lot squared needs at the new mark."""
    signals: Any = batch.inputs
    assert signals["marketTierStep"][1:] == [0, 0, 0]
    return signals["marketTier"][0], signals["marketTierStep"][0]


def test_tiers_are_those_of_the_schedule_at_the_new_mark() -> None:
    """1,000 ticks of a unit at 2^24 / 10^5 ppm are 10^-2."""
    venue = venue_of(replace(STATIC, tier_ppm=167_773))
    assert tiers(venue.seal()) == (0, 11)
    venue.open(mark=1_100)
    assert tiers(venue.seal()) == (167_773, 12)
    assert venue.ledger.markets[0].tier_step == 12


def test_the_tier_of_a_settled_market_is_told_at_the_mark_that_stands() -> None:
    schedule = replace(STATIC, tier_ppm=167_773, settle_seconds=5)
    venue = Venue(positions={c.INSURANCE_ACCOUNT: (1,), 8: (-1,)}, schedule=schedule)
    venue.seal()
    venue.open(5)
    venue.seal()
    assert venue.ledger.markets[0].is_settled
    venue.open(mark=1_100)
    assert tiers(venue.seal()) == (167_773, 11)
    assert venue.ledger.markets[0].mark == 1_000
    assert venue.ledger.markets[0].tier_step == 0


def test_congestion_is_in_the_leaf_of_a_market() -> None:
    schedule = replace(STATIC, congestion_ppm=30_000)
    venue = Venue(schedule=schedule, restrictions=Restrictions(congested_until=START + 2))
    assert venue.seal_inputs()["marketCongestionAddon"] == [0, 0, 0, 0]
    assert venue.ledger.markets[0].initial_ppm == 130_000
    venue.open()
    assert venue.seal_inputs()["marketCongestionAddon"] == [30_000, 0, 0, 0]
    assert venue.ledger.markets[0].initial_ppm == 100_000
