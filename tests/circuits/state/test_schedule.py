"""The margin schedule of a market: its bounds and its word."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import NO_SCHEDULE, PERPETUAL, SCHEDULE, schedule_bus

INITIAL, MAINTENANCE = PERPETUAL.parameters.initial_ppm, PERPETUAL.parameters.maintenance_ppm
PPM = (1 << c.PPM_BITS) - 1
MOST_DOLLARS = (1 << c.OPEN_INTEREST_BITS) - 1
LONGEST = (1 << c.HALT_BITS) - 1
LARGEST_FACTOR = (1 << c.FACTOR_BITS) - 1
PLACES = {
    "openInterestLower": 0,
    "volatilityFactor": c.SCHEDULE_FACTOR_AT,
    "addonMaxPpm": c.SCHEDULE_ADDON_MAX_AT,
    "addonStepPpm": c.SCHEDULE_ADDON_STEP_AT,
    "tierPpm": c.SCHEDULE_TIER_AT,
    "congestionPpm": c.SCHEDULE_CONGESTION_AT,
    "settleSeconds": c.SCHEDULE_SETTLE_AT,
    "openInterestUpper": c.SCHEDULE_UPPER_AT,
}
FIELDS = list(PLACES)


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedSchedule")


def inputs(
    schedule: MarginSchedule = SCHEDULE,
    lies: Mapping[str, int] | None = None,
    initial: int = INITIAL,
    maintenance: int = MAINTENANCE,
    live: int = 1,
) -> dict[str, Nested]:
    bus = schedule_bus(schedule) | dict(lies or {})
    return {"schedule": bus, "initialPpm": initial, "maintenancePpm": maintenance, "live": live}


@st.composite
def allowed(draw: st.DrawFn) -> tuple[MarginSchedule, MarketParameters]:
    """A schedule and the margins of its market; each field at an end of its range or anywhere."""
    initial = draw(st.sampled_from((1, c.PPM_UNIT)) | st.integers(1, c.PPM_UNIT))
    maintenance = draw(st.sampled_from((1, initial)) | st.integers(1, initial))
    lower = draw(st.sampled_from((0, MOST_DOLLARS - 1)) | st.integers(0, MOST_DOLLARS - 1))
    room = min(c.PPM_UNIT - initial, maintenance)
    schedule = MarginSchedule(
        open_interest_lower=lower,
        open_interest_upper=draw(
            st.sampled_from((lower + 1, MOST_DOLLARS)) | st.integers(lower + 1, MOST_DOLLARS)
        ),
        volatility_factor=draw(st.just(LARGEST_FACTOR) | st.integers(0, LARGEST_FACTOR)),
        addon_max_ppm=draw(st.just(room) | st.integers(0, room)),
        addon_step_ppm=draw(st.just(PPM) | st.integers(0, PPM)),
        tier_ppm=draw(st.just(PPM) | st.integers(0, PPM)),
        congestion_ppm=draw(st.just(PPM) | st.integers(0, PPM)),
        settle_seconds=draw(st.just(LONGEST) | st.integers(1, LONGEST)),
    )
    return schedule, MarketParameters(initial_ppm=initial, maintenance_ppm=maintenance)


@given(terms=allowed())
@settings(max_examples=60)
def test_what_a_configuration_may_hold_is_accepted(
    loaded: CircuitTester, terms: tuple[MarginSchedule, MarketParameters]
) -> None:
    schedule, parameters = terms
    schedule.check(parameters)
    told = inputs(schedule, initial=parameters.initial_ppm, maintenance=parameters.maintenance_ppm)
    assert loaded.accepts(told)
    assert loaded.witness(told) == {"word": schedule.word()}


def test_margins_may_be_static(loaded: CircuitTester) -> None:
    assert loaded.accepts(inputs(STATIC, initial=c.PPM_UNIT))
    assert loaded.witness(inputs(STATIC)) == {"word": STATIC.word()}


def test_the_word_cannot_be_lied_about(loaded: CircuitTester) -> None:
    assert not loaded.accepts_witness_with(inputs(), {"main.word": SCHEDULE.word() + 1})


@pytest.mark.parametrize(
    ("field", "smallest", "largest"),
    [
        ("openInterestLower", 0, SCHEDULE.open_interest_upper - 1),
        (
            "openInterestUpper",
            SCHEDULE.open_interest_lower + 1,
            SCHEDULE.open_interest_lower + MOST_DOLLARS + 1,
        ),
        ("volatilityFactor", 0, LARGEST_FACTOR),
        ("addonMaxPpm", 0, MAINTENANCE),
        ("addonStepPpm", 0, PPM),
        ("tierPpm", 0, PPM),
        ("congestionPpm", 0, PPM),
        ("settleSeconds", 0, LONGEST),
    ],
)
def test_a_bound_lies_within_its_own(loaded: CircuitTester, field: str, smallest: int, largest: int) -> None:
    for value in (smallest, largest):
        assert loaded.accepts(inputs(lies={field: value}))
    for value in (smallest - 1, largest + 1):
        assert loaded.rejects(inputs(lies={field: value}))


def test_a_lower_bound_has_40_bits(loaded: CircuitTester) -> None:
    """Whatever the upper one is."""
    for last, fits in ((MOST_DOLLARS, True), (MOST_DOLLARS + 1, False)):
        told = inputs(lies={"openInterestLower": last, "openInterestUpper": last + 1})
        assert loaded.accepts(told) == fits
        assert loaded.rejects(told) != fits


@pytest.mark.parametrize("bound", [0, 1, 1_000, MOST_DOLLARS])
def test_the_bounds_of_open_interest_lie_apart(loaded: CircuitTester, bound: int) -> None:
    """Between bounds that do not, the add-on would be any."""
    assert loaded.accepts(inputs(lies={"openInterestLower": bound, "openInterestUpper": bound + 1}))
    assert loaded.rejects(inputs(lies={"openInterestLower": bound, "openInterestUpper": bound}))
    assert loaded.rejects(inputs(lies={"openInterestLower": bound + 1, "openInterestUpper": bound}))


@pytest.mark.parametrize("initial", [1, 50_000, 999_999, c.PPM_UNIT])
def test_no_margin_exceeds_the_value_of_a_position(loaded: CircuitTester, initial: int) -> None:
    room = c.PPM_UNIT - initial
    assert loaded.accepts(inputs(lies={"addonMaxPpm": room}, initial=initial, maintenance=PPM))
    assert loaded.rejects(inputs(lies={"addonMaxPpm": room + 1}, initial=initial, maintenance=PPM))


@pytest.mark.parametrize("maintenance", [1, 50_000, PPM - c.PPM_UNIT, 500_000])
def test_no_maintenance_margin_more_than_doubles(loaded: CircuitTester, maintenance: int) -> None:
    lies = {"addonMaxPpm": maintenance}
    assert loaded.accepts(inputs(lies=lies, initial=500_000, maintenance=maintenance))
    assert loaded.rejects(inputs(lies=lies, initial=500_000, maintenance=maintenance - 1))


def test_a_maintenance_margin_has_20_bits(loaded: CircuitTester) -> None:
    assert loaded.accepts(inputs(STATIC, maintenance=PPM))
    assert loaded.rejects(inputs(STATIC, maintenance=PPM + 1))


def test_an_initial_margin_above_the_value_has_no_schedule(loaded: CircuitTester) -> None:
    """Not even one that adds nothing, or less."""
    assert loaded.accepts(inputs(STATIC, initial=c.PPM_UNIT))
    for initial, most in ((c.PPM_UNIT + 1, 0), (c.PPM_UNIT + 1, -1), (PPM, 0), (PPM, c.PPM_UNIT - PPM)):
        assert loaded.rejects(inputs(STATIC, {"addonMaxPpm": most}, initial))


def test_an_add_on_has_20_bits(loaded: CircuitTester) -> None:
    for last, fits in ((PPM, True), (PPM + 1, False)):
        told = inputs(STATIC, {"addonMaxPpm": last}, c.PPM_UNIT - last, last)
        assert loaded.accepts(told) == fits
        assert loaded.rejects(told) != fits


def test_the_room_of_an_add_on_has_20_bits(loaded: CircuitTester) -> None:
    """No initial margin of a configuration is below 0, so there is no more."""
    last = PPM - c.PPM_UNIT
    assert loaded.accepts(inputs(STATIC, initial=-last))
    assert loaded.rejects(inputs(STATIC, initial=-last - 1))


@pytest.mark.parametrize("field", FIELDS)
def test_no_bound_is_negative_or_a_fraction(loaded: CircuitTester, field: str) -> None:
    """A half, a third and a millionth are numbers of the field."""
    for value in (-1, *(pow(each, -1, c.FIELD_MODULUS) for each in (2, 3, c.PPM_UNIT))):
        assert loaded.rejects(inputs(lies={field: value}))


def test_bounds_are_not_negative_together(loaded: CircuitTester) -> None:
    for lower, upper in ((-1, 0), (-1, 1), (-5, -4), (-1_000, 3_000)):
        assert loaded.rejects(inputs(lies={"openInterestLower": lower, "openInterestUpper": upper}))


@pytest.mark.parametrize("field", FIELDS)
def test_a_slot_without_a_market_has_no_schedule(loaded: CircuitTester, field: str) -> None:
    empty = inputs(NO_SCHEDULE, initial=0, maintenance=0, live=0)
    assert loaded.accepts(empty)
    assert loaded.witness(empty) == {"word": 0}
    assert loaded.rejects(inputs(NO_SCHEDULE, {field: 1}, 0, 0, live=0))


@pytest.mark.parametrize("bound", [1, MOST_DOLLARS])
def test_a_slot_without_a_market_has_no_bounds(loaded: CircuitTester, bound: int) -> None:
    """Equal ones are in range there."""
    lies = {"openInterestLower": bound, "openInterestUpper": bound}
    assert loaded.rejects(inputs(NO_SCHEDULE, lies, 0, 0, live=0))


def test_a_live_market_has_a_schedule(loaded: CircuitTester) -> None:
    assert loaded.rejects(inputs(NO_SCHEDULE))
    assert loaded.rejects(inputs(live=0))


def test_a_word_has_one_reading(loaded: CircuitTester) -> None:
    """What one field has more, the field above it has less: the word is the same."""
    fields = schedule_bus(SCHEDULE)
    for (low, at), (high, above) in pairwise(PLACES.items()):
        for sign in (1, -1):
            spilled = {low: fields[low] + sign * (1 << (above - at)), high: fields[high] - sign}
            assert loaded.rejects(inputs(lies=spilled))
