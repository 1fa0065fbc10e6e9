"""A log has one writer, gives each entry its number, and has on disk what a commit returned from."""

from pathlib import Path
from threading import Thread

import pytest

from sequencer.journal.errors import (
    JournalBacklogError,
    JournalLockedError,
    JournalMissingError,
    JournalOversizedError,
    JournalUnavailableError,
)
from sequencer.journal.frames import PAYLOAD_BYTES_MAX
from sequencer.journal.moments import Moment
from sequencer.journal.writer import BACKLOG_BYTES_MAX, LogWriter
from tests.journal.logs import SEGMENT_BYTES, entries, files, first_of, payload, read, write, write_entries


def test_entries_are_numbered_from_1_and_come_back_in_order(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "data" / "log") as writer:
        assert [writer.append(each) for each in (b"one", b"", b"three")] == [1, 2, 3]
        assert (writer.next_number, writer.durable_number) == (4, 0)
        writer.commit()
        assert writer.durable_number == 3
    assert read(tmp_path / "data" / "log") == [(1, b"one"), (2, b""), (3, b"three")]


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for last in (1, 2, 30, 30, 31):
        write_entries(tmp_path, last)
        with LogWriter(tmp_path) as writer:
            assert (writer.next_number, writer.durable_number) == (last + 1, last)
        assert read(tmp_path) == entries(last)


def test_a_segment_that_is_full_is_followed_by_one_named_by_its_first_entry(tmp_path: Path) -> None:
    write_entries(tmp_path, 40)
    segments = files(tmp_path)
    assert len(segments) > 4
    assert first_of(segments[0]) == 1
    assert all(segment.stat().st_size >= SEGMENT_BYTES for segment in segments[:-1])
    assert all(segment.name == f"{first_of(segment):012d}.log" for segment in segments)
    assert read(tmp_path, first_of(segments[2]))[0] == (first_of(segments[2]), payload(first_of(segments[2])))


def test_what_is_not_committed_was_never_in_the_log(tmp_path: Path) -> None:
    with LogWriter(tmp_path) as writer:
        writer.append(b"kept")
        writer.commit()
        writer.append(b"dropped")
        assert read(tmp_path) == [(1, b"kept")]
    write(tmp_path, [[b"another"]])
    assert read(tmp_path) == [(1, b"kept"), (2, b"another")]


def test_a_commit_of_nothing_writes_nothing(tmp_path: Path) -> None:
    seen: list[Moment] = []
    with LogWriter(tmp_path, announce=seen.append) as writer:
        opened = len(seen)
        writer.commit()
    assert len(seen) == opened


def test_an_entry_of_the_most_bytes_is_taken_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    with LogWriter(tmp_path) as writer:
        with pytest.raises(JournalOversizedError, match=str(PAYLOAD_BYTES_MAX + 1)):
            writer.append(bytes(PAYLOAD_BYTES_MAX + 1))
        assert writer.append(bytes(PAYLOAD_BYTES_MAX)) == 1
        writer.commit()
    assert read(tmp_path) == [(1, bytes(PAYLOAD_BYTES_MAX))]


def test_a_backlog_that_is_full_takes_nothing_until_it_is_committed(tmp_path: Path) -> None:
    count = BACKLOG_BYTES_MAX // PAYLOAD_BYTES_MAX
    with LogWriter(tmp_path) as writer:
        for _ in range(count):
            writer.append(bytes(PAYLOAD_BYTES_MAX))
        with pytest.raises(JournalBacklogError):
            writer.append(b"")
        assert writer.next_number == count + 1
        writer.commit()
        assert writer.append(b"") == count + 1


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with LogWriter(tmp_path), pytest.raises(JournalLockedError, match=str(tmp_path)):
        LogWriter(tmp_path)
    LogWriter(tmp_path).close()


def test_what_is_appended_during_a_commit_belongs_to_the_next(tmp_path: Path) -> None:
    def announce(moment: Moment) -> None:
        if moment in (Moment.WRITING, Moment.WRITTEN, Moment.DURABLE) and writer.next_number < 6:
            writer.append(payload(writer.next_number))

    with LogWriter(tmp_path, SEGMENT_BYTES, announce) as writer:
        writer.append(payload(1))
        writer.commit()
        assert (writer.durable_number, writer.next_number) == (1, 5)
        assert read(tmp_path) == entries(1)
        writer.commit()
        assert (writer.durable_number, writer.next_number) == (4, 6)
        writer.commit()
    assert read(tmp_path) == entries(5)


def test_commits_of_one_thread_lose_nothing_that_another_appends(tmp_path: Path) -> None:
    last = 20_000
    with LogWriter(tmp_path, 50_000) as writer:

        def commit() -> None:
            while writer.durable_number < last:
                before = writer.next_number - 1
                writer.commit()
                assert writer.durable_number >= before

        committing = Thread(target=commit)
        committing.start()
        for number in range(1, last + 1):
            assert writer.append(payload(number)) == number
        committing.join()
        assert writer.durable_number == last
    assert read(tmp_path) == entries(last)
    assert len(files(tmp_path)) > 2


@pytest.mark.parametrize(
    "moment", [Moment.WRITING, Moment.WRITTEN, Moment.DURABLE, Moment.SEGMENT_CREATED, Moment.HEADER_WRITTEN]
)
def test_a_writer_whose_commit_failed_writes_no_more(tmp_path: Path, moment: Moment) -> None:
    armed = False

    def announce(announced: Moment) -> None:
        if armed and announced is moment:
            raise OSError("the disk is gone")

    write_entries(tmp_path, 20, 1)
    with LogWriter(tmp_path, 1, announce) as writer:
        armed = True
        writer.append(payload(21))
        with pytest.raises(JournalUnavailableError, match="the disk is gone"):
            writer.commit()
        armed = False
        for attempt in (writer.commit, lambda: writer.append(payload(22)), writer.commit):
            with pytest.raises(JournalUnavailableError, match="an earlier write failed"):
                attempt()
        assert writer.durable_number == 20
    with LogWriter(tmp_path, 1) as writer:
        assert writer.durable_number in (20, 21)
    write_entries(tmp_path, 25)
    assert read(tmp_path) == entries(25)


def test_a_closed_writer_takes_nothing(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(JournalUnavailableError, match="closed"):
        writer.append(b"")
    with pytest.raises(JournalUnavailableError, match="closed"):
        writer.commit()


def test_a_path_that_is_a_file_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JournalUnavailableError, match="file"):
        LogWriter(tmp_path / "file" / "log")
    with pytest.raises(JournalMissingError, match="file"):
        read(tmp_path / "file")
    with pytest.raises(JournalMissingError, match="nothing"):
        read(tmp_path / "nothing")
