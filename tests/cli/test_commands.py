"""The command line says what there is; a refusal is one line and an exit code that scripts can tell apart."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.cli.exits import BY_CLASS, EXIT_CODES, exit_code
from sequencer.cli.main import main
from sequencer.model.codes import MarketStatus
from sequencer.model.constants import SETTLED_SINCE
from sequencer.model.premium import NO_PREMIUMS, Premium
from sequencer.model.venue import Venue
from sequencer.replay.terms import PERPETUAL
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchLife, Inclusion, SignedTransaction
from sequencer.store.returned import Refusal
from tests.replay.conftest import open_session
from tests.replay.data import BARS
from tests.store.exchange import start as trading_start
from tests.store.exchange import trading

SENT = SignedTransaction(b"raw", b"t" * 32, nonce=1, max_fee=3, priority_fee=2, height=70)
DONE, USAGE, BAD_INPUT, PROVER, STORE = 0, 2, 3, 4, 6


@pytest.fixture
def ledger() -> Ledger:
    return open_session(seed=1).ledger


@pytest.fixture
def store(tmp_path: Path, ledger: Ledger) -> Path:
    LedgerStore.create(tmp_path / "ledger", ledger).close()
    return tmp_path / "ledger"


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def test_help_lists_each_command_with_a_sentence_and_the_exit_codes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--help") == DONE
    said = capsys.readouterr().out
    for command in (
        "account",
        "backtest",
        "book",
        "change",
        "circuit",
        "devnet",
        "exit",
        "ledger",
        "oracle",
        "prove",
        "replay",
        "request",
        "serve",
        "trade",
        "verify",
    ):
        (line,) = [line for line in said.splitlines() if line.startswith(f"  {command} ")]
        assert line.endswith(".")
        assert not line.endswith("...")
    for code, meaning in EXIT_CODES.items():
        assert f"{code}  {meaning}" in said


def test_each_kind_of_failure_that_has_an_exit_code_exists() -> None:
    for name, code in BY_CLASS.items():
        module, _, kind = name.rpartition(".")
        error = getattr(import_module(module), kind)
        assert issubclass(error, Exception)
        assert exit_code(error.__new__(error)) == code
        assert code in EXIT_CODES


def test_wrong_usage_exits_with_its_code() -> None:
    assert run("replay") == USAGE
    assert run("replay", BARS, "--minutes", "0") == USAGE
    assert run("replay", BARS, "--prover", "abacus") == USAGE
    assert run("no-such-command") == USAGE


@pytest.mark.parametrize(
    ("arguments", "code", "cause"),
    [
        (("replay", "absent.csv"), BAD_INPUT, "bars: absent.csv cannot be read"),
        (("replay", BARS, "--minutes", "121"), BAD_INPUT, "has 120 bars, fewer than the 121"),
        (("replay", BARS, "--size", "huge"), PROVER, "there is no batch size 'huge'"),
        (("circuit", "info", "--size", "huge"), PROVER, "unknown_size"),
        (("ledger", "show", "absent"), STORE, "store_missing: absent is no store"),
    ],
)
def test_a_refusal_is_one_line_with_cause_and_cure(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, cause: str
) -> None:
    assert run(*arguments) == code
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith("proofbook: ")
    assert cause in line
    assert "; " in line
    assert said.out == ""


def test_a_file_that_cannot_be_written_is_bad_input() -> None:
    assert exit_code(PermissionError(13, "Permission denied", "report.html")) == BAD_INPUT


def test_a_ledger_is_shown_to_people(capsys: pytest.CaptureFixture[str], store: Path, ledger: Ledger) -> None:
    assert run("ledger", "show", store) == DONE
    said = capsys.readouterr().out
    assert f"{ledger.roots().state:#066x}" in said
    assert "batch_number       0" in said


def test_a_ledger_is_shown_to_programs(
    capsys: pytest.CaptureFixture[str], store: Path, ledger: Ledger
) -> None:
    assert run("ledger", "show", store, "--json") == DONE
    shown = json.loads(capsys.readouterr().out)
    assert int(shown["roots"]["state"], 16) == ledger.roots().state
    assert shown["counters"]["batch_number"] == 0
    assert shown["counters"]["funding_pool"] == shown["counters"]["period"] == 0
    (market,) = shown["markets"]
    assert (market["market"], market["status"], market["rate_ppm"]) == (0, "open", 0)
    assert [(account["account"], account["indices"]) for account in shown["accounts"]] == [(0, [0, 0, 0, 0])]
    assert ledger.markets[0].parameters == PERPETUAL


def test_the_state_of_each_market_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ledger = open_session(seed=1).ledger
    market = replace(
        ledger.markets[0],
        status=MarketStatus.REDUCE_ONLY,
        mark=600_000,
        open_interest=70,
        volatility_ppm=2_800,
        volatility_addon_ppm=20_000,
        open_interest_addon_ppm=1,
        congestion_addon_ppm=30_000,
        tier_ppm=80_000,
        fund_since=1_584_000_000,
    )
    ledger.markets = (market, *ledger.markets[1:])
    premiums = (Premium(excess=-5, weight=9, rate_ppm=-300), *NO_PREMIUMS[1:])
    ledger.counters = replace(ledger.counters, premiums=premiums, period=55_000)
    LedgerStore.create(tmp_path / "ledger", ledger).close()
    assert run("ledger", "show", tmp_path / "ledger") == DONE
    lines = capsys.readouterr().out.splitlines()
    heading = next(number for number, line in enumerate(lines) if line.split()[:2] == ["market", "status"])
    assert " ".join(lines[heading + 1].split()) == (
        "0 reduce_only 600000 70 -300 ppm 150001 ppm 70000 ppm 2800 ppm 30000 ppm 80000 ppm 1584000000"
    )
    assert lines[heading + 2] == ""
    assert run("ledger", "show", tmp_path / "ledger", "--json") == DONE
    (shown,) = json.loads(capsys.readouterr().out)["markets"]
    assert [shown[key] for key in ("status", "excess", "weight", "rate_ppm")] == ["reduce_only", -5, 9, -300]
    assert [shown[key] for key in ("initial_ppm", "maintenance_ppm", "volatility_ppm")] == [
        *(150_001, 70_000, 2_800)
    ]
    assert [
        shown[f"{of}_ppm"] for of in ("volatility_addon", "open_interest_addon", "congestion_addon", "tier")
    ] == [20_000, 1, 30_000, 80_000]
    assert (shown["settled"], shown["fund_since"]) == (False, 1_584_000_000)


def shown_lines(capsys: pytest.CaptureFixture[str], path: Path) -> list[str]:
    """What a ledger's holder is shown, with one blank between words."""
    assert run("ledger", "show", path) == DONE
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("status", [MarketStatus.SETTLED, MarketStatus.HALTED])
def test_a_settled_market_is_shown_as_such(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, ledger: Ledger, status: MarketStatus
) -> None:
    market = replace(ledger.markets[0], status=status, fund_since=SETTLED_SINCE)
    ledger.markets = (market, *ledger.markets[1:])
    LedgerStore.create(tmp_path / "ledger", ledger).close()
    (line,) = [line for line in shown_lines(capsys, tmp_path / "ledger") if line.startswith("0 ")][:1]
    assert line == f"0 {status.name.lower()} 0 0 0 ppm 1 ppm 1 ppm 0 ppm 0 ppm 0 ppm settled"
    assert run("ledger", "show", tmp_path / "ledger", "--json") == DONE
    (shown,) = json.loads(capsys.readouterr().out)["markets"]
    assert (shown["settled"], shown["fund_since"]) == (True, SETTLED_SINCE)


