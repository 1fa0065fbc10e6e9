"""Many machines as one worker: a Ray cluster runs the attempts, the queue stays the only truth.

Ray is an extra of this package (`ray`); nothing else imports it.
"""

import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

import ray
from ray.exceptions import RayError, RayTaskError

from prover.errors import ProverError
from prover.farm.engine import Attempt, Engine, Failed, Outcome, named_prove
from prover.farm.errors import ClusterError
from prover.farm.farm import LeaseSource
from prover.farm.inputs import decoded
from prover.farm.job import EVIDENCE_CHARACTERS_MAX, Job
from prover.farm.worker import JOB_SECONDS_MAX, Announce, Worker
from prover.proof import Points

LOCAL: Final = "local"

_ASK_SECONDS: Final = 1.0
_CONNECT_SECONDS: Final = 10.0
# Of the native prover, which else takes all processors of the machine.
_THREADS_VARIABLE: Final = "RAYON_NUM_THREADS"
_WAITING: Final = "waiting for a place in the cluster"


class _Prover:
    """An actor, so a process of its own; one thread of it proves, the other tells how far it is."""

    def __init__(self) -> None:
        self._step = "start"

    def started(self, step: str) -> None:
        self._step = step

    def finished(self, step: str, seconds: float) -> None:
        """Leave it to the next step to be told."""

    def prove(self, name: str, size: str, inputs: bytes) -> Points | Failed:
        try:
            return named_prove(name)(size, decoded(inputs), self)
        except ProverError as error:
            return Failed(f"{error}\nit was at: {self._step}")

    def step(self) -> str:
        return self._step


class RayEngine:
    """Runs each attempt as an actor of the cluster that this process is connected to.

    Parameters
    ----------
    prove : str
        `module:function` of a `Prove`; every machine of the cluster can import it.
    processors : int
        How many of a machine's an attempt takes.

    Raises
    ------
    ClusterError
        If no machine of the cluster has so many: every job would wait for ever.
    """

    def __init__(self, prove: str, processors: int) -> None:
        self._prove = prove
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        most = max((node["Resources"].get("CPU", 0) for node in nodes if node["Alive"]), default=0)
        if most < processors:
            raise ClusterError(f"no machine has {processors} processors for a job, the largest has {most:g}")
        self._actors: Any = ray.remote(num_cpus=processors, max_restarts=0, max_task_retries=0)(_Prover)
        self._threads = {"env_vars": {_THREADS_VARIABLE: str(processors)}}

    def start(self, job: Job) -> Attempt:
        """See `Engine.start`."""
        return RayAttempt(
            self._actors.options(max_concurrency=2, runtime_env=self._threads).remote(), self._prove, job
        )


class RayAttempt:
    """An actor that proves one job; it dies when it is left, and by the cluster when this process dies."""

    def __init__(self, actor: Any, prove: str, job: Job) -> None:
        self.progress = _WAITING
        self._actor = actor
        self._outcome = actor.prove.remote(prove, job.size, job.inputs)
        self._step, self._asked_at = actor.step.remote(), time.monotonic()

    def __enter__(self) -> "RayAttempt":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ray.kill(self._actor, no_restart=True)

    def wait(self, seconds: float) -> Outcome | None:
        """See `Attempt.wait`."""
        ready, _ = ray.wait([self._outcome], timeout=seconds)
        if not ready:
            self._look()
            return None
        try:
            outcome: Outcome = ray.get(self._outcome)
        except RayTaskError as error:
            return self._failed(str(error))
        except RayError as error:
            return self._failed(f"the prover's process ended: {error}")
        return outcome

    def _look(self) -> None:
        """Take the step that the actor has told, if it has, and ask again after a while."""
        if time.monotonic() - self._asked_at < _ASK_SECONDS or not ray.wait([self._step], timeout=0)[0]:
            return
        try:
            self.progress = ray.get(self._step)
        except RayError:
            # The outcome tells why.
            return
        self._step, self._asked_at = self._actor.step.remote(), time.monotonic()

    def _failed(self, cause: str) -> Failed:
        return Failed(f"it was at: {self.progress}\n{cause[-EVIDENCE_CHARACTERS_MAX // 2 :]}")


class RayPool:
    """Keeps so many jobs of a queue running on a cluster at once.

    Parameters
    ----------
    source : LeaseSource
        Where jobs come from.
    engine : Engine
        Where they run.
    name : str
        What the queue calls the pool; each of its places has a number behind it.
    sizes : sequence of str
        What it proves.
    announce : callable
        Told in a line of each job's beginning and end, and of trouble.
    places : int
        How many jobs it leases at once: as many as the cluster has room for.
    job_seconds_max : int, optional
        An attempt that takes longer has failed; waiting for a place in the cluster counts.
    """

    def __init__(
        self,
        source: LeaseSource,
        engine: Engine,
        name: str,
        sizes: Sequence[str],
        announce: Announce,
        places: int,
        job_seconds_max: int = JOB_SECONDS_MAX,
    ) -> None:
        self._workers = [
            Worker(source, engine, f"{name}/{place}", sizes, announce, job_seconds_max)
            for place in range(1, places + 1)
        ]

    def stop(self) -> None:
        """Let every place give its job back and end; a handler of signals may call it."""
        for worker in self._workers:
            worker.stop()

    def run(self) -> None:
        """Work until `stop`; errors as `Worker.run`."""
        errors: list[BaseException] = []
        threads = [threading.Thread(target=self._work, args=(worker, errors)) for worker in self._workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _work(self, worker: Worker, errors: list[BaseException]) -> None:
        try:
            worker.run()
        except BaseException as error:
            # One place that cannot go on ends them all: what stops it stops the others.
            errors.append(error)
            self.stop()


def connect(address: str) -> None:
    """Join a cluster.

    Parameters
    ----------
    address : str
        HOST:PORT of its head; `local` starts one of this machine alone, which ends with this process.

    Raises
    ------
    ClusterError
        If there is none.
    """
    try:
        if address == LOCAL:
            # Its dashboard would listen, and nobody look.
            ray.init(address, include_dashboard=False, log_to_driver=False, configure_logging=False)
        else:
            # Ray itself waits for minutes where nothing listens.
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
            ray.init(address, log_to_driver=False, configure_logging=False)
    except (OSError, RuntimeError, ValueError, OverflowError) as error:
        raise ClusterError(f"{address}: {error}") from error
