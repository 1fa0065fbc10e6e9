"""The file that announces a change says all of a configuration, exactly; whatever else it says is refused."""

from pathlib import Path

import pytest

from sequencer.cli.change_file import ConfigurationFileError, read_configuration
from sequencer.cli.exits import exit_code
from sequencer.cli.main import main
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from tests.cli.change_files import written

WANTED = configuration(OracleSigners(1).keys)
GOOD = written(WANTED)
X, Y = WANTED.oracle_keys[0]
FIRST_KEY = f'["{X:#x}", "{Y}"]'
TIERS = GOOD[GOOD.index("[[tiers]]") : GOOD.index("[[markets]]")]
TIER = "[[tiers]]\nmaker_ppm = -50\ntaker_ppm = 400\n"
MARKET = GOOD[GOOD.index("[[markets]]") :]
LIQUIDATION_FEE = f"liquidation_fee_ppm = {WANTED.markets[0].liquidation_fee_ppm}\n"
INTEREST = f"interest_ppm = {WANTED.markets[0].interest_ppm}\n"
LOWER = f"open_interest_lower = {WANTED.schedules[0].open_interest_lower}\n"
UPPER = f"open_interest_upper = {WANTED.schedules[0].open_interest_upper}\n"
FACTOR = f"volatility_factor = {WANTED.schedules[0].volatility_factor}\n"
ADDON_MAX = f"addon_max_ppm = {WANTED.schedules[0].addon_max_ppm}\n"
ADDON_STEP = f"addon_step_ppm = {WANTED.schedules[0].addon_step_ppm}\n"
TIER_PPM = f"tier_ppm = {WANTED.schedules[0].tier_ppm}\n"
CONGESTION = f"congestion_ppm = {WANTED.schedules[0].congestion_ppm}\n"
SETTLE = f"settle_seconds = {WANTED.schedules[0].settle_seconds}\n"
FLOOR = f"insurance_floor = {WANTED.insurance_floor}\n"
BAD_INPUT = 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "change.toml"


