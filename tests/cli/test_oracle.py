"""What a signer's operator types: a key, a process that may be killed, a round to look at."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from prover.artifacts import PROJECT_ROOT
from sequencer.chain.child import start, wait_until_said
from sequencer.cli.oracle_config import OracleConfigError, read_config
from sequencer.crypto import public_key
from sequencer.oracle.errors import KeystoreError
from sequencer.oracle.keystore import PASSWORD_VARIABLE, read_keystore, write_keystore
from sequencer.oracle.wire import key_text
from tests.cli.change_files import written
from tests.cli.test_commands import run
from tests.oracle.servers import get, gone, serving
from tests.oracle.venue import TIME, Board, open_signer
from tests.replay.data import BARS
from tests.strategies import DOMAIN, configuration, oracle_secret

DONE, USAGE, BAD_INPUT, ORACLE = 0, 2, 3, 7
FIRST = 1_584_008_280
PASSWORD = "correct horse"
CONFIG = f"""
signer = 2
keystore = "signer.json"
journal = "journal"
listen = "127.0.0.1:0"
period_seconds = 1
domain = "{DOMAIN}"
[[markets]]
tick_size = "0.01"
source = {{ kind = "replay", bars = "{BARS}", minutes = 2, seed = 1 }}
"""


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write_keystore(tmp_path / "signer.json", oracle_secret(2), PASSWORD, iterations=2)
    (tmp_path / "signer.toml").write_text(CONFIG)
    return tmp_path / "signer.toml"


@pytest.fixture
def served() -> Iterator[Callable[[Path], tuple[subprocess.Popen[bytes], str]]]:
    """Start `proofbook oracle serve` on a file."""
    with ExitStack() as stack:

        def serve(config: Path) -> tuple[subprocess.Popen[bytes], str]:
            log = config.with_suffix(".log")
            command = [sys.executable, "-m", "sequencer.cli", "oracle", "serve", "--config", str(config)]
            process = start(command, log, PROJECT_ROOT, os.environ)
            stack.callback(process.wait)
            stack.callback(process.kill)
            said = wait_until_said(process, log, re.compile(r"^Listening on (\S+)$", re.MULTILINE))
            return process, f"http://{said}"

        yield serve


def test_a_key_is_made_once_and_printed_as_a_change_wants_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "signer.json"
    assert run("oracle", "key", path) == DONE
    printed = json.loads(capsys.readouterr().out)
    assert printed == list(key_text(public_key(read_keystore(path, PASSWORD))))
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    assert run("oracle", "key", path) == USAGE
    assert path.read_bytes() == before


def test_a_keystore_opens_with_its_password_only(tmp_path: Path) -> None:
    path = tmp_path / "signer.json"
    write_keystore(path, oracle_secret(0), PASSWORD, iterations=2)
    assert read_keystore(path, PASSWORD) == oracle_secret(0)
    with pytest.raises(KeystoreError):
        read_keystore(path, "wrong")
    path.write_text(path.read_text().replace('"oracle_key"', '"address"'))
    with pytest.raises(KeystoreError):
        read_keystore(path, PASSWORD)


def test_a_killed_signer_stays_with_what_it_gave_out(
    config: Path, served: Callable[[Path], tuple[subprocess.Popen[bytes], str]]
) -> None:
    process, url = served(config)
    first = get(url, f"/v1/reports/{FIRST}").json()
    process.kill()
    process.wait()
    config.write_text(CONFIG.replace("seed = 1", "seed = 2"))

    process, url = served(config)

    assert get(url, f"/v1/reports/{FIRST}").json() == first
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("signer = 2", "signer = 5", "signer: "),
        ("signer = 2", "signer = true", "signer: "),
        ("signer = 2", 'signer = "2"', "signer: "),
        ("period_seconds = 1", "period_seconds = 0", "period_seconds: "),
        ("period_seconds = 1", "", "period_seconds: "),
        ("period_seconds = 1", "period_seconds = 1\nperiod = 1", "period: "),
        (f'domain = "{DOMAIN}"', f"domain = {DOMAIN}", "domain: "),
        (f'"{DOMAIN}"', f'"0x{"f" * 64}"', "domain: "),
        ('"127.0.0.1:0"', '"127.0.0.1"', "listen: "),
        ('"127.0.0.1:0"', '"127.0.0.1:65536"', "listen: "),
        ('"0.01"', "0.01", "tick_size: "),
        ('"0.01"', '"0.00"', "tick_size: "),
        ('"0.01"', '"1e-2"', "tick_size: "),
        ('"replay"', '"oracle"', "source"),
        ("minutes = 2", "minutes = 0", "minutes: "),
        ("seed = 1", "seed = 1, noise = 1", "noise: "),
        ("[[markets]]", "[[market]]", "market"),
        ("signer = 2", "signer =", ""),
    ],
)
def test_a_configuration_is_taken_as_a_whole_or_refused_with_the_key_that_is_wrong(
    config: Path, old: str, new: str, cause: str
) -> None:
    assert old in CONFIG
    config.write_text(CONFIG.replace(old, new))
    with pytest.raises(OracleConfigError, match=f"signer.toml: .*{cause}"):
        read_config(config)


@pytest.mark.parametrize(
    ("old", "new", "code", "cause"),
    [
        ("signer = 2", "signer = 5", BAD_INPUT, "oracle_config"),
        ("minutes = 2", "minutes = 121", BAD_INPUT, "bars"),
        ("signer.json", "signer.toml", BAD_INPUT, "oracle_keystore"),
        ("127.0.0.1:0", "192.0.2.1:80", ORACLE, "oracle_listen"),
    ],
)
def test_a_signer_that_cannot_start_says_why(
    config: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int, cause: str
) -> None:
    config.write_text(CONFIG.replace(old, new))
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert run("oracle", "serve", "--config", config) == code
    signal.signal(signal.SIGTERM, handlers[0])
    signal.signal(signal.SIGINT, handlers[1])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"proofbook: {cause}: ")


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "configuration.toml"
    path.write_text(written(configuration()))
    return path


def test_a_round_is_shown_with_those_who_had_nothing_for_it(
    tmp_path: Path, terms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = gone()
    options = ("--configuration", terms, "--domain", str(DOMAIN), "--time", str(TIME))
    with ExitStack() as stack:
        urls = [
            stack.enter_context(serving(stack.enter_context(open_signer(tmp_path, Board(), index))))
            for index in (0, 2, 4)
        ]
        assert run("oracle", "round", *options, *urls, nobody) == DONE
        shown = capsys.readouterr().out
        assert run("oracle", "round", *options, "--json", *urls, nobody) == DONE
        told = json.loads(capsys.readouterr().out)
    assert [line.split()[:2] for line in shown.splitlines()[1:4]] == [["signer", str(i)] for i in (0, 2, 4)]
    assert f"[!] {nobody}: signer_unreachable" in shown
    assert [report["prices"] for report in told["reports"]] == [["1000", "0", "0", "0"]] * 3
    assert [failure["code"] for failure in told["failures"]] == ["signer_unreachable"]


def test_no_quorum_is_a_failure_of_the_oracle(terms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("oracle", "round", "--configuration", terms, "--domain", str(DOMAIN), gone()) == ORACLE
    assert "oracle_quorum: 0 signers" in capsys.readouterr().err
