"""A disk that takes a part of a write costs nothing that was acknowledged."""

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.journal.logs import entries, read, write_entries

ROOT = Path(__file__).resolve().parents[2]
# Right after the header, and at bytes of whatever frames.
LIMITS = (24, 31, 40, *Random(1).sample(range(200, 3_000), 4))


def fill(path: Path, limit: int, end: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.journal.filler", str(path), str(limit), end]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_writer_that_is_refused_writes_no_more_until_the_log_is_opened_again(
    tmp_path: Path, limit: int
) -> None:
    result = fill(tmp_path, limit, "refused")
    *acknowledged, cause, still, found = result.stdout.split()
    assert (result.returncode, cause, still) == (0, "log_unavailable", "True"), result.stderr
    last = int(found)
    assert last >= max(map(int, acknowledged), default=0)
    assert last in range(len(acknowledged) * 3, len(acknowledged) * 3 + 3)
    assert read(tmp_path) == entries(last)
    write_entries(tmp_path, last + 5)
    assert read(tmp_path) == entries(last + 5)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_writer_killed_within_a_write_loses_only_what_was_not_acknowledged(
    tmp_path: Path, limit: int
) -> None:
    result = fill(tmp_path, limit, "killed")
    assert result.returncode == -signal.SIGXFSZ, result.stderr
    acknowledged = int((result.stdout.split() or ["0"])[-1])
    assert (tmp_path / f"{1:012d}.log").stat().st_size == limit
    found = read(tmp_path)
    assert found == entries(len(found))
    assert len(found) >= acknowledged
    write_entries(tmp_path, len(found) + 5)
    assert read(tmp_path) == entries(len(found) + 5)
