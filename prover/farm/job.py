"""Words of the farm: a job, its states, a lease on it, and what is seen of it from outside."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

EVIDENCE_CHARACTERS_MAX: Final = 4_000
PROGRESS_CHARACTERS_MAX: Final = 200
WORKER_CHARACTERS_MAX: Final = 100
PRIORITY_MAX: Final = 1_000_000
TOKEN_BYTES: Final = 16


class JobState(StrEnum):
    """Where a job is; it ends in PROVEN or CANCELLED."""

    QUEUED = "queued"
    LEASED = "leased"
    PROVEN = "proven"
    POISONED = "poisoned"
    """As many attempts failed as may; a person has to look at it."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker proves.

    Attributes
    ----------
    id : str
        ``<size>-<SHA-256 of the inputs>``: the same inputs are the same job.
    size : str
        Which circuit.
    priority : int
        The highest goes first.
    inputs : bytes
        Every input signal, as `prover.farm.inputs.encoded` gives it.
    """

    id: str
    size: str
    priority: int
    inputs: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that is one worker's for a while.

    Attributes
    ----------
    token : str
        Shows whose it is; the worker draws it.
    seconds : int
        How long the lease lasts from each heartbeat on.
    """

    token: str
    job: Job
    seconds: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed: when (Unix seconds), at which worker, and what it left as evidence."""

    at: int
    worker: str
    evidence: str


@dataclass(frozen=True, slots=True)
class JobView:
    """What is seen of a job.

    Attributes
    ----------
    attempts : int
        How many failed since the job was submitted or an operator asked for another try.
    worker : str
        Who has it, or has proven it; empty otherwise.
    progress : str
        What the worker last said.
    submitted_at, updated_at : int
        Unix seconds.
    failures : tuple of Failure
        The newest ones, oldest first.
    """

    id: str
    size: str
    state: JobState
    priority: int
    attempts: int
    worker: str
    progress: str
    submitted_at: int
    updated_at: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The queue at one moment.

    Attributes
    ----------
    now : int
        The queue's clock.
    counts : dict of JobState to int
        How many jobs are in each state.
    jobs : tuple of JobView
        The running first, then the queued in their turn, the poisoned, and the newest of the rest.
    """

    now: int
    counts: dict[JobState, int]
    jobs: tuple[JobView, ...]


def draw_token() -> str:
    """Return a token that nobody guesses, for one lease."""
    return secrets.token_hex(TOKEN_BYTES)


def shown(text: str, characters_max: int) -> str:
    """Return a worker's text as it may be kept and printed: bounded, without control characters."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text[:characters_max])
