"""A worker: leases a job, lets it run, keeps the lease meanwhile, hands in what came of it."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from prover.errors import InvalidProofError
from prover.farm.engine import Attempt, Engine, Failed, Outcome
from prover.farm.errors import LeaseLostError, QueueUnreachableError
from prover.farm.farm import LeaseSource
from prover.farm.job import Job, Lease, draw_token
from prover.proof import Points

JOB_SECONDS_MAX: Final = 3_600
HEARTBEATS_A_LEASE: Final = 3

_IDLE_SECONDS: Final = 1.0
_PAUSE_SECONDS_MAX: Final = 30.0
_TICK_SECONDS: Final = 0.1

_Answer = TypeVar("_Answer")
Announce = Callable[[str], None]


class Worker:
    """Proves one job after the other until it is told to stop.

    Parameters
    ----------
    source : LeaseSource
        Where jobs come from.
    engine : Engine
        Where they run.
    name : str
        What the queue calls the worker.
    sizes : sequence of str
        What it proves.
    announce : callable
        Told in a line of each job's beginning and end, and of trouble.
    job_seconds_max : int, optional
        An attempt that takes longer has failed.
    """

    def __init__(
        self,
        source: LeaseSource,
        engine: Engine,
        name: str,
        sizes: Sequence[str],
        announce: Announce,
        job_seconds_max: int = JOB_SECONDS_MAX,
    ) -> None:
        self._source, self._engine = source, engine
        self._name, self._sizes = name, sizes
        self._announce, self._job_seconds_max = announce, job_seconds_max
        self._stopping = False
        self._failures = 0

    def stop(self) -> None:
        """Let the worker give its job back and end; a handler of signals may call it."""
        self._stopping = True

    def run(self) -> None:
        """Work until `stop`; a queue that cannot be reached is asked again, for ever.

        Raises
        ------
        UnauthorizedError, QueueRefusedError
            If the queue is not one that this worker can work for.
        """
        while not self._stopping:
            # Raised only when the worker must stop.
            with suppress(QueueUnreachableError):
                self._turn()

    def _turn(self) -> None:
        """Prove the next job, if there is one; QueueUnreachableError."""
        token = draw_token()
        lease = self._asked(lambda: self._source.lease(self._name, self._sizes, token))
        if lease is None:
            self._rest(_IDLE_SECONDS)
        elif self._work(lease):
            self._failures = 0
        else:
            # A machine that is broken fails at once: it must not run through the queue.
            self._failures += 1
            self._rest(_pause(self._failures))

    def _work(self, lease: Lease) -> bool:
        """Prove a job, hand in what came of it; return whether this machine did what it should."""
        name, begin = _short(lease.job), time.monotonic()
        self._announce(f"{name}: started")
        outcome: Outcome | None
        try:
            with self._engine.start(lease.job) as attempt:
                outcome = self._attended(lease, attempt)
        except LeaseLostError:
            self._announce(f"{name}: dropped, it is no longer this worker's")
            return True
        except OSError as error:
            outcome = Failed(f"the attempt cannot run here: {error}")
        if outcome is None:
            self._give_back(lease)
            return True
        return self._hand_in(lease, outcome, time.monotonic() - begin)

    def _attended(self, lease: Lease, attempt: Attempt) -> Outcome | None:
        """Keep the lease until the outcome is there, None if the worker must stop; LeaseLostError."""
        begin = time.monotonic()
        beat = begin + lease.seconds / HEARTBEATS_A_LEASE
        while not self._stopping:
            if (outcome := attempt.wait(_TICK_SECONDS)) is not None:
                return outcome
            now = time.monotonic()
            if now - begin > self._job_seconds_max:
                cause = f"no proof within {self._job_seconds_max} seconds"
                return Failed(f"{cause}\nit was at: {attempt.progress}")
            if now >= beat:
                # While the queue cannot be reached the job goes on: it may be back before the lease ends.
                self._try_heartbeat(lease, attempt.progress)
                beat = now + lease.seconds / HEARTBEATS_A_LEASE
        return None

    def _try_heartbeat(self, lease: Lease, progress: str) -> None:
        try:
            self._source.heartbeat(lease.token, progress)
        except QueueUnreachableError as error:
            self._announce(str(error))

    def _hand_in(self, lease: Lease, outcome: Outcome, seconds: float) -> bool:
        name, token = _short(lease.job), lease.token
        # A queue that is back gives the lease its whole time again: the next try is well within it.
        rest_seconds_max = lease.seconds / HEARTBEATS_A_LEASE
        try:
            if isinstance(outcome, Points):
                self._asked(lambda: self._source.complete(token, outcome), rest_seconds_max)
                self._announce(f"{name}: proven in {seconds:.1f} s")
                return True
            self._asked(lambda: self._source.fail(token, outcome.evidence), rest_seconds_max)
            self._announce(f"{name}: failed: {outcome.evidence.splitlines()[0]}")
        except LeaseLostError:
            self._announce(f"{name}: came too late, it is no longer this worker's")
            return True
        except InvalidProofError as error:
            self._announce(str(error))
        return False

    def _give_back(self, lease: Lease) -> None:
        """Release the job; if the queue does not hear it, the lease ends by itself."""
        try:
            self._source.release(lease.token)
            self._announce(f"{_short(lease.job)}: given back")
        except (LeaseLostError, QueueUnreachableError) as error:
            self._announce(str(error))

    def _asked(self, ask: Callable[[], _Answer], rest_seconds_max: float = _PAUSE_SECONDS_MAX) -> _Answer:
        """Return the queue's answer, however long it takes; QueueUnreachableError if the worker must stop."""
        tries = 0
        while True:
            try:
                return ask()
            except QueueUnreachableError as error:
                tries += 1
                self._announce(str(error))
                if self._stopping:
                    raise
            self._rest(min(_pause(tries), rest_seconds_max))

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _TICK_SECONDS))


def _pause(times: int) -> float:
    """Return how long to wait after so many failures: longer each time, never the same for two workers."""
    longest = min(_PAUSE_SECONDS_MAX, _IDLE_SECONDS * 2 ** min(times - 1, 10))
    return random.uniform(longest / 2, longest)


def _short(job: Job) -> str:
    return job.id[: len(job.size) + 9]
