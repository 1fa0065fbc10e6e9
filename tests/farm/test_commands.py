"""What the operator of a farm types: a queue to run, workers for it, a look at it, a job to end."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from prover.artifacts import PROJECT_ROOT
from prover.farm.errors import (
    QueueListenError,
    QueueTokenError,
    QueueUnreachableError,
    UnauthorizedError,
    UnknownJobError,
)
from prover.farm.job import JobState, draw_token
from prover.farm.queue import JobQueue
from sequencer.cli.prove import prove
from tests.farm.commitments import SIZE, line, proof
from tests.farm.conftest import Clock
from tests.farm.servers import serving
from tests.oracle.servers import gone

TOKEN = "s" * 40


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture
def options(queue: JobQueue, token_file: Path) -> Iterator[list[str]]:
    with serving(queue, TOKEN) as url:
        yield ["--queue", url, "--token-file", str(token_file)]


def run(*arguments: object) -> None:
    prove.main([str(argument) for argument in arguments], standalone_mode=False)


def test_the_group_names_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    said = capsys.readouterr().out
    for command in ("cancel", "pool", "retry", "serve", "show", "status", "work"):
        assert re.search(rf"^  {command}  +[A-Z].+", said, re.MULTILINE), command


def test_an_empty_queue_shows_its_counts_alone(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run("status", *options)
    assert capsys.readouterr().out == "0 queued, 0 leased, 0 proven, 0 poisoned, 0 cancelled\n"


def test_the_status_is_a_table_and_a_line_of_counts(
    options: list[str], queue: JobQueue, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [queue.submit(SIZE, line(number), 9 - number) for number in range(3)]
    done, running = draw_token(), draw_token()
    queue.lease("w1", [SIZE], done)
    queue.complete(done, proof(0))
    queue.lease("w2", [SIZE], running)
    clock.now += 3_700
    queue.heartbeat(running, "witness of batch-small")
    clock.now += 5
    run("status", *options)
    assert [re.split("  +", row) for row in capsys.readouterr().out.splitlines()] == [
        ["STATE", "JOB", "SIZE", "PRIORITY", "ATTEMPTS", "WORKER", "AGE", "PROGRESS"],
        ["leased", jobs[1][:19], SIZE, "8", "0", "w2", "1h01m", "witness of batch-small"],
        ["queued", jobs[2][:19], SIZE, "7", "0", "-", "1h01m", "-"],
        ["proven", jobs[0][:19], SIZE, "9", "0", "w1", "1h01m", "-"],
        ["1 queued, 1 leased, 1 proven, 0 poisoned, 0 cancelled"],
    ]


def test_a_poisoned_job_shows_the_evidence_and_is_tried_again(
    options: list[str], queue: JobQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    job = queue.submit(SIZE, line(1), 0)
    for number in range(3):
        token = draw_token()
        queue.lease(f"w{number}", [SIZE], token)
        queue.fail(token, f"cause {number}\nand where")
    run("show", job[:15], *options)
    said = capsys.readouterr().out
    assert said.startswith(
        f"{job}\npoisoned, priority 0, 3 attempts failed\nsubmitted 2023-11-14 22:13:20 UTC"
    )
    for number in range(3):
        assert f" w{number}\n  cause {number}\n  and where\n" in said
    run("retry", job[:15], *options)
    assert capsys.readouterr().out == f"{job[:19]}: queued\n"


def test_a_job_is_cancelled_by_the_beginning_of_its_id(
    options: list[str], queue: JobQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [queue.submit(SIZE, line(number), 0) for number in range(2)]
    with pytest.raises(click.UsageError, match="2 jobs begin with"):
        run("cancel", SIZE, *options)
    with pytest.raises(UnknownJobError):
        run("cancel", "small-00", *options)
    run("cancel", jobs[1][:19], *options)
    assert capsys.readouterr().out == f"{jobs[1][:19]}: cancelled\n"
    assert queue.view(jobs[0]).state is JobState.QUEUED


def test_a_wrong_token_and_a_queue_that_is_gone_are_told_apart(options: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("o" * 40)
    with pytest.raises(UnauthorizedError):
        run("status", *options[:3], other)
    with pytest.raises(QueueUnreachableError):
        run("status", "--queue", gone(), *options[2:])


@pytest.mark.parametrize("text", ["", "short", "a" * 201, "two words that are long enough to be one"])
def test_a_file_without_a_token_is_refused(token_file: Path, text: str) -> None:
    token_file.write_text(text)
    with pytest.raises(QueueTokenError, match=str(token_file)):
        run("status", "--queue", gone(), "--token-file", token_file)


@pytest.mark.parametrize("address", ["", "8700", "host:", ":8700", "host:x", "host:65536"])
def test_what_is_no_address_to_listen_at_is_wrong_usage(
    tmp_path: Path, token_file: Path, address: str
) -> None:
    with pytest.raises(click.BadParameter, match="HOST:PORT"):
        run("serve", "--jobs", tmp_path / "jobs", "--token-file", token_file, "--listen", address)


def test_an_address_that_is_taken_is_named(
    options: list[str], tmp_path: Path, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    taken = options[1].removeprefix("http://")
    with pytest.raises(QueueListenError, match=taken):
        run("serve", "--jobs", tmp_path / "jobs", "--token-file", token_file, "--listen", taken)


def test_a_cluster_without_room_for_a_job_is_refused(options: list[str]) -> None:
    said = refused_pool(*options, "--ray", "local", "--processors", "10000")
    assert "no machine has 10000 processors" in said


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "127.0.0.1:99999"])
def test_a_cluster_that_is_not_there_is_named(options: list[str], address: str) -> None:
    assert f"ray_cluster: {address}: " in refused_pool(*options, "--ray", address)


def refused_pool(*options: str) -> str:
    """What a pool says that does not start; Ray is once for all in a process."""
    code = "from sequencer.cli.prove import prove; prove()"
    command = [sys.executable, "-c", code, "pool", "--places", "1", *options]
    ended = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    return ended.stderr