def test_nothing_is_restricted_at_first(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    lines = shown_lines(capsys, store)
    for line in (
        "congested until 0",
        "restricted markets none",
        "restricted until 0",
        "insurance fund at its floor of 0",
    ):
        assert line in lines
    assert run("ledger", "show", store, "--json") == DONE
    told = json.loads(capsys.readouterr().out)
    assert "venue" not in told["counters"]
    assert told["venue"] == {
        "congested_until": 0,
        "restricted_markets": [],
        "restricted_until": 0,
        "uninsured": False,
        "insurance_floor": 0,
    }


def test_what_l1_restricts_and_a_fund_below_its_floor_are_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, ledger: Ledger
) -> None:
    ledger.configuration = replace(ledger.configuration, insurance_floor=9_000_000)
    configuration_hash = ledger.configuration.hash()
    venue = Venue(1_584_009_000, restricted_markets=0b1001, restricted_until=1_584_010_000, uninsured=True)
    ledger.counters = replace(ledger.counters, venue=venue, configuration_hash=configuration_hash)
    LedgerStore.create(tmp_path / "ledger", ledger).close()
    lines = shown_lines(capsys, tmp_path / "ledger")
    for line in (
        "congested until 1584009000",
        "restricted markets 0, 3",
        "restricted until 1584010000",
        "insurance fund below its floor of 9000000",
    ):
        assert line in lines
    assert run("ledger", "show", tmp_path / "ledger", "--json") == DONE
    assert json.loads(capsys.readouterr().out)["venue"] == {
        "congested_until": 1_584_009_000,
        "restricted_markets": [0, 3],
        "restricted_until": 1_584_010_000,
        "uninsured": True,
        "insurance_floor": 9_000_000,
    }


