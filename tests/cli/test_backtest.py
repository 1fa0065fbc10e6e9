"""`proofbook backtest`: its table, its files, and how its refusals end."""

import json
from pathlib import Path

import pytest

from sequencer.cli.main import main
from tests.replay.data import BARS

DONE, USAGE, BAD_INPUT = 0, 2, 3


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["backtest", *(str(argument) for argument in arguments)])
    return int(stop.value.code or 0)


def test_a_run_is_told_and_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures, page = tmp_path / "new" / "run.json", tmp_path / "new" / "run.html"
    assert run(BARS, "--minutes", "2", "--seed", "3", "--json", figures, "--html", page) == DONE
    said = capsys.readouterr().out
    assert said.startswith("Seed 3; traders take up to 20x; initial margin 50000 ppm")
    first, second, *_ = said.splitlines()
    assert first.endswith(", interest 100 ppm every 8 hours.")
    assert second.startswith(
        "Volatility, by a factor of 25, adds up to 25000 ppm to both, 5000 ppm a sample;"
    )
    assert "[ok] money was conserved to the unit in each of 8 epochs" in said
    assert page.read_text().startswith("<!doctype html>")
    written = json.loads(figures.read_text())
    assert set(written) == {"settings", "summary", "participants", "checks", "epochs", "static"}
    assert set(written["static"]) == {"settings", "summary", "participants", "checks"}
    assert written["settings"]["maintenance_ppm"] == 25_000
    assert written["settings"]["interest_ppm"] == 100
    assert {
        *("funding", "rate_highest_ppm", "rate_lowest_ppm", "funding_pool"),
        *("charges", "socialized_loss", "reduce_only_epochs"),
        *("uninsured_times", "uninsured_epochs", "settlements", "settled_epochs"),
    } <= set(written["summary"])
    assert len(written["epochs"]) == written["summary"]["epochs"] == 8
    assert {
        "initial_ppm",
        "maintenance_ppm",
        "fund_equity",
        "fund_position",
        "unwound_lots",
        "account_shortfall",
        "uncovered",
        "funding",
        "rate_ppm",
        "reduce_only",
        "settled",
        "uninsured",
        "charged",
        "funding_pool",
        "spread_ppm",
    } <= set(written["epochs"][0])
    assert written["participants"][-1]["kind"] == "insurance fund"
    assert all(check["holds"] for check in written["checks"] + written["static"]["checks"])


def test_the_run_beside_is_that_of_static_margins(tmp_path: Path) -> None:
    """As a sweep runs it that switches the add-ons and the tiers off."""
    single, sweep = tmp_path / "single.json", tmp_path / "sweep.json"
    assert run(BARS, "--minutes", "2", "--json", single) == DONE
    off = {
        "volatility_factor": 0,
        "addon_max_ppm": 0,
        "addon_step_ppm": 0,
        "open_interest_lower": 2**40 - 2,
        "open_interest_upper": 2**40 - 1,
        "tier_ppm": 0,
        "settle_seconds": 2**20 - 1,
    }
    keys = [part for key, value in off.items() for part in ("--sweep", f"{key}={value}")]
    assert run(BARS, "--minutes", "2", *keys, "--json", sweep) == DONE
    assert json.loads(sweep.read_text())["runs"] == [json.loads(single.read_text())["static"]]


def test_the_fund_is_paid_what_its_floor_asks_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures = tmp_path / "run.json"
    arguments = ("--minutes", "1", "--insurance-floor", "3000000000000", "--json", figures)
    assert run(BARS, *arguments) == DONE
    told = "The fund begins with 3,000,000 dollars; below 3,000,000 the market takes only orders that reduce."
    assert told in capsys.readouterr().out.splitlines()
    written = json.loads(figures.read_text())
    for of in (written, written["static"]):
        assert of["participants"][-1]["deposited"] == of["settings"]["insurance_payment"] == 3 * 10**12
        assert of["summary"]["uninsured_epochs"] == 1, "until the payment is there"


def test_a_fund_may_begin_below_its_floor(tmp_path: Path) -> None:
    figures = tmp_path / "run.json"
    arguments = ("--minutes", "1", "--insurance-floor", "2", "--insurance-payment", "1", "--json", figures)
    assert run(BARS, *arguments) == DONE
    summary = json.loads(figures.read_text())["summary"]
    assert (summary["uninsured_times"], summary["uninsured_epochs"]) == (1, 4)
    assert summary["reduce_only_epochs"] == 4


def test_a_sweep_is_a_line_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures, page = tmp_path / "sweep.json", tmp_path / "sweep.html"
    arguments = ("--minutes", "1", "--sweep", "leverage=10,20", "--sweep", "seed=1,2")
    assert run(BARS, *arguments, "--json", figures, "--html", page) == DONE
    said = capsys.readouterr()
    heading, *rows = said.out.splitlines()
    assert heading.split()[:2] == ["leverage", "seed"]
    assert [row.split()[:2] for row in rows] == [["10", "1"], ["10", "2"], ["20", "1"], ["20", "2"]]
    assert "4 of 4 runs" in said.err
    written = json.loads(figures.read_text())
    assert written["swept"] == ["leverage", "seed"]
    assert [one["settings"]["leverage"] for one in written["runs"]] == [10, 10, 20, 20]
    assert page.read_text().count("<svg") == 4


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("absent.csv",), "bars: absent.csv cannot be read"),
        ((BARS, "--minutes", "121"), "bars: "),
        ((BARS, "--leverage", "1500000"), "backtest_settings: margin rates"),
        ((BARS, "--minutes", "1", "--sweep", "patience=1"), "sweep: 'patience' is no setting"),
        ((BARS, "--minutes", "1", "--sweep", "seed=one"), "sweep: seed is given 'one'"),
        ((BARS, "--minutes", "1", "--sweep", "maintenance_ppm=0"), "backtest_settings: "),
        ((BARS, "--minutes", "1", "--sweep", "addon_max_ppm=25001"), "backtest_settings: addon_max_ppm"),
        (
            (BARS, "--minutes", "1", "--insurance-payment", str(2**62)),
            "backtest_settings: insurance_payment must lie in [0, 2^62)",
        ),
    ],
)
def test_a_refusal_is_one_line_with_cause_and_cure(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], cause: str
) -> None:
    assert run(*arguments) == BAD_INPUT
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith(f"proofbook: {cause}")
    assert "; " in line
    assert said.out == ""


def test_wrong_usage_exits_with_its_code() -> None:
    assert run() == USAGE
    assert run(BARS, "--minutes", "0") == USAGE
    assert run(BARS, "--leverage", "0") == USAGE
    assert run(BARS, "--seed", "one") == USAGE
    assert run(BARS, "--insurance-floor", "-1") == USAGE
    assert run(BARS, "--insurance-payment", "1.5") == USAGE
