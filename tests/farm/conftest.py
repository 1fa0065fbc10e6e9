"""A queue on disk whose clock the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.farm.queue import JobQueue
from tests.farm.commitments import keys

START = 1_700_000_000
LEASE_SECONDS = 30


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def open_queue(directory: Path, clock: Clock) -> JobQueue:
    return JobQueue(directory, keys(), clock, LEASE_SECONDS)


@pytest.fixture
def queue(tmp_path: Path, clock: Clock) -> Iterator[JobQueue]:
    with open_queue(tmp_path / "jobs", clock) as queue:
        yield queue
