"""Whatever runs the jobs: each is proven, and a crash, a lie or a kill costs an attempt and no more."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from prover.farm.job import JobState
from prover.verify import verify_independently
from tests.farm.commitments import SIZE, keys, public
from tests.farm.processes import ATTEMPTS_MAX, Site, running, until


@pytest.fixture(params=["child", "ray"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack, tmp_path, request.param)


def test_a_job_is_proven_and_the_proof_verifies(site: Site) -> None:
    job = site.submit(1)
    worker = site.start_worker("honest")
    site.wait_for(JobState.PROVEN, job)
    points = site.client.result(job)
    assert points is not None
    assert verify_independently(keys()[SIZE], points, public(1))
    view = site.client.view(job)
    assert view.worker.startswith(worker.name)
    assert view.failures == ()


def test_the_job_of_a_killed_worker_is_done_by_another(site: Site) -> None:
    job = site.submit(0)
    worker = site.start_worker("slow")
    site.wait_for_progress(job, "slow proof")
    worker.kill()
    site.start_worker("honest")
    site.wait_for(JobState.PROVEN, job)
    assert site.evidence(job) == [f"lease expired; the worker last said: slow proof of {SIZE}"]
    until(lambda: not running(int(site.pid_file.read_text())))


def test_a_crash_of_native_code_is_evidence_and_the_worker_lives_on(site: Site) -> None:
    job = site.submit(1)
    worker = site.start_worker("crashing_once")
    site.wait_for(JobState.PROVEN, job)
    (evidence,) = site.evidence(job)
    assert "the prover's process ended" in evidence
    assert site.client.view(job).worker.startswith(worker.name)


def test_an_invalid_proof_is_refused_and_the_job_is_done_again(site: Site) -> None:
    job = site.submit(1)
    site.start_worker("lying_once")
    site.wait_for(JobState.PROVEN, job)
    assert site.evidence(job) == ["invalid proof"]
    points = site.client.result(job)
    assert points is not None
    assert verify_independently(keys()[SIZE], points, public(1))


def test_a_job_that_always_fails_is_set_aside_with_what_each_attempt_said(site: Site) -> None:
    job = site.submit(1)
    site.start_worker("refusing")
    site.start_worker("refusing")
    site.wait_for(JobState.POISONED, job)
    evidence = site.evidence(job)
    assert len(evidence) == ATTEMPTS_MAX
    assert all("constraint 7 is broken" in text for text in evidence)
    assert site.client.result(job) is None


def test_the_higher_priority_is_proven_first(site: Site) -> None:
    jobs = [site.submit(number, priority) for number, priority in ((1, 0), (2, 9), (3, 4))]
    worker = site.start_worker("honest")
    site.wait_for(JobState.PROVEN, *jobs)
    until(lambda: sum("proven" in line for line in worker.said()) == 3)
    order = [line.split(":")[0] for line in worker.said() if "proven" in line]
    assert order == [jobs[number][: len(order[0])] for number in (1, 2, 0)]


def test_a_cancelled_job_is_stopped_and_its_place_is_free(site: Site) -> None:
    job = site.submit(0)
    worker = site.start_worker("slow")
    site.wait_for_progress(job, "slow proof")
    pid = int(site.pid_file.read_text())
    assert running(pid)
    site.client.cancel(job)
    other = site.submit(1)
    site.wait_for(JobState.PROVEN, other)
    until(lambda: not running(pid))
    assert any("dropped" in line for line in worker.said())
    assert site.client.view(job).state is JobState.CANCELLED


def test_a_worker_that_is_told_to_stop_gives_its_job_back(site: Site) -> None:
    job = site.submit(0)
    worker = site.start_worker("slow")
    site.wait_for_progress(job, "slow proof")
    assert worker.stop() == 0
    view = site.client.view(job)
    assert (view.state, view.attempts, view.failures) == (JobState.QUEUED, 0, ())
    until(lambda: not running(int(site.pid_file.read_text())))