@pytest.fixture
def undone(tmp_path: Path) -> Path:
    """Six batches, of which the last four were undone; one was built again, and one message refused."""
    path = tmp_path / "undone"
    with LedgerStore.create(path, trading_start()) as store:
        sealed = [batch for batch, _ in trading(6)]
        for batch in sealed:
            store.commit(batch.change, batch.record())
        mined = BatchLife(1).submitted(SENT).mined(Inclusion(SENT.hash, b"b" * 32, 77, 300_000))
        store.outbox.put(mined)
        store.outbox.put(BatchLife(2).submitted(SENT))
        store.rollback(2)
        refusal = Refusal(store.returned.waiting()[-1], "unknown_account")
        store.commit(sealed[2].change, sealed[2].record(), [refusal])
    return path


def test_the_life_of_each_batch_is_listed_for_people(
    capsys: pytest.CaptureFixture[str], undone: Path
) -> None:
    assert run("ledger", "batches", undone) == DONE
    heading, mined, submitted, sequenced, *rest = capsys.readouterr().out.splitlines()
    assert heading.split() == ["batch", "state", "transaction", "block", "gas"]
    assert mined.split() == ["1", "mined", f"0x{SENT.hash.hex()}", "77", "300000"]
    assert submitted.split() == ["2", "submitted", f"0x{SENT.hash.hex()}", "-", "-"]
    assert sequenced.split() == ["3", "sequenced", "-", "-", "-"]
    assert "wait to be sequenced again" in rest[0]
    assert rest[1].endswith("unknown_account")


def test_the_life_of_each_batch_is_listed_for_programs(
    capsys: pytest.CaptureFixture[str], undone: Path
) -> None:
    assert run("ledger", "batches", undone, "--json") == DONE
    listed = json.loads(capsys.readouterr().out)
    assert [batch["state"] for batch in listed["batches"]] == ["mined", "submitted", "sequenced"]
    assert [batch["transactions"] for batch in listed["batches"]] == [1, 1, 0]
    assert listed["returned"] > 0
    (refusal,) = listed["refused"]
    assert refusal["cause"] == "unknown_account"


def test_a_ledger_in_use_is_refused(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    with LedgerStore.open(store):
        assert run("ledger", "show", store) == STORE
    assert "store_locked" in capsys.readouterr().err
