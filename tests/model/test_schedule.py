"""A margin schedule packs into a word, and one under which a margin could leave its range is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from sequencer.model import constants as c
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.replay.terms import PERPETUAL, SCHEDULE
from tests.strategies import PARAMETERS, SCHEDULES

WIDTHS = (c.OPEN_INTEREST_BITS,) * 2 + (c.FACTOR_BITS,) + (c.PPM_BITS,) * 4 + (c.HALT_BITS,)
NAMES = [field.name for field in fields(MarginSchedule)]
TERMS = PARAMETERS[0]
SOUND = MarginSchedule(1_000_000, 2_000_000, 25, 50_000, 5_000, 60_000, 70_000, 3_600)
FAULTS = [
    ({"open_interest_lower": -1}, "open_interest_lower"),
    ({"open_interest_lower": 2_000_000}, "open_interest_lower"),
    ({"open_interest_lower": 2_000_001}, "open_interest_lower"),
    ({"open_interest_upper": 1 << 40}, "open_interest_upper"),
    ({"volatility_factor": -1}, "volatility_factor"),
    ({"volatility_factor": 1 << 10}, "volatility_factor"),
    ({"addon_max_ppm": -1}, "addon_max_ppm"),
    ({"addon_max_ppm": 50_001}, "addon_max_ppm"),
    ({"addon_step_ppm": -1}, "addon_step_ppm"),
    ({"addon_step_ppm": 1 << 20}, "addon_step_ppm"),
    ({"tier_ppm": -1}, "tier_ppm"),
    ({"tier_ppm": 1 << 20}, "tier_ppm"),
    ({"congestion_ppm": -1}, "congestion_ppm"),
    ({"congestion_ppm": 1 << 20}, "congestion_ppm"),
    ({"settle_seconds": 0}, "settle_seconds"),
    ({"settle_seconds": 1 << 20}, "settle_seconds"),
]
LIMITS = [
    {"open_interest_lower": 0, "open_interest_upper": 1},
    {"open_interest_lower": 1_999_999},
    {"open_interest_lower": (1 << 40) - 2, "open_interest_upper": (1 << 40) - 1},
    {"volatility_factor": 0},
    {"volatility_factor": (1 << 10) - 1},
    {"addon_max_ppm": 0},
    {"addon_max_ppm": 50_000},
    {"addon_step_ppm": 0},
    {"addon_step_ppm": (1 << 20) - 1},
    {"tier_ppm": 0},
    {"tier_ppm": (1 << 20) - 1},
    {"congestion_ppm": 0},
    {"congestion_ppm": (1 << 20) - 1},
    {"settle_seconds": 1},
    {"settle_seconds": (1 << 20) - 1},
]


@given(st.tuples(*(st.integers(0, (1 << bits) - 1) for bits in WIDTHS)))
def test_a_schedule_comes_back_from_its_word(values: tuple[int, ...]) -> None:
    told = MarginSchedule(*values)
    assert told.word() < 1 << 190
    assert MarginSchedule.from_word(told.word()) == told


def test_the_word_is_that_of_the_specification() -> None:
    addons = (25 << 40) + (50_000 << 50) + (5_000 << 70) + (60_000 << 90) + (70_000 << 110)
    assert SOUND.word() == 1_000_000 + addons + (3_600 << 130) + (2_000_000 << 150)


@pytest.mark.parametrize(("name", "bits"), list(zip(NAMES, WIDTHS, strict=True)))
def test_no_field_overflows_into_its_neighbour(name: str, bits: int) -> None:
    for value in (-1, 1 << bits):
        with pytest.raises(ValueError, match=f"does not fit {bits} bits"):
            replace(SOUND, **{name: value}).word()


@pytest.mark.parametrize(("fault", "name"), FAULTS, ids=str)
def test_a_schedule_that_no_batch_could_hold_is_refused(fault: dict[str, int], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(SOUND, **fault).check(TERMS)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_just_fits_is_taken(limit: dict[str, int]) -> None:
    replace(SOUND, **limit).check(TERMS)


def test_no_margin_exceeds_the_value_of_a_position() -> None:
    whole = replace(TERMS, initial_ppm=1_000_000)
    STATIC.check(whole)
    replace(STATIC, addon_max_ppm=1).check(replace(TERMS, initial_ppm=999_999))
    with pytest.raises(ValueError, match="addon_max_ppm"):
        replace(STATIC, addon_max_ppm=1).check(whole)
    with pytest.raises(ValueError, match="addon_max_ppm"):
        STATIC.check(replace(TERMS, initial_ppm=1_000_001))


@pytest.mark.parametrize("maintenance_ppm", [1, 25_000])
def test_no_maintenance_margin_more_than_doubles(maintenance_ppm: int) -> None:
    terms = replace(TERMS, maintenance_ppm=maintenance_ppm)
    replace(SOUND, addon_max_ppm=maintenance_ppm).check(terms)
    with pytest.raises(ValueError, match="addon_max_ppm"):
        replace(SOUND, addon_max_ppm=maintenance_ppm + 1).check(terms)


def test_the_schedules_of_replay_and_tests_are_sound() -> None:
    SCHEDULE.check(PERPETUAL)
    for parameters, schedule in zip(PARAMETERS, SCHEDULES, strict=True):
        schedule.check(parameters)
        STATIC.check(parameters)
