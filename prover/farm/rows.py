"""Rows of the queue's tables, inside a transaction; numbers beyond 64 bits are decimal text."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from prover.farm.errors import LeaseLostError, QueueFullError, UnknownJobError
from prover.farm.job import Failure, JobState, JobView
from prover.proof import Points

FAILURES_SHOWN: Final = 10
LEASE_EXPIRED: Final = "lease expired"

WITHOUT_LEASE: Final = "token = NULL, deadline = NULL, worker = '', progress = ''"
"""What a job loses when its worker does."""

# A worker that has just failed a job leaves it to others for the time of a lease: a broken machine fails
# fast, and alone would use up all attempts of every job.
_NEXT: Final = """
    SELECT * FROM jobs
    WHERE state = 'queued' AND size IN ({sizes}) AND NOT EXISTS (
        SELECT 1 FROM failures
        WHERE failures.job = jobs.number AND failures.worker = ? AND failures.at > ?
    )
    ORDER BY priority DESC, number LIMIT 1
"""
_LISTED: Final = """
    SELECT * FROM jobs ORDER BY
        CASE state WHEN 'leased' THEN 0 WHEN 'queued' THEN 1 WHEN 'poisoned' THEN 2 ELSE 3 END,
        CASE state WHEN 'queued' THEN -priority ELSE 0 END,
        CASE WHEN state IN ('leased', 'queued') THEN number ELSE -number END
    LIMIT ?
"""
_FINISHED: Final = "state IN ('proven', 'cancelled')"


def find(connection: sqlite3.Connection, id: str) -> sqlite3.Row | None:
    """Return the job of an id, None if there is none."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
    return row


def named(connection: sqlite3.Connection, id: str) -> sqlite3.Row:
    """Return the job of an id; UnknownJobError."""
    row = find(connection, id)
    if row is None:
        raise UnknownJobError(f"there is no job {id}")
    return row


def of_token(connection: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """Return the job that was leased with a token and is not back in the queue."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM jobs WHERE token = ?", (token,)).fetchone()
    return row


def held(connection: sqlite3.Connection, token: str, *states: JobState) -> sqlite3.Row:
    """Return the job of a token; LeaseLostError unless it is LEASED, or in one of the states named."""
    row = of_token(connection, token)
    if row is None or row["state"] not in (states or (JobState.LEASED,)):
        raise LeaseLostError("the job is no longer this worker's")
    return row


def next_for(
    connection: sqlite3.Connection, worker: str, sizes: Sequence[str], failed_since: int
) -> sqlite3.Row | None:
    """Return the job whose turn it is, of those that the worker has not failed lately."""
    query = _NEXT.format(sizes=", ".join("?" * len(sizes)))
    row: sqlite3.Row | None = connection.execute(query, (*sizes, worker, failed_since)).fetchone()
    return row


def listed(connection: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """Return jobs in the order of `Overview`."""
    return connection.execute(_LISTED, (limit,)).fetchall()


def state_counts(connection: sqlite3.Connection) -> dict[JobState, int]:
    """Return how many jobs are in each state."""
    counts = dict.fromkeys(JobState, 0)
    for state, count in connection.execute("SELECT state, count(*) FROM jobs GROUP BY state"):
        counts[JobState(state)] = count
    return counts


def expire(connection: sqlite3.Connection, now: int, attempts_max: int) -> None:
    """Take back what workers hold that were silent for too long."""
    query = "SELECT * FROM jobs WHERE state = 'leased' AND deadline < ?"
    for row in connection.execute(query, (now,)).fetchall():
        said = f"; the worker last said: {row['progress']}" if row["progress"] else ""
        note_failure(connection, row, f"{LEASE_EXPIRED}{said}", now, attempts_max)


def note_failure(
    connection: sqlite3.Connection, row: sqlite3.Row, evidence: str, now: int, attempts_max: int
) -> None:
    """Keep the evidence; put the leased job back, or aside if that was its last attempt."""
    attempts = row["attempts"] + 1
    state = JobState.POISONED if attempts >= attempts_max else JobState.QUEUED
    connection.execute(
        "INSERT INTO failures (job, at, worker, evidence) VALUES (?, ?, ?, ?)",
        (row["number"], now, row["worker"], evidence),
    )
    connection.execute(
        f"UPDATE jobs SET state = ?, attempts = ?, updated_at = ?, {WITHOUT_LEASE} WHERE number = ?",
        (state, attempts, now, row["number"]),
    )


def make_room(connection: sqlite3.Connection, unfinished_max: int, finished_max: int) -> None:
    """Forget the oldest finished jobs; QueueFullError if there is no room for another unfinished one."""
    query = f"SELECT count(*) FROM jobs WHERE NOT {_FINISHED}"
    if connection.execute(query).fetchone()[0] >= unfinished_max:
        raise QueueFullError(f"{unfinished_max} jobs are unfinished")
    connection.execute(
        f"DELETE FROM jobs WHERE number IN"
        f" (SELECT number FROM jobs WHERE {_FINISHED} ORDER BY number DESC LIMIT -1 OFFSET ?)",
        (finished_max,),
    )


def view_of(connection: sqlite3.Connection, row: sqlite3.Row) -> JobView:
    """Return what is seen of a job."""
    failures = connection.execute(
        "SELECT at, worker, evidence FROM failures WHERE job = ? ORDER BY rowid DESC LIMIT ?",
        (row["number"], FAILURES_SHOWN),
    )
    return JobView(
        id=row["id"],
        size=row["size"],
        state=JobState(row["state"]),
        priority=row["priority"],
        attempts=row["attempts"],
        worker=row["worker"],
        progress=row["progress"],
        submitted_at=row["submitted_at"],
        updated_at=row["updated_at"],
        failures=tuple(Failure(*failure) for failure in failures)[::-1],
    )


def public_text(signals: tuple[int, ...]) -> str:
    """Return public signals as text."""
    return json.dumps([str(value) for value in signals])


def public_of(text: str) -> tuple[int, ...]:
    """Return the public signals of a text."""
    return tuple(map(int, json.loads(text)))


def points_text(points: Points) -> str:
    """Return a proof as snarkjs writes it."""
    return json.dumps(points.to_snarkjs())


def points_of(text: str) -> Points:
    """Return the proof of a text."""
    return Points.from_snarkjs(json.loads(text))
