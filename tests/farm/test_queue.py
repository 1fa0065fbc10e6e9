"""A job is proven once, by whoever lives to do it, and nothing but a proof that verifies is taken for one."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from prover.errors import InvalidProofError, UnknownSizeError
from prover.farm import queue as queue_module
from prover.farm.database import FILE_NAME
from prover.farm.errors import (
    ForeignQueueError,
    JobInputsError,
    LeaseLostError,
    PriorityError,
    QueueFullError,
    QueueUnavailableError,
    UnknownJobError,
)
from prover.farm.inputs import decoded, encoded
from prover.farm.job import EVIDENCE_CHARACTERS_MAX, JobState, Lease, draw_token
from prover.farm.queue import ATTEMPTS_MAX, JobQueue
from prover.proof import Points
from prover.verify import verify_independently
from prover.witness import Inputs
from sequencer.model.constants import FIELD_MODULUS
from tests.farm.commitments import SIZE, keys, line, proof, public
from tests.farm.conftest import LEASE_SECONDS, START, Clock, open_queue

WRONG_PROOFS: dict[str, Callable[[Points], Points]] = {
    "of another job": lambda _: proof(2),
    "off the curve": lambda points: replace(points, a=(points.a[0], points.a[1] + 1)),
    "of zeros": lambda _: Points((0, 0), ((0, 0), (0, 0)), (0, 0)),
    "beyond the field": lambda points: replace(points, a=(points.a[0], 10**78 - 1)),
    "negative": lambda points: replace(points, c=(points.c[0], -points.c[1])),
}


def submit(queue: JobQueue, number: int = 1, priority: int = 0) -> str:
    return queue.submit(SIZE, line(number), priority)


def lease(queue: JobQueue, worker: str = "w1") -> Lease:
    leased = queue.lease(worker, [SIZE], draw_token())
    assert leased is not None
    return leased


def fail_all(queue: JobQueue, attempts: int = ATTEMPTS_MAX) -> None:
    for number in range(attempts):
        queue.fail(lease(queue, f"w{number}").token, f"evidence {number}")


def test_a_proven_job_has_its_proof(queue: JobQueue) -> None:
    job = submit(queue)
    assert queue.result(job) is None
    leased = lease(queue)
    assert (leased.job.id, leased.job.size, leased.seconds) == (job, SIZE, LEASE_SECONDS)
    assert decoded(leased.job.inputs) == line(1)
    queue.complete(leased.token, proof(1))
    points = queue.result(job)
    assert points is not None
    assert verify_independently(keys()[SIZE], points, public(1))
    view = queue.view(job)
    assert (view.state, view.worker, view.attempts) == (JobState.PROVEN, "w1", 0)
    assert queue.lease("w2", [SIZE], draw_token()) is None


def test_the_same_inputs_are_one_job_in_whatever_order_they_are_written(queue: JobQueue) -> None:
    backwards = dict(reversed(list(line(1).items())))
    assert submit(queue) == queue.submit(SIZE, backwards, 0) == submit(queue)
    assert submit(queue, 2) != submit(queue)
    assert queue.overview(10).counts[JobState.QUEUED] == 2


def test_a_job_that_is_proven_is_not_proven_again(queue: JobQueue) -> None:
    job = submit(queue)
    queue.complete(lease(queue).token, proof(1))
    assert submit(queue) == job
    assert queue.view(job).state is JobState.PROVEN
    assert queue.result(job) is not None


def test_the_higher_priority_goes_first_then_the_older(queue: JobQueue) -> None:
    jobs = [submit(queue, number, priority) for number, priority in enumerate((0, 5, 0, 5))]
    assert [view.id for view in queue.overview(10).jobs] == [jobs[1], jobs[3], jobs[0], jobs[2]]
    assert [lease(queue).job.id for _ in jobs] == [jobs[1], jobs[3], jobs[0], jobs[2]]


def test_a_job_submitted_again_keeps_the_higher_priority(queue: JobQueue) -> None:
    submit(queue, 1, 1)
    job = submit(queue, 2, 0)
    submit(queue, 2, 7)
    submit(queue, 2, 3)
    assert queue.view(job).priority == 7
    assert lease(queue).job.id == job


def test_a_worker_is_given_only_the_sizes_that_it_proves(queue: JobQueue) -> None:
    submit(queue)
    assert queue.lease("w1", ["another"], draw_token()) is None
    assert queue.lease("w1", [], draw_token()) is None
    assert queue.lease("w1", ["another", SIZE], draw_token()) is not None


def test_a_lease_whose_answer_was_lost_is_given_again(queue: JobQueue) -> None:
    submit(queue, 1)
    submit(queue, 2)
    token = draw_token()
    assert queue.lease("w1", [SIZE], token) == queue.lease("w1", [SIZE], token)
    assert queue.overview(10).counts[JobState.LEASED] == 1


def test_a_job_is_leased_to_one_worker_at_a_time(queue: JobQueue) -> None:
    jobs = {submit(queue, number) for number in range(20)}
    leased: list[str] = []

    def work() -> None:
        while lease := queue.lease("w", [SIZE], draw_token()):
            leased.append(lease.job.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leased) == 20
    assert set(leased) == jobs


def test_a_heartbeat_keeps_the_lease_and_tells_how_far_the_job_is(queue: JobQueue, clock: Clock) -> None:
    job = submit(queue)
    token = lease(queue).token
    for beat in range(1, 5):
        clock.now += LEASE_SECONDS
        assert queue.heartbeat(token, f"step {beat}") == clock.now + LEASE_SECONDS
        assert queue.overview(10).jobs[0].progress == f"step {beat}"
    assert queue.view(job).state is JobState.LEASED


def test_a_silent_worker_loses_the_job_to_another_and_it_counts(queue: JobQueue, clock: Clock) -> None:
    job = submit(queue)
    silent = lease(queue, "dead").token
    queue.heartbeat(silent, "witness")
    clock.now += LEASE_SECONDS
    assert queue.lease("w2", [SIZE], draw_token()) is None
    clock.now += 1
    second = lease(queue, "w2")
    assert second.job.id == job
    (failure,) = queue.view(job).failures
    assert (failure.worker, failure.at) == ("dead", clock.now)
    assert failure.evidence == "lease expired; the worker last said: witness"
    with pytest.raises(LeaseLostError):
        queue.heartbeat(silent, "proof")
    with pytest.raises(LeaseLostError):
        queue.complete(silent, proof(1))
    queue.complete(second.token, proof(1))


def test_an_expired_lease_is_seen_by_who_looks_at_the_queue(queue: JobQueue, clock: Clock) -> None:
    jobs = [submit(queue, number) for number in range(2)]
    lease(queue)
    lease(queue)
    clock.now += LEASE_SECONDS + 1
    assert queue.view(jobs[0]).state is JobState.QUEUED
    assert queue.overview(10).counts[JobState.QUEUED] == 2


@pytest.mark.parametrize("wrong", WRONG_PROOFS)
def test_a_proof_that_does_not_verify_is_refused_and_the_job_is_proven_again(
    queue: JobQueue, wrong: str
) -> None:
    job = submit(queue)
    token = lease(queue, "liar").token
    with pytest.raises(InvalidProofError, match=job):
        queue.complete(token, WRONG_PROOFS[wrong](proof(1)))
    assert queue.result(job) is None
    view = queue.view(job)
    assert (view.state, view.attempts) == (JobState.QUEUED, 1)
    assert [(failure.worker, failure.evidence) for failure in view.failures] == [("liar", "invalid proof")]
    queue.complete(lease(queue, "w2").token, proof(1))
    assert queue.result(job) is not None


def test_a_job_that_fails_too_often_is_set_aside_with_all_evidence(queue: JobQueue) -> None:
    job = submit(queue)
    fail_all(queue)
    view = queue.view(job)
    assert (view.state, view.attempts) == (JobState.POISONED, ATTEMPTS_MAX)
    assert [failure.evidence for failure in view.failures] == ["evidence 0", "evidence 1", "evidence 2"]
    assert queue.lease("w9", [SIZE], draw_token()) is None
    assert submit(queue) == job
    assert queue.view(job).state is JobState.POISONED


def test_an_operator_lets_a_poisoned_job_be_tried_again(queue: JobQueue) -> None:
    job = submit(queue)
    fail_all(queue)
    queue.retry(job)
    view = queue.view(job)
    assert (view.state, view.attempts, len(view.failures)) == (JobState.QUEUED, 0, ATTEMPTS_MAX)
    queue.complete(lease(queue, "w9").token, proof(1))
    queue.retry(job)
    assert queue.view(job).state is JobState.PROVEN


def test_a_worker_that_failed_a_job_leaves_it_to_others_for_a_while(queue: JobQueue, clock: Clock) -> None:
    first, second = submit(queue, 1), submit(queue, 2)
    queue.fail(lease(queue, "broken").token, "no disk")
    assert lease(queue, "broken").job.id == second
    assert queue.lease("broken", [SIZE], draw_token()) is None
    clock.now += LEASE_SECONDS - 1
    assert queue.lease("broken", [SIZE], draw_token()) is None
    clock.now += 1
    assert lease(queue, "broken").job.id == first


def test_a_job_given_back_has_not_failed(queue: JobQueue) -> None:
    job = submit(queue)
    token = lease(queue).token
    queue.release(token)
    view = queue.view(job)
    assert (view.state, view.attempts, view.failures, view.worker) == (JobState.QUEUED, 0, (), "")
    with pytest.raises(LeaseLostError):
        queue.release(token)
    assert lease(queue).job.id == job


def test_a_cancelled_job_is_taken_from_its_worker(queue: JobQueue) -> None:
    job = submit(queue)
    token = lease(queue).token
    queue.cancel(job)
    with pytest.raises(LeaseLostError):
        queue.heartbeat(token, "proof")
    with pytest.raises(LeaseLostError):
        queue.complete(token, proof(1))
    assert queue.view(job).state is JobState.CANCELLED
    assert queue.lease("w2", [SIZE], draw_token()) is None


def test_a_cancelled_job_that_is_submitted_again_begins_anew(queue: JobQueue) -> None:
    job = submit(queue, 1, 9)
    fail_all(queue)
    queue.cancel(job)
    queue.cancel(job)
    assert submit(queue, 1, 2) == job
    view = queue.view(job)
    assert (view.state, view.attempts, view.priority) == (JobState.QUEUED, 0, 2)
    queue.complete(lease(queue, "w9").token, proof(1))
    assert queue.result(job) is not None


def test_a_proven_job_stays_proven_when_it_is_cancelled(queue: JobQueue) -> None:
    job = submit(queue)
    queue.complete(lease(queue).token, proof(1))
    queue.cancel(job)
    assert queue.result(job) is not None


def test_a_proof_handed_in_twice_is_taken_once(queue: JobQueue) -> None:
    job = submit(queue)
    token = lease(queue).token
    queue.complete(token, proof(1))
    accepted = queue.result(job)
    queue.complete(token, proof(1))
    assert queue.result(job) == accepted
    with pytest.raises(LeaseLostError):
        queue.fail(token, "late")
    with pytest.raises(LeaseLostError):
        queue.release(token)
    with pytest.raises(LeaseLostError, match="done"):
        queue.lease("w1", [SIZE], token)


def test_all_is_there_when_the_queue_is_opened_again(tmp_path: Path, clock: Clock) -> None:
    with open_queue(tmp_path, clock) as queue:
        proven, running, waiting = (submit(queue, number) for number in range(3))
        queue.complete(lease(queue).token, proof(0))
        token = lease(queue).token
        before = queue.overview(10)
    with open_queue(tmp_path, clock) as queue:
        assert queue.overview(10) == before
        assert queue.result(proven) is not None
        queue.complete(token, proof(1))
        assert queue.result(running) is not None
        assert lease(queue).job.id == waiting


def test_no_worker_loses_a_lease_because_the_queue_was_down(tmp_path: Path, clock: Clock) -> None:
    with open_queue(tmp_path, clock) as queue:
        submit(queue)
        token = lease(queue).token
    clock.now += 10 * LEASE_SECONDS
    with open_queue(tmp_path, clock) as queue:
        clock.now += LEASE_SECONDS
        assert queue.lease("w2", [SIZE], draw_token()) is None
        queue.complete(token, proof(1))


def test_two_processes_may_have_the_queue_open(tmp_path: Path, clock: Clock) -> None:
    with open_queue(tmp_path, clock) as one, open_queue(tmp_path, clock) as other:
        job = submit(one)
        token = lease(other).token
        one.complete(token, proof(1))
        assert other.result(job) == one.result(job) is not None


def test_the_overview_shows_what_runs_then_what_waits_then_what_is_over(queue: JobQueue) -> None:
    proven, poisoned, cancelled, running, waiting = (submit(queue, number, 9 - number) for number in range(5))
    queue.complete(lease(queue).token, proof(0))
    fail_all(queue)
    queue.cancel(cancelled)
    assert lease(queue, "w7").job.id == running
    overview = queue.overview(10)
    assert overview.now == START
    assert [view.id for view in overview.jobs] == [running, waiting, poisoned, cancelled, proven]
    assert overview.counts == dict.fromkeys(JobState, 1)
    assert [view.id for view in queue.overview(2).jobs] == [running, waiting]


def test_what_a_worker_says_is_bounded_and_can_be_printed(queue: JobQueue) -> None:
    job = submit(queue)
    leased = queue.lease("\x1b[31mw\n" * 100, [SIZE], draw_token())
    assert leased is not None
    queue.heartbeat(leased.token, "\x07" * 1_000)
    queue.fail(leased.token, "a\n\x1b[2J" + "x" * 2 * EVIDENCE_CHARACTERS_MAX)
    (failure,) = queue.view(job).failures
    assert failure.evidence.startswith("a\n?[2Jx")
    assert len(failure.evidence) == EVIDENCE_CHARACTERS_MAX
    assert "\x1b" not in failure.worker
    assert len(failure.worker) <= 100


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"c": FIELD_MODULUS}, "'c'"),
        ({"y": -1}, "'y'"),
        ({"r": "11"}, "'r'"),
        ({"r": True}, "'r'"),
        ({"line": [1.5]}, "1.5"),
        ({"line": [object()]}, "object"),
        ({"line": [1] * (3 << 20)}, "bytes"),
    ],
)
def test_inputs_that_no_circuit_has_are_refused(
    queue: JobQueue, change: dict[str, object], named: str
) -> None:
    inputs: Inputs = {**line(1), **change}  # type: ignore[dict-item]
    with pytest.raises(JobInputsError, match=named):
        queue.submit(SIZE, decoded(encoded(inputs)), 0)
    assert queue.overview(10).jobs == ()


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"c": NaN}', b"\xff", b"[" * 100_000])
def test_bytes_that_hold_no_inputs_are_refused(text: bytes) -> None:
    with pytest.raises(JobInputsError):
        decoded(text)


@pytest.mark.parametrize("priority", [-1, 1_000_001])
def test_a_priority_has_a_range(queue: JobQueue, priority: int) -> None:
    with pytest.raises(PriorityError):
        submit(queue, priority=priority)


def test_a_size_without_a_key_is_refused(queue: JobQueue) -> None:
    with pytest.raises(UnknownSizeError, match="choose one of commitment"):
        queue.submit("huge", line(1), 0)


def test_a_job_that_is_not_there_is_named(queue: JobQueue) -> None:
    for ask in (queue.view, queue.result, queue.cancel, queue.retry):
        with pytest.raises(UnknownJobError, match="nowhere"):
            ask("nowhere")


def test_a_full_queue_takes_no_more_and_forgets_only_what_is_finished(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "UNFINISHED_MAX", 2)
    monkeypatch.setattr(queue_module, "FINISHED_MAX", 1)
    jobs = [submit(queue, 0), submit(queue, 1)]
    with pytest.raises(QueueFullError):
        submit(queue, 2)
    assert submit(queue, 1) == jobs[1]
    for job in jobs:
        queue.cancel(job)
    third = submit(queue, 2)
    assert [view.id for view in queue.overview(10).jobs] == [third, jobs[1]]
    with pytest.raises(UnknownJobError):
        queue.view(jobs[0])


def test_a_file_that_is_no_queue_is_refused_and_left_as_it_is(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"no database " * 1_000)
    with pytest.raises(ForeignQueueError, match=str(path)):
        open_queue(tmp_path, clock)
    assert path.read_bytes() == b"no database " * 1_000
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(ForeignQueueError, match="of this release"):
        open_queue(tmp_path, clock)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(QueueUnavailableError, match=str(tmp_path)):
        open_queue(tmp_path / "file" / "jobs", clock)
