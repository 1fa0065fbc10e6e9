"""The queue: every job's way from submission to a verified proof, on disk at each step."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from prover.errors import InvalidProofError, UnknownSizeError
from prover.farm import rows
from prover.farm.database import Database
from prover.farm.errors import LeaseLostError, PriorityError
from prover.farm.inputs import encoded, job_id, public_signals
from prover.farm.job import (
    EVIDENCE_CHARACTERS_MAX,
    PRIORITY_MAX,
    PROGRESS_CHARACTERS_MAX,
    WORKER_CHARACTERS_MAX,
    Job,
    JobState,
    JobView,
    Lease,
    Overview,
    shown,
)
from prover.proof import Points
from prover.verification_key import VerificationKey
from prover.verify import verify_natively
from prover.witness import Inputs

LEASE_SECONDS: Final = 60
ATTEMPTS_MAX: Final = 3
UNFINISHED_MAX: Final = 10_000
FINISHED_MAX: Final = 10_000
LISTED_MAX: Final = 200
WORD_BITS: Final = 256
INVALID_PROOF: Final = "invalid proof"


class JobQueue:
    """A `Farm` and a `LeaseSource` on one file. Each call is one transaction; a killed process loses none.

    Parameters
    ----------
    directory : Path
        Holds the file; made if it is not there.
    keys : mapping of str to VerificationKey
        By size: what a proof must verify under. Other sizes are refused.
    clock : callable
        The Unix time in seconds.
    lease_seconds : int, optional
        How long a worker may be silent.
    attempts_max : int, optional
        After so many failures a job is set aside.

    Raises
    ------
    ForeignQueueError, QueueUnavailableError
        If the file is no queue, or cannot be used; the latter from every method too.
    """

    def __init__(
        self,
        directory: Path,
        keys: Mapping[str, VerificationKey],
        clock: Callable[[], int],
        lease_seconds: int = LEASE_SECONDS,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        self._keys, self._clock = keys, clock
        self._lease_seconds, self._attempts_max = lease_seconds, attempts_max
        self._database = Database(directory)
        # While the queue was down no worker could be heard: each has the whole time again.
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET deadline = max(deadline, ?) WHERE state = 'leased'",
                (clock() + lease_seconds,),
            )

    def __enter__(self) -> "JobQueue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def submit(self, size: str, inputs: Inputs, priority: int) -> str:
        """See `Farm.submit`."""
        if size not in self._keys:
            sizes = ", ".join(self._keys)
            raise UnknownSizeError(f"no proofs of size {size!r} are made here", f"choose one of {sizes}")
        if not 0 <= priority <= PRIORITY_MAX:
            raise PriorityError(f"the priority is {priority}")
        text, public = encoded(inputs), rows.public_text(public_signals(inputs))
        id, blob = job_id(size, text), zlib.compress(text)
        with self._database.transaction() as connection:
            now, found = self._clock(), rows.find(connection, id)
            if found is not None and found["state"] != JobState.CANCELLED:
                connection.execute("UPDATE jobs SET priority = max(priority, ?) WHERE id = ?", (priority, id))
                return id
            rows.make_room(connection, UNFINISHED_MAX, FINISHED_MAX)
            connection.execute(
                "INSERT INTO jobs (id, size, priority, state, submitted_at, updated_at, public, inputs)"
                " VALUES (?, ?, ?, 'queued', ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET attempts = 0,"
                " (priority, state, submitted_at, updated_at, inputs) = (excluded.priority, excluded.state,"
                " excluded.submitted_at, excluded.updated_at, excluded.inputs)",
                (id, size, priority, now, now, public, blob),
            )
        return id

    def result(self, id: str) -> Points | None:
        """See `Farm.result`."""
        with self._database.transaction() as connection:
            proof = rows.named(connection, id)["proof"]
        return None if proof is None else rows.points_of(proof)

    def view(self, id: str) -> JobView:
        """See `Farm.view`."""
        with self._database.transaction() as connection:
            rows.expire(connection, self._clock(), self._attempts_max)
            return rows.view_of(connection, rows.named(connection, id))

    def cancel(self, id: str) -> None:
        """See `Farm.cancel`."""
        with self._database.transaction() as connection:
            if rows.named(connection, id)["state"] != JobState.PROVEN:
                connection.execute(
                    "UPDATE jobs SET state = 'cancelled', inputs = NULL, updated_at = ?,"
                    f" {rows.WITHOUT_LEASE} WHERE id = ?",
                    (self._clock(), id),
                )

    def retry(self, id: str) -> None:
        """Let a poisoned job have all its attempts again; its evidence stays. UnknownJobError."""
        with self._database.transaction() as connection:
            if rows.named(connection, id)["state"] == JobState.POISONED:
                connection.execute(
                    "UPDATE jobs SET state = 'queued', attempts = 0, updated_at = ? WHERE id = ?",
                    (self._clock(), id),
                )

    def overview(self, limit: int) -> Overview:
        """Return the queue as it is, with so many jobs at most."""
        with self._database.transaction() as connection:
            now = self._clock()
            rows.expire(connection, now, self._attempts_max)
            listed = rows.listed(connection, min(limit, LISTED_MAX))
            jobs = tuple(rows.view_of(connection, row) for row in listed)
            return Overview(now, rows.state_counts(connection), jobs)

    def lease(self, worker: str, sizes: Sequence[str], token: str) -> Lease | None:
        """See `LeaseSource.lease`."""
        worker, known = shown(worker, WORKER_CHARACTERS_MAX), [size for size in sizes if size in self._keys]
        with self._database.transaction() as connection:
            now = self._clock()
            rows.expire(connection, now, self._attempts_max)
            row = rows.of_token(connection, token)
            if row is None:
                row = rows.next_for(connection, worker, known, now - self._lease_seconds)
            elif row["state"] != JobState.LEASED:
                raise LeaseLostError("the token's job is done")
            if row is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = 'leased', worker = ?, token = ?, deadline = ?, updated_at = ?"
                " WHERE number = ?",
                (worker, token, now + self._lease_seconds, now, row["number"]),
            )
        job = Job(row["id"], row["size"], row["priority"], zlib.decompress(row["inputs"]))
        return Lease(token, job, self._lease_seconds)

    def heartbeat(self, token: str, progress: str) -> int:
        """See `LeaseSource.heartbeat`."""
        with self._database.transaction() as connection:
            row, now = rows.held(connection, token), self._clock()
            deadline = now + self._lease_seconds
            connection.execute(
                "UPDATE jobs SET deadline = ?, progress = ?, updated_at = ? WHERE number = ?",
                (deadline, shown(progress, PROGRESS_CHARACTERS_MAX), now, row["number"]),
            )
        return deadline

    def complete(self, token: str, proof: Points) -> None:
        """See `LeaseSource.complete`."""
        done = (JobState.LEASED, JobState.PROVEN)
        with self._database.transaction() as connection:
            row = rows.held(connection, token, *done)
        # Outside of a transaction, which would hold up the others: what it looks at never changes.
        valid = self._verifies(row["size"], proof, rows.public_of(row["public"]))
        with self._database.transaction() as connection:
            row, now = rows.held(connection, token, *done), self._clock()
            if row["state"] == JobState.PROVEN:
                return
            if valid:
                connection.execute(
                    "UPDATE jobs SET state = 'proven', proof = ?, inputs = NULL, deadline = NULL,"
                    " progress = '', updated_at = ? WHERE number = ?",
                    (rows.points_text(proof), now, row["number"]),
                )
            else:
                rows.note_failure(connection, row, INVALID_PROOF, now, self._attempts_max)
        if not valid:
            cure = "look at the worker's machine, its release and its keys"
            raise InvalidProofError(f"the proof of {row['id']} does not verify", cure)

    def fail(self, token: str, evidence: str) -> None:
        """See `LeaseSource.fail`."""
        with self._database.transaction() as connection:
            row, text = rows.held(connection, token), shown(evidence, EVIDENCE_CHARACTERS_MAX)
            rows.note_failure(connection, row, text, self._clock(), self._attempts_max)

    def release(self, token: str) -> None:
        """See `LeaseSource.release`."""
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE jobs SET state = 'queued', updated_at = ?, {rows.WITHOUT_LEASE} WHERE number = ?",
                (self._clock(), rows.held(connection, token)["number"]),
            )

    def _verifies(self, size: str, proof: Points, public: tuple[int, ...]) -> bool:
        key = self._keys.get(size)
        words = (*proof.a, *proof.b[0], *proof.b[1], *proof.c)
        if key is None or not all(0 <= word < 1 << WORD_BITS for word in words):
            return False
        return verify_natively(key, proof, public)
