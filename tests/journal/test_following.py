"""A follower of a log gets every entry once, in order, and only what no power failure takes back."""

import os
from pathlib import Path
from threading import Thread

import pytest

from sequencer.journal.errors import JournalCorruptedError, JournalShortError
from sequencer.journal.moments import Moment
from sequencer.journal.reader import POLL_BYTES_MAX, Entry, LogFollower
from sequencer.journal.writer import LogWriter
from tests.journal.logs import (
    SEGMENT_BYTES,
    contents,
    entries,
    files,
    first_of,
    payload,
    read,
    write,
    write_entries,
)


def test_a_follower_gets_every_entry_in_order_while_a_writer_writes(tmp_path: Path) -> None:
    last = 600
    writing = Thread(target=write_entries, args=(tmp_path / "log", last, 500))
    found: list[Entry] = []
    with LogFollower(tmp_path / "log") as follower:
        writing.start()
        while len(found) < last:
            polled = follower.poll(7)
            assert len(polled) <= 7
            found += polled
        writing.join()
        assert follower.poll(7) == []
    assert found == entries(last)
    assert len(files(tmp_path / "log")) > 30


@pytest.mark.parametrize("first", [1, 2, 17, 40, 41])
def test_a_follower_begins_with_any_entry(tmp_path: Path, first: int) -> None:
    write_entries(tmp_path, 40)
    with LogFollower(tmp_path, first) as follower:
        assert follower.poll(100) == entries(40, first)
        write_entries(tmp_path, 45)
        assert follower.poll(2) == entries(max(first, 41) + 1, max(first, 41))
        assert follower.poll(100) == entries(45, max(first, 41) + 2)


def test_a_follower_waits_for_a_log_that_is_not_there_yet(tmp_path: Path) -> None:
    with LogFollower(tmp_path / "log") as follower:
        assert follower.poll(1) == []
        (tmp_path / "log").mkdir()
        assert follower.poll(1) == []
        write_entries(tmp_path / "log", 2)
        assert follower.poll(5) == entries(2)


def test_entries_have_no_number_below_1(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="from 1"):
        LogFollower(tmp_path, 0)


@pytest.mark.parametrize("last", [0, 1, 8, 20])
def test_a_log_that_ends_before_what_was_read_of_it_is_not_waited_for(tmp_path: Path, last: int) -> None:
    if last:
        write_entries(tmp_path, last)
    assert read(tmp_path, last + 1) == []
    with pytest.raises(JournalShortError, match=f"before entry {last + 1}"):
        read(tmp_path, last + 2)


def test_a_log_that_loses_what_its_follower_has_is_damaged(tmp_path: Path) -> None:
    write(tmp_path, [[b"one", b"two"]])
    (segment,) = files(tmp_path)
    with LogFollower(tmp_path) as follower:
        assert len(follower.poll(2)) == 2
        segment.write_bytes(segment.read_bytes()[:-19])
        with pytest.raises(JournalCorruptedError, match="no longer there"):
            follower.poll(1)


def test_a_follower_at_any_byte_of_a_write_has_the_complete_entries(tmp_path: Path) -> None:
    whole, copy = tmp_path / "whole", tmp_path / "copy"
    write_entries(whole, 12)
    copy.mkdir()
    found: list[Entry] = []
    with LogFollower(copy) as follower:
        for name, content in contents(whole).items():
            (copy / name).write_bytes(b"")
            for at in range(len(content)):
                found += follower.poll(9)
                with (copy / name).open("ab") as file:
                    file.write(content[at : at + 1])
                assert found == entries(len(found))
        found += follower.poll(9)
    assert found == entries(12)


def test_a_follower_that_begins_where_a_segment_is_being_made_waits_for_it(tmp_path: Path) -> None:
    write_entries(tmp_path, 40)
    last = files(tmp_path)[-1]
    content = last.read_bytes()
    last.write_bytes(content[:9])
    with LogFollower(tmp_path, first_of(last)) as follower:
        assert follower.poll(100) == []
        last.write_bytes(content)
        assert follower.poll(100) == entries(40, first_of(last))


def test_a_torn_entry_that_a_restarted_writer_replaces_is_not_taken_for_damage(tmp_path: Path) -> None:
    write(tmp_path, [[b"first"]])
    with LogFollower(tmp_path) as follower:
        assert follower.poll(5) == [(1, b"first")]
        write(tmp_path, [[b"torn" * 9]])
        (segment,) = files(tmp_path)
        os.truncate(segment, segment.stat().st_size - 1)
        assert follower.poll(5) == []
        write(tmp_path, [[b"second" * 9], [b"third"]])
        assert follower.poll(5) == [(2, b"second" * 9), (3, b"third")]


def test_a_torn_entry_that_is_replaced_while_it_is_read_is_not_taken_for_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [[b"first"]])
    pread, meanwhile = os.pread, [[b"second" * 9], [b"third"]]

    def interrupted(handle: int, count: int, offset: int) -> bytes:
        monkeypatch.undo()
        found = pread(handle, count, offset)
        write(tmp_path, meanwhile)
        return found

    with LogFollower(tmp_path) as follower:
        assert follower.poll(5) == [(1, b"first")]
        write(tmp_path, [[b"torn" * 9]])
        (segment,) = files(tmp_path)
        os.truncate(segment, segment.stat().st_size - 1)
        monkeypatch.setattr(os, "pread", interrupted)
        assert follower.poll(5) == [(2, b"second" * 9), (3, b"third")]


def test_a_poll_that_fails_gives_nothing_and_the_next_begins_with_the_same_entry(tmp_path: Path) -> None:
    write_entries(tmp_path, 40)
    segment = files(tmp_path)[3]
    content = segment.read_bytes()
    with LogFollower(tmp_path) as follower:
        assert follower.poll(2) == entries(2)
        segment.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(JournalCorruptedError):
            follower.poll(100)
        segment.write_bytes(content)
        assert follower.poll(100) == entries(40, 3)


def test_a_poll_gives_no_more_bytes_than_it_needs_to(tmp_path: Path) -> None:
    big = bytes(1 << 20)
    write(tmp_path, [[big] * 20], 1 << 30)
    with LogFollower(tmp_path) as follower:
        polled = [len(follower.poll(100)) for _ in range(4)]
    full = POLL_BYTES_MAX // len(big)
    assert polled == [full, full, 20 - 2 * full, 0]


def test_what_a_follower_gives_it_has_synced_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fdatasync = os.fdatasync

    def counted(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        fdatasync(handle)

    def announce(moment: Moment) -> None:
        if moment is Moment.WRITTEN:
            assert follower.poll(5) == [(1, payload(1))]
            assert synced == [files(tmp_path)[0].stat().st_ino]

    monkeypatch.setattr(os, "fdatasync", counted)
    with LogFollower(tmp_path) as follower, LogWriter(tmp_path, SEGMENT_BYTES, announce) as writer:
        writer.append(payload(1))
        writer.commit()
        synced.clear()
        assert follower.poll(5) == []
        assert not synced
