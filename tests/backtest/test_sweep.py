"""A sweep runs every combination, each as it would run alone."""

import pytest

from sequencer.backtest.errors import SettingsError, SweepError
from sequencer.backtest.settings import Settings
from sequencer.backtest.sweep import combinations, read_sweep, run_sweep
from tests.backtest.data import FALL, fresh


def test_every_combination_the_last_key_fastest() -> None:
    combined = combinations(Settings(3), read_sweep(["leverage=10,20", "seed=1,2"]))
    assert [(one.leverage, one.seed) for one in combined] == [(10, 1), (10, 2), (20, 1), (20, 2)]
    assert {one.minutes for one in combined} == {3}


def test_results_are_in_order_and_those_of_single_runs() -> None:
    heard: list[tuple[int, int]] = []
    runs = combinations(Settings(3), read_sweep(["leverage=40,5", "seed=2"]))
    results = run_sweep(FALL[:3], runs, lambda done, total, _: heard.append((done, total)))
    assert results == [fresh(3, leverage=40, seed=2), fresh(3, leverage=5, seed=2)]
    assert heard == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("texts", "cause"),
    [
        (["minutes=1,2"], "'minutes' is no setting"),
        (["=1"], "'' is no setting"),
        (["seed"], "seed is given ''"),
        (["seed=1,,2"], "seed is given '1,,2'"),
        (["seed=1.5"], "not whole numbers"),
        (["seed=1,2,1"], "the same value twice"),
        (["seed=1", "seed=2"], "seed is swept twice"),
    ],
)
def test_bad_sweeps_are_refused(texts: list[str], cause: str) -> None:
    with pytest.raises(SweepError, match=cause) as caught:
        read_sweep(texts)
    assert caught.value.code == "sweep"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("leverage=20,0", "leverage is 0"),
        ("leverage=-1", "leverage is -1"),
        ("initial_ppm=1048576", "margin rates"),
        ("maintenance_ppm=60000", "margin rates"),
        ("liquidation_fee_ppm=99", "must cover the largest rebate"),
        ("interest_ppm=16384", "interest_ppm must lie"),
        ("max_move_ppm=0", "max_move_ppm"),
        ("halt_seconds=0", "halt_seconds"),
        ("band_ppm=-5", "band_ppm"),
        ("volatility_factor=1024", "volatility_factor"),
        ("addon_max_ppm=25001", "addon_max_ppm"),
        ("addon_step_ppm=-1", "addon_step_ppm"),
        ("open_interest_lower=25000000", "open_interest_lower < open_interest_upper"),
        ("open_interest_upper=1099511627776", "open_interest_lower < open_interest_upper"),
        ("tier_ppm=1048576", "tier_ppm"),
        ("settle_seconds=0", "settle_seconds"),
        ("insurance_floor=-1", "insurance_floor"),
        ("insurance_floor=4611686018427387904", "insurance_floor"),
        ("insurance_payment=-1", "insurance_payment"),
        ("insurance_payment=4611686018427387904", "insurance_payment"),
    ],
)
def test_settings_that_no_market_can_have_are_refused_before_anything_runs(text: str, cause: str) -> None:
    with pytest.raises(SettingsError, match=cause) as caught:
        combinations(Settings(3), read_sweep([text]))
    assert caught.value.code == "backtest_settings"
