"""The two faces of the farm: to who wants proofs, and to who makes them."""

from collections.abc import Sequence
from typing import Protocol

from prover.farm.job import JobView, Lease
from prover.proof import Points
from prover.witness import Inputs


class Farm(Protocol):
    """Takes jobs and gives proofs: the queue itself, or a client of one elsewhere."""

    def submit(self, size: str, inputs: Inputs, priority: int) -> str:
        """Put a job into the queue; return its id.

        The same inputs are the same job, which keeps the higher priority; a cancelled one is queued again.

        Raises
        ------
        UnknownSizeError, JobInputsError, PriorityError
            If it cannot be a job.
        QueueFullError
            If the queue takes no more.
        """

    def result(self, id: str) -> Points | None:
        """Return the verified proof of a job, None while there is none; UnknownJobError."""

    def view(self, id: str) -> JobView:
        """Return what is seen of a job; UnknownJobError."""

    def cancel(self, id: str) -> None:
        """End a job that is not proven, running or not; UnknownJobError."""


class LeaseSource(Protocol):
    """Gives jobs to workers and takes what came of them. A call that is repeated does no harm.

    Every call with a token raises LeaseLostError when the job is no longer the worker's.
    """

    def lease(self, worker: str, sizes: Sequence[str], token: str) -> Lease | None:
        """Return the next job of these sizes, None if there is none; for a token always the same job.

        Parameters
        ----------
        worker : str
            Who asks.
        token : str
            Of `draw_token`: if the answer is lost, the next call with it gets the same lease.
        """

    def heartbeat(self, token: str, progress: str) -> int:
        """Say that the worker lives and what it does; return when the lease now ends, in Unix seconds."""

    def complete(self, token: str, proof: Points) -> None:
        """Hand in the proof; InvalidProofError if it does not verify, which counts as a failure."""

    def fail(self, token: str, evidence: str) -> None:
        """Say why there is no proof; the job goes back to the queue, or is set aside as poisoned."""

    def release(self, token: str) -> None:
        """Give the job back without having failed."""
