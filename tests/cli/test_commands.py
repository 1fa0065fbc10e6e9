"""The command line says what there is; a refusal is one line and an exit code that scripts can tell apart."""

import json
from pathlib import Path

import pytest

from sequencer.cli.exits import EXIT_CODES, exit_code
from sequencer.cli.main import main
from sequencer.replay.terms import PERPETUAL
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from tests.replay.conftest import open_session
from tests.replay.data import BARS

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
    for command in ("circuit", "exit", "ledger", "replay", "verify"):
        (line,) = [line for line in said.splitlines() if line.startswith(f"  {command} ")]
        assert line.endswith(".")
        assert not line.endswith("...")
    for code, meaning in EXIT_CODES.items():
        assert f"{code}  {meaning}" in said


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
    assert [account["account"] for account in shown["accounts"]] == [0]
    assert ledger.markets[0].parameters == PERPETUAL


def test_a_ledger_in_use_is_refused(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    with LedgerStore.open(store):
        assert run("ledger", "show", store) == STORE
    assert "store_locked" in capsys.readouterr().err
