"""No damage to a log is taken for a torn write, and none is read over."""

from collections import deque
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.journal.errors import JournalCorruptedError
from sequencer.journal.frames import HEADER_BYTES, SegmentHeader, encode_frame, encode_header
from sequencer.journal.reader import Entry, LogFollower, read_log
from sequencer.journal.writer import LogWriter
from tests.journal.logs import (
    contents,
    entries,
    files,
    first_of,
    new_path,
    payload,
    read,
    write,
    write_entries,
)

LAST = 40


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of several segments."""
    write_entries(tmp_path, LAST)
    assert len(files(tmp_path)) >= 6
    return tmp_path


def read_until_damage(path: Path, first: int = 1) -> tuple[list[Entry], str]:
    """What a reader gets before it is told of the damage, and what it is told."""
    found: list[Entry] = []
    with pytest.raises(JournalCorruptedError) as caught:
        found.extend(read_log(path, first))
    return found, caught.value.message


def everybody_refuses(path: Path) -> None:
    """Reader, follower and writer all say that the log is damaged; nothing of it is changed."""
    before = contents(path)
    found, _ = read_until_damage(path)
    assert found == entries(len(found))
    with LogFollower(path) as follower, pytest.raises(JournalCorruptedError):
        deque(iter(partial(follower.poll, 5), []))
    with pytest.raises(JournalCorruptedError):
        LogWriter(path)
    assert contents(path) == before


COMMITS = st.lists(st.lists(st.binary(max_size=60), min_size=1, max_size=4), min_size=1, max_size=8)


@given(COMMITS, st.integers(1, 255), st.data())
def test_a_flipped_byte_anywhere_is_found(commits: list[list[bytes]], flip: int, data: st.DataObject) -> None:
    payloads = [each for commit in commits for each in commit]
    with new_path() as path:
        write(path, commits)
        segment = data.draw(st.sampled_from(files(path)), label="segment")
        content = bytearray(segment.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1), label="place")
        content[place] ^= flip
        segment.write_bytes(content)
        found, message = read_until_damage(path)
        assert found == list(enumerate(payloads[: len(found)], 1))
        assert len(found) < len(payloads)
        assert str(path) in message
        if segment == files(path)[-1]:
            with pytest.raises(JournalCorruptedError):
                LogWriter(path)
            assert segment.read_bytes() == content


def test_the_file_the_byte_and_the_entry_are_named(tmp_path: Path) -> None:
    write(tmp_path, [[b"one", b"two", b"three"]])
    (segment,) = files(tmp_path)
    segment.write_bytes(segment.read_bytes().replace(b"two", b"too"))
    place = f"{segment} at byte {HEADER_BYTES + 16 + 3}, entry 2: "
    with pytest.raises(JournalCorruptedError, match=place):
        read(tmp_path)
    with pytest.raises(JournalCorruptedError, match=place):
        LogWriter(tmp_path)


def test_a_flipped_length_of_the_last_entry_does_not_make_it_incomplete(tmp_path: Path) -> None:
    write(tmp_path, [[b"first", b"last"]])
    (segment,) = files(tmp_path)
    intact = segment.read_bytes()
    start = len(intact) - 20
    for place in range(start, start + 8):
        for bit in range(8):
            damaged = bytearray(intact)
            damaged[place] ^= 1 << bit
            segment.write_bytes(damaged)
            with pytest.raises(JournalCorruptedError, match="entry 2: the length"):
                LogWriter(tmp_path)


def test_zeros_in_the_last_entry_are_damage_as_long_as_its_checksum_is_there(tmp_path: Path) -> None:
    write(tmp_path, [[b"first", bytes(range(1, 100))]])
    (segment,) = files(tmp_path)
    intact = segment.read_bytes()
    for place in range(len(intact) - 115, len(intact) - 8):
        segment.write_bytes(intact[:place] + bytes(len(intact) - 8 - place) + intact[-8:])
        with pytest.raises(JournalCorruptedError, match="entry 2"):
            LogWriter(tmp_path)


def test_zeros_in_the_place_of_a_header_are_damage_where_entries_follow(log: Path) -> None:
    last = files(log)[-1]
    last.write_bytes(bytes(HEADER_BYTES) + last.read_bytes()[HEADER_BYTES:])
    everybody_refuses(log)


def test_a_length_that_no_entry_has_is_damage_even_if_it_checks(tmp_path: Path) -> None:
    (tmp_path / f"{1:012d}.log").write_bytes(
        encode_header(SegmentHeader(1, bytes(8))) + encode_frame(bytes(8), 1, bytes((1 << 20) + 1))
    )
    everybody_refuses(tmp_path)


@pytest.mark.parametrize("index", [0, 1, 3, -2])
def test_a_missing_segment_is_found(log: Path, index: int) -> None:
    files(log)[index].unlink()
    everybody_refuses(log)


@pytest.mark.parametrize("index", [0, 1, 3, -2])
@pytest.mark.parametrize("name", ["middle", "end"])
def test_a_doubled_segment_is_found(log: Path, index: int, name: str) -> None:
    segment = files(log)[index]
    number = first_of(segment) + 1 if name == "middle" else LAST + 1
    (log / f"{number:012d}.log").write_bytes(segment.read_bytes())
    everybody_refuses(log)


@pytest.mark.parametrize("pair", [(0, 1), (1, 3), (2, -1)])
def test_swapped_segments_are_found(log: Path, pair: tuple[int, int]) -> None:
    one, other = (files(log)[index] for index in pair)
    of_one, of_other = one.read_bytes(), other.read_bytes()
    one.write_bytes(of_other)
    other.write_bytes(of_one)
    everybody_refuses(log)


@pytest.mark.parametrize("index", [0, 1, 3, -2, -1])
def test_a_segment_of_another_log_is_found(
    log: Path, tmp_path_factory: pytest.TempPathFactory, index: int
) -> None:
    other = tmp_path_factory.mktemp("other")
    payloads = [payload(number) for number in range(1, LAST + 1)]
    write(other, [[payloads[0][::-1] + b"!"], *([each] for each in payloads[1:])], 199)
    files(log)[index].write_bytes((other / files(log)[index].name).read_bytes())
    if index == 0:
        with pytest.raises(JournalCorruptedError):
            read(log)
        with pytest.raises(JournalCorruptedError):
            LogWriter(log)
    else:
        everybody_refuses(log)
        assert read_until_damage(log, first_of(files(log)[index]))[0] == []


@pytest.mark.parametrize("index", [0, 2, -2])
def test_a_segment_before_the_last_is_never_torn(log: Path, index: int) -> None:
    segment = files(log)[index]
    intact = segment.read_bytes()
    following = files(log)[files(log).index(segment) + 1]
    for size in (0, 1, 7, *Random(index).sample(range(8, len(intact)), 20)):
        segment.write_bytes(intact[:size])
        everybody_refuses(log)
        assert read_until_damage(log, first_of(following))[0] == []


@pytest.mark.parametrize("index", [0, 2, -2])
def test_bytes_after_the_last_entry_of_a_full_segment_are_damage(log: Path, index: int) -> None:
    with files(log)[index].open("ab") as file:
        file.write(b"\0")
    everybody_refuses(log)


def test_bytes_after_the_last_entry_are_damage_where_a_torn_header_follows(log: Path) -> None:
    with files(log)[-1].open("ab") as file:
        file.write(b"\0")
    (log / f"{LAST + 1:012d}.log").write_bytes(b"")
    everybody_refuses(log)


def test_a_flipped_byte_in_a_header_without_entries_is_found(tmp_path: Path) -> None:
    LogWriter(tmp_path).close()
    (segment,) = files(tmp_path)
    intact = segment.read_bytes()
    assert len(intact) == HEADER_BYTES
    for place in range(HEADER_BYTES):
        damaged = bytearray(intact)
        damaged[place] ^= 1
        segment.write_bytes(damaged)
        everybody_refuses(tmp_path)


def test_a_torn_header_does_not_hide_what_is_missing_before_it(log: Path) -> None:
    (log / f"{LAST + 2:012d}.log").write_bytes(b"PBLOG")
    everybody_refuses(log)


def test_a_file_with_the_name_of_no_segment_is_refused(log: Path) -> None:
    for name in ("1.log", "0000000000x1.log", "+00000000041.log"):
        stray = log / name
        stray.write_bytes(b"")
        everybody_refuses(log)
        stray.unlink()
    (log / "notes.txt").write_bytes(b"")
    assert read(log) == entries(LAST)


def test_a_writer_that_refuses_a_log_does_not_keep_it_locked(log: Path) -> None:
    segment = files(log)[2]
    intact = segment.read_bytes()
    segment.write_bytes(intact[:-1])
    with pytest.raises(JournalCorruptedError):
        LogWriter(log)
    segment.write_bytes(intact)
    write_entries(log, LAST + 1)
    assert read(log) == entries(LAST + 1)


def test_a_reader_from_a_later_entry_does_not_read_the_segments_before_it(log: Path) -> None:
    segments = files(log)
    damaged = bytearray(segments[1].read_bytes())
    damaged[HEADER_BYTES + 8] ^= 1
    segments[1].write_bytes(damaged)
    for first in (first_of(segments[2]), first_of(segments[2]) + 1, LAST, LAST + 1):
        assert read(log, first) == entries(LAST, first)
    found, message = read_until_damage(log, first_of(segments[2]) - 1)
    assert not found
    assert str(segments[1]) in message
