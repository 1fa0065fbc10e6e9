"""The market and the margin schedule that settings come to."""

from msgspec.structs import asdict, replace

from sequencer.backtest.settings import Settings
from sequencer.model.schedule import STATIC, MarginSchedule


def test_volatility_adds_at_most_the_maintenance_margin_unless_less_is_given() -> None:
    assert Settings(1).schedule().addon_max_ppm == 25_000
    assert Settings(1, leverage=10).schedule().addon_max_ppm == 50_000
    assert Settings(1, addon_max_ppm=7_000).schedule().addon_max_ppm == 7_000


def test_no_margin_exceeds_the_value_of_a_position() -> None:
    almost = Settings(1, initial_ppm=990_000)
    assert almost.schedule().addon_max_ppm == 10_000
    assert Settings(1, leverage=1).schedule().addon_max_ppm == 0


def test_the_schedule_under_the_configuration_is_that_of_the_settings() -> None:
    bounds = MarginSchedule(
        open_interest_lower=7,
        open_interest_upper=8,
        volatility_factor=9,
        addon_max_ppm=10,
        addon_step_ppm=11,
        tier_ppm=12,
        congestion_ppm=0,
        settle_seconds=13,
    )
    given = {name: value for name, value in asdict(bounds).items() if name != "congestion_ppm"}
    assert Settings(1, **given).configuration().schedules == (bounds,)


def test_static_settings_differ_by_their_schedule_alone() -> None:
    given = Settings(3, seed=7, leverage=10, halt_seconds=15, volatility_factor=5, insurance_floor=9)
    static = given.static()
    assert static.configuration() == replace(given.configuration(), schedules=(STATIC,))
    assert (static.minutes, static.seed, static.leverage, static.insured()) == (3, 7, 10, 9)
    assert static.static() == static


def test_the_bounds_that_were_left_out_are_written_as_they_came_to_be() -> None:
    assert Settings(1).to_json()["addon_max_ppm"] == 25_000
    assert Settings(1).static().to_json()["addon_max_ppm"] == 0


def test_the_insurance_fund_begins_at_its_floor_unless_another_payment_is_given() -> None:
    assert Settings(1).insured() == 0
    assert Settings(1, insurance_floor=7).insured() == 7
    assert Settings(1, insurance_floor=7, insurance_payment=0).insured() == 0
    assert Settings(1, insurance_floor=7).to_json()["insurance_payment"] == 7
    assert Settings(1, insurance_floor=7).configuration().insurance_floor == 7


def test_margins_follow_from_the_leverage_unless_they_are_given() -> None:
    assert Settings(1, leverage=20).market().initial_ppm == 50_000
    assert Settings(1, leverage=30).market().initial_ppm == 33_334
    assert Settings(1, leverage=20).market().maintenance_ppm == 25_000
    given = Settings(1, leverage=20, initial_ppm=80_000, maintenance_ppm=70_000).market()
    assert (given.initial_ppm, given.maintenance_ppm) == (80_000, 70_000)
    assert Settings(1, initial_ppm=80_000).market().maintenance_ppm == 40_000
