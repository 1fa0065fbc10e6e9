"""Any process of the farm may be killed at any time: no job is lost, and no invalid proof is kept."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from prover.farm.job import JobState
from prover.verify import verify_natively
from tests.farm.commitments import SIZE, keys, public
from tests.farm.processes import Site, until

SEED = 20_260_718
KILLS = 10
JOBS = 12
WORKERS = 2


def test_ten_kills_lose_no_job(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with ExitStack() as stack:
        site = Site(stack, tmp_path, attempts_max=100)
        jobs = [site.submit(number) for number in range(JOBS)]
        workers = [site.start_worker("unhurried") for _ in range(WORKERS)]
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 1.5))
            victim = chance.randrange(WORKERS + 1)
            if victim == WORKERS:
                site.kill_server()
                site.start_server()
            else:
                workers[victim].kill()
                workers[victim] = site.start_worker("unhurried")
        site.wait_for(JobState.PROVEN, *jobs)
        for number, job in enumerate(jobs):
            points = site.client.result(job)
            assert points is not None
            assert verify_natively(keys()[SIZE], points, public(number))
            assert all(text.startswith("lease expired") for text in site.evidence(job))
        assert site.client.overview().counts == dict.fromkeys(JobState, 0) | {JobState.PROVEN: JOBS}


def test_a_worker_outlives_the_queue_and_hands_in_its_proof_later(tmp_path: Path) -> None:
    with ExitStack() as stack:
        site = Site(stack, tmp_path, lease_seconds=30)
        job = site.submit(1)
        worker = site.start_worker("patient")
        until(lambda: site.pid_file.exists())
        site.kill_server()
        site.pid_file.with_name("go").touch()
        until(lambda: sum("queue_unreachable" in line for line in worker.said()) >= 2)
        site.start_server()
        site.wait_for(JobState.PROVEN, job)
        view = site.client.view(job)
        assert (view.worker, view.failures) == (worker.name, ())


def test_a_worker_waits_for_a_queue_that_is_not_there_yet(tmp_path: Path) -> None:
    with ExitStack() as stack:
        site = Site(stack, tmp_path)
        job = site.submit(1)
        site.kill_server()
        worker = site.start_worker("honest")
        until(lambda: sum("queue_unreachable" in line for line in worker.said()) >= 2)
        site.start_server()
        site.wait_for(JobState.PROVEN, job)
        site.kill_server()
        assert worker.stop() == 0


def test_a_job_whose_process_was_killed_by_the_system_is_evidence(tmp_path: Path) -> None:
    with ExitStack() as stack:
        site = Site(stack, tmp_path, attempts_max=1)
        job = site.submit(1)
        site.start_worker("killed")
        site.wait_for(JobState.POISONED, job)
        assert "signal SIGKILL" in site.evidence(job)[0]
