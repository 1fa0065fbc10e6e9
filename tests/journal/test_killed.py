"""A writer that is killed, at whatever point, loses nothing that it has said to be durable."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import IO

import pytest

from sequencer.journal.errors import JournalLockedError
from sequencer.journal.moments import Moment
from sequencer.journal.writer import LogWriter
from tests.journal.logs import entries, files, read, write_entries

ROOT = Path(__file__).resolve().parents[2]
KILLS = 30
FAR = 1 << 40
# The first segment of a log is made at once, others while entries are committed.
MOMENTS = (
    (Moment.SEGMENT_CREATED, 1),
    (Moment.SEGMENT_CREATED, 3),
    (Moment.HEADER_WRITTEN, 1),
    (Moment.HEADER_WRITTEN, 3),
    (Moment.SEGMENT_DURABLE, 1),
    (Moment.SEGMENT_DURABLE, 3),
    (Moment.WRITING, 1),
    (Moment.WRITING, 9),
    (Moment.WRITTEN, 1),
    (Moment.WRITTEN, 9),
    (Moment.DURABLE, 1),
    (Moment.DURABLE, 9),
)


@contextmanager
def committing(path: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that writes to the log; it is killed in the end."""
    command = [sys.executable, "-m", "tests.journal.committer", str(path), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def last_number(lines: list[str]) -> int:
    return max((int(line) for line in lines if line.strip().isdecimal()), default=0)


def holds(path: Path, acknowledged: int) -> int:
    """The log has all that was said to be durable, in order, and nothing that was not written."""
    with LogWriter(path) as writer:
        last = writer.durable_number
    assert last >= acknowledged
    assert read(path) == entries(last)
    return last


def test_a_writer_killed_again_and_again_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    chance = Random(1)
    last = 0
    for _ in range(KILLS):
        with committing(tmp_path, str(FAR)) as process:
            lines = [said(process).readline() for _ in range(chance.randrange(25))]
            process.kill()
            lines += said(process).readlines()
        acknowledged = max(last, last_number(lines))
        last = holds(tmp_path, acknowledged)
    assert last > KILLS
    assert len(files(tmp_path)) > 5


@pytest.mark.parametrize(
    ("moment", "times"), MOMENTS, ids=lambda value: str(getattr(value, "name", value)).lower()
)
def test_a_writer_killed_at_a_moment_goes_on_where_it_was(tmp_path: Path, moment: Moment, times: int) -> None:
    with committing(tmp_path, str(FAR), moment.name, str(times)) as process:
        acknowledged = last_number(said(process).readlines())
        assert process.wait() == -signal.SIGKILL
    last = holds(tmp_path, acknowledged)
    write_entries(tmp_path, last + 20)
    assert holds(tmp_path, last + 20) == last + 20


def test_a_writer_killed_while_it_cuts_a_tail_is_opened_again(tmp_path: Path) -> None:
    write_entries(tmp_path, 7)
    with files(tmp_path)[-1].open("ab") as file:
        file.write(bytes(5))
    with committing(tmp_path, str(FAR), Moment.TAIL_CUT.name, "1") as process:
        assert said(process).read() == ""
        assert process.wait() == -signal.SIGKILL
    assert holds(tmp_path, 7) == 7


def test_no_moment_is_left_out() -> None:
    assert set(Counter(moment for moment, _ in MOMENTS)) == set(Moment) - {Moment.TAIL_CUT}


def test_another_process_cannot_write_to_a_log_that_has_a_writer(tmp_path: Path) -> None:
    with committing(tmp_path, "9") as process:
        while said(process).readline().strip() != "waiting":
            pass
        with pytest.raises(JournalLockedError, match=str(tmp_path)):
            LogWriter(tmp_path)
    assert holds(tmp_path, 9) >= 9
