"""The farm as the submitter sees it: proofs that are there, or not yet."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from prover.farm.errors import QueueFullError, QueueUnreachableError, UnknownJobError
from prover.farm.farm import Farm
from prover.farm.job import PRIORITY_MAX, JobState
from sequencer.chain.client import ProofPoints
from sequencer.settler.errors import ProofFailedError
from sequencer.state.record import BatchRecord, Signal

_FAILED: Final = (JobState.POISONED, JobState.CANCELLED)


class FarmProofs:
    """Gives batches to a farm and fetches their proofs; it never waits for one."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._jobs: dict[Signal, str] = {}
        self._given: dict[int, Signal] = {}

    def has(self, number: int) -> bool:
        """Whether the farm has the batch, as far as is known."""
        return self._given.get(number) in self._jobs

    def give(self, record: BatchRecord) -> bool:
        """Give a batch to the farm; tell whether it could take it now.

        Older batches are more urgent: the chain takes them first.
        """
        try:
            id = self._farm.submit(record.size, record.inputs, max(0, PRIORITY_MAX - record.number))
        except (QueueFullError, QueueUnreachableError):
            return False
        self._given[record.number] = commitment = record.inputs["c"]
        self._jobs[commitment] = id
        return True

    def points(self, inputs: Mapping[str, Signal]) -> ProofPoints | None:
        """Return the proof of a batch, None while there is none.

        Raises
        ------
        ProofFailedError
            If the farm has given up.
        """
        id = self._jobs.get(inputs["c"])
        if id is None:
            return None
        try:
            points = self._farm.result(id)
            if points is None:
                self._require_hope(id)
                return None
        except QueueUnreachableError:
            return None
        except UnknownJobError:
            del self._jobs[inputs["c"]]
            return None
        return points.to_contract()

    def withdraw(self, last: int) -> None:
        """Cancel what is known of batches after one, as far as the farm can be reached."""
        for number in [number for number in self._given if number > last]:
            id = self._jobs.pop(self._given.pop(number), None)
            if id is not None:
                with suppress(QueueUnreachableError, UnknownJobError):
                    self._farm.cancel(id)

    def _require_hope(self, id: str) -> None:
        view = self._farm.view(id)
        if view.state in _FAILED:
            evidence = view.failures[-1].evidence if view.failures else ""
            raise ProofFailedError(f"the job {id} is {view.state}: {evidence}")
