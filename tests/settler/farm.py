"""Farms of tests: one that cannot be reached, and one that proves in the caller's process."""

from typing import Any

from prover.farm.errors import QueueUnreachableError, UnknownJobError
from prover.farm.job import Failure, JobState, JobView
from prover.proof import Points
from prover.witness import Inputs
from tests.submitter.desk import ProofFile


class NoFarm:
    """Nothing answers at its address."""

    def submit(self, size: str, inputs: Inputs, priority: int) -> str:
        raise QueueUnreachableError("nowhere")

    def result(self, id: str) -> Points | None:
        raise QueueUnreachableError("nowhere")

    def view(self, id: str) -> JobView:
        raise QueueUnreachableError("nowhere")

    def cancel(self, id: str) -> None:
        raise QueueUnreachableError("nowhere")


class LocalFarm:
    """Proves a job when its result is asked for: real proofs, in memory what jobs there are.

    Attributes
    ----------
    priorities : dict of str to int
        Of each job, in the order in which they came.
    is_idle : bool
        Whether no job gets any further.
    poisoned : bool
        Whether all that is not proven has failed too often.
    cancelled : list of str
        The jobs that were.
    """

    def __init__(self, proofs: ProofFile) -> None:
        self._proofs = proofs
        self._inputs: dict[str, Any] = {}
        self.priorities: dict[str, int] = {}
        self.is_idle = self.poisoned = False
        self.cancelled: list[str] = []

    def submit(self, size: str, inputs: Inputs, priority: int) -> str:
        id = f"{size}-{inputs['y']}"
        self._inputs[id] = inputs
        self.priorities[id] = priority
        return id

    def result(self, id: str) -> Points | None:
        inputs = self._known(id)
        if self.is_idle or self.poisoned:
            return None
        return Points.from_contract(*self._proofs(inputs))

    def view(self, id: str) -> JobView:
        self._known(id)
        state = JobState.POISONED if self.poisoned else JobState.QUEUED
        failures = (Failure(1, "worker", "no memory"),) if self.poisoned else ()
        return JobView(id, "small", state, self.priorities[id], len(failures), "", "", 0, 0, failures)

    def cancel(self, id: str) -> None:
        self._known(id)
        self.cancelled.append(id)

    def forget(self) -> None:
        """Lose all jobs."""
        self._inputs.clear()

    def _known(self, id: str) -> Any:
        if id not in self._inputs:
            raise UnknownJobError(f"there is no job {id}")
        return self._inputs[id]
