"""A worker beside its queue: what an attempt may do to it, and what it does about it."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prover.farm.child import ChildEngine
from prover.farm.client import FarmClient
from prover.farm.errors import UnauthorizedError
from prover.farm.job import JobState
from prover.farm.queue import JobQueue
from prover.farm.worker import Worker
from tests.farm.commitments import SIZE, line
from tests.farm.processes import running, until
from tests.farm.provers import ONCE_VARIABLE, PID_VARIABLE, named
from tests.farm.servers import serving


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PID_VARIABLE, str(tmp_path / "pid"))
    monkeypatch.setenv(ONCE_VARIABLE, str(tmp_path / "once"))


@contextmanager
def working(queue: JobQueue, function: str, job_seconds_max: int = 600) -> Iterator[list[str]]:
    """A worker in a thread, and what it says."""
    said: list[str] = []
    worker = Worker(queue, ChildEngine(named(function)), "w1", [SIZE], said.append, job_seconds_max)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield said
    finally:
        worker.stop()
        thread.join()


def test_a_worker_may_stand_beside_its_queue(queue: JobQueue) -> None:
    job = queue.submit(SIZE, line(1), 0)
    with working(queue, "honest") as said:
        until(lambda: queue.result(job) is not None)
        until(lambda: len(said) == 2)
    assert said[0] == f"{job[:19]}: started"
    assert said[1].startswith(f"{job[:19]}: proven in ")


def test_what_a_library_prints_is_not_taken_for_a_proof(queue: JobQueue) -> None:
    job = queue.submit(SIZE, line(1), 0)
    with working(queue, "chatting"):
        until(lambda: queue.result(job) is not None)
    assert queue.view(job).failures == ()


def test_an_attempt_that_takes_too_long_is_ended_and_has_failed(queue: JobQueue, tmp_path: Path) -> None:
    job = queue.submit(SIZE, line(0), 0)
    with working(queue, "slow", job_seconds_max=5):
        until(lambda: queue.view(job).failures != ())
    assert queue.view(job).failures[0].evidence.startswith("no proof within 5 seconds\nit was at: ")
    pid = tmp_path / "pid"
    assert not pid.exists() or not running(int(pid.read_text()))


def test_evidence_has_the_cause_where_it_was_and_what_was_printed(queue: JobQueue) -> None:
    job = queue.submit(SIZE, line(1), 0)
    with working(queue, "crashing"):
        until(lambda: queue.view(job).failures != ())
    evidence = queue.view(job).failures[0].evidence
    assert "ended with signal SIGSEGV and no proof" in evidence
    assert f"it was at: proof of {SIZE}" in evidence
    assert "about to crash" in evidence


def test_a_machine_on_which_nothing_can_run_says_so(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = queue.submit(SIZE, line(1), 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with working(queue, "honest"):
        until(lambda: queue.view(job).failures != ())
    assert "cannot run here" in queue.view(job).failures[0].evidence
    assert queue.view(job).state is JobState.QUEUED


def test_a_worker_that_the_queue_does_not_know_ends(queue: JobQueue) -> None:
    with serving(queue, "t" * 40) as url, pytest.raises(UnauthorizedError):
        Worker(FarmClient(url, "w" * 40), ChildEngine(named("honest")), "w1", [SIZE], print).run()