def test_a_file_says_a_configuration(file: Path) -> None:
    file.write_text(GOOD)
    assert read_configuration(file) == WANTED


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("oracle_keys = [", "oracle_keys = ", "Invalid"),
        ("oracle_max_age_seconds = 60\n", "", "the file has no oracle_max_age_seconds"),
        ("oracle_max_age_seconds", "oracle_age", "the file has no oracle_max_age_seconds"),
        ("oracle_max_age_seconds", "note = 1\noracle_max_age_seconds", "the file has the unknown key note"),
        ("taker_ppm = 400\n", "", "tier 0 has no taker_ppm"),
        ("taker_ppm = 400", "taker_ppm = 400\nvolume = 9", "tier 0 has the unknown key volume"),
        ("= 60", "= 60.0", "oracle_max_age_seconds is no integer"),
        ("= 60", "= true", "oracle_max_age_seconds is no integer"),
        ("= 60", '= "60"', "oracle_max_age_seconds is no integer"),
        ("maker_ppm = -50", "maker_ppm = -50.0", "maker_ppm of tier 0 is no integer"),
        ("taker_ppm = 200", "taker_ppm = false", "taker_ppm of tier 3 is no integer"),
        (TIER, "[[tiers]]\n", "tier 0 has no maker_ppm"),
        (TIERS, "[tiers]\nmaker_ppm = 1\n", "tiers is no array"),
        (TIERS, "tiers = [1, 2, 3, 4]\n", "tier 0 is no table"),
        (FIRST_KEY, f'"{X:#x}"', "oracle key 0 is no array"),
        (FIRST_KEY, f'["{X:#x}"]', "oracle key 0 has 1 coordinates, not 2"),
        (FIRST_KEY, f'["{X:#x}", "{Y}", "0"]', "oracle key 0 has 3 coordinates, not 2"),
        (f'"{X:#x}"', "1", "x of oracle key 0 is no text"),
        (f'"{Y}"', "true", "y of oracle key 0 is no text"),
        (f'"{Y}"', f'"-{Y}"', "y of oracle key 0 is no text"),
        (f'"{Y}"', f'"{Y} "', "y of oracle key 0 is no text"),
        (f'"{X:#x}"', f'"{X:x}g"', "x of oracle key 0 is no text"),
        (f'"{X:#x}"', f'"0x{X:065x}"', "x of oracle key 0 is no text"),
        (f'"{Y}"', f'"{9 * 10**76}"', "an oracle key is off the curve"),
        (f'"{Y}"', f'"{Y + 1}"', "an oracle key is off the curve"),
        (FIRST_KEY, '["0", "1"]', "an oracle key is off the curve or of small order"),
        (f"    {FIRST_KEY},\n", "", "a configuration has 4 fee tiers and 5 oracle keys"),
        (TIER, "", "a configuration has 4 fee tiers and 5 oracle keys"),
        (TIER, 2 * TIER, "a configuration has 4 fee tiers and 5 oracle keys"),
        ("min_size = 10\n", "", "market 0 has no min_size"),
        (LIQUIDATION_FEE, "", "market 0 has no liquidation_fee_ppm"),
        (INTEREST, "", "market 0 has no interest_ppm"),
        *(
            (line, "", f"market 0 has no {line.split()[0]}")
            for line in (LOWER, UPPER, FACTOR, ADDON_MAX, ADDON_STEP, TIER_PPM, CONGESTION, SETTLE)
        ),
        (FLOOR, "", "the file has no insurance_floor"),
        (FLOOR, "insurance_floor = 0.5\n", "insurance_floor is no integer"),
        (FLOOR, "insurance_floor = true\n", "insurance_floor is no integer"),
        (TIER_PPM, "tier_ppm = 1.5\n", "tier_ppm of market 0 is no integer"),
        (CONGESTION, 'congestion_ppm = "1"\n', "congestion_ppm of market 0 is no integer"),
        (SETTLE, "settle_seconds = true\n", "settle_seconds of market 0 is no integer"),
        (FACTOR, "volatility_factor = 2.5\n", "volatility_factor of market 0 is no integer"),
        ("min_size = 10", "min_size = 10\nsymbol = 1", "market 0 has the unknown key symbol"),
        ("min_size = 10", 'min_size = "10"', "min_size of market 0 is no integer"),
        (MARKET, "", "the file has no markets"),
        (MARKET, "[markets]\nmin_size = 1\n", "markets is no array"),
        ("[[markets]]", 4 * MARKET + "[[markets]]", "5 markets do not fit 4 slots"),
        ("min_size = 10", "min_size = 0", "min_size must lie in [1, max_position]"),
        ("maintenance_ppm = 50000", "maintenance_ppm = 100001", "0 < maintenance <= initial"),
        ("max_position = 16777216", f"max_position = {2**28 + 1}", "must not exceed 2^60"),
        ("= 60", "= -1", "oracle_max_age_seconds does not fit 40 bits"),
        ("= 60", f"= {2**40}", "oracle_max_age_seconds does not fit 40 bits"),
        ("taker_ppm = 400", "taker_ppm = -51", "maker_ppm <= taker_ppm"),
        ("maker_ppm = -50", "maker_ppm = -201", "the smallest taker fee must cover the largest rebate"),
        (LIQUIDATION_FEE, "liquidation_fee_ppm = 99\n", "liquidation_fee_ppm must cover the largest rebate"),
        (LIQUIDATION_FEE, f"liquidation_fee_ppm = {2**20}\n", "liquidation_fee_ppm must lie in [0, 2^20)"),
        (INTEREST, "interest_ppm = -1\n", "interest_ppm must lie in [0, 2^14)"),
        (INTEREST, f"interest_ppm = {2**14}\n", "interest_ppm must lie in [0, 2^14)"),
        (LOWER, UPPER.replace("upper", "lower"), "open_interest_lower < open_interest_upper"),
        (LOWER, "open_interest_lower = -1\n", "0 <= open_interest_lower"),
        (UPPER, f"open_interest_upper = {2**40}\n", "open_interest_upper < 2^40"),
        (FACTOR, f"volatility_factor = {2**10}\n", "volatility_factor must lie in [0, 2^10)"),
        (ADDON_MAX, "addon_max_ppm = 900001\n", "addon_max_ppm must lie in [0, maintenance_ppm]"),
        (ADDON_STEP, f"addon_step_ppm = {2**20}\n", "addon_step_ppm must lie in [0, 2^20)"),
        (TIER_PPM, f"tier_ppm = {2**20}\n", "tier_ppm must lie in [0, 2^20)"),
        (TIER_PPM, "tier_ppm = -1\n", "tier_ppm must lie in [0, 2^20)"),
        (CONGESTION, f"congestion_ppm = {2**20}\n", "congestion_ppm must lie in [0, 2^20)"),
        (SETTLE, "settle_seconds = 0\n", "settle_seconds must lie in (0, 2^20)"),
        (SETTLE, f"settle_seconds = {2**20}\n", "settle_seconds must lie in (0, 2^20)"),
        (FLOOR, "insurance_floor = -1\n", "insurance_floor must lie in [0, 2^62)"),
        (FLOOR, f"insurance_floor = {2**62}\n", "insurance_floor must lie in [0, 2^62)"),
    ],
)
def test_a_file_that_says_anything_else_is_refused_by_name(
    file: Path, old: str, new: str, cause: str
) -> None:
    assert old in GOOD
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigurationFileError) as refused:
        read_configuration(file)
    assert cause in refused.value.message
    assert refused.value.message.startswith(f"{file}: ")
    assert refused.value.code == "configuration_file"
    assert exit_code(refused.value) == BAD_INPUT


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationFileError, match="utf-8"):
        read_configuration(file)


def test_a_refused_file_is_told_in_one_line_before_any_node_is_asked(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("")
    nowhere = ("--rpc", "http://127.0.0.1:1", "--rollup", "0x" + 20 * "11")
    with pytest.raises(SystemExit) as stop:
        main(["change", "schedule", str(file), *nowhere])
    assert stop.value.code == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("proofbook: configuration_file: ")
    assert said.err.count("\n") == 1
