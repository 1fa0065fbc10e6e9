"""A log whose last write was torn ends with its last complete entry, and goes on from there."""

from itertools import accumulate
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sequencer.journal.frames import CHECKSUM_BYTES, HEADER_BYTES
from sequencer.journal.moments import Moment
from sequencer.journal.writer import LogWriter
from tests.journal.logs import files, first_of, frame_ends, new_path, read, write

COMMITS = st.lists(st.lists(st.binary(max_size=60), min_size=1, max_size=4), min_size=1, max_size=10)
MORE = st.lists(st.binary(max_size=60), max_size=6)


def goes_on(path: Path, kept: list[bytes], more: list[bytes]) -> None:
    """The log has these entries, whoever reads it, and takes others after them."""
    assert read(path) == list(enumerate(kept, 1))
    with LogWriter(path) as writer:
        assert (writer.next_number, writer.durable_number) == (len(kept) + 1, len(kept))
    write(path, [[each] for each in more])
    assert read(path) == list(enumerate([*kept, *more], 1))


@given(COMMITS, MORE, st.data())
def test_a_log_cut_at_any_byte_has_the_entries_that_are_complete(
    commits: list[list[bytes]], more: list[bytes], data: st.DataObject
) -> None:
    payloads = [each for commit in commits for each in commit]
    with new_path() as path:
        write(path, commits)
        last = files(path)[-1]
        before = first_of(last) - 1
        size = data.draw(st.integers(0, last.stat().st_size), label="size")
        with last.open("r+b") as file:
            file.truncate(size)
        complete = sum(end <= size for end in frame_ends(payloads[before:]))
        goes_on(path, payloads[: before + complete], more)


@given(COMMITS, MORE, st.integers(0, 10_000), st.data())
def test_what_the_disk_has_the_length_of_but_not_the_bytes_is_torn_too(
    commits: list[list[bytes]], more: list[bytes], zeros: int, data: st.DataObject
) -> None:
    payloads = [each for commit in commits for each in commit]
    with new_path() as path:
        write(path, commits, 1 << 20)
        (segment,) = files(path)
        ends = [HEADER_BYTES, *frame_ends(payloads)]
        kept = data.draw(st.integers(0, len(payloads) - 1), label="kept")
        size = data.draw(st.integers(ends[kept], ends[kept + 1] - CHECKSUM_BYTES), label="size")
        with segment.open("r+b") as file:
            file.truncate(size)
            file.truncate(ends[-1] + zeros)
        goes_on(path, payloads[:kept], more)


def test_a_header_of_zeros_alone_is_torn(tmp_path: Path) -> None:
    (tmp_path / f"{1:012d}.log").write_bytes(bytes(HEADER_BYTES))
    goes_on(tmp_path, [], [b"first"])


def test_a_torn_header_after_a_complete_segment_is_made_anew(tmp_path: Path) -> None:
    payloads = [bytes([number]) * 50 for number in range(9)]
    write(tmp_path, [payloads])
    for size in range(HEADER_BYTES):
        with (tmp_path / f"{10:012d}.log").open("wb") as file:
            file.write(b"PBLOG1\n\0"[:size].ljust(size, b"\0"))
        goes_on(tmp_path, payloads, [])
    goes_on(tmp_path, payloads, [b"tenth"])
    assert [first_of(segment) for segment in files(tmp_path)] == [1, 10]


def test_a_tail_is_cut_once(tmp_path: Path) -> None:
    write(tmp_path, [[b"first"]])
    with files(tmp_path)[0].open("ab") as file:
        file.write(b"\0\0")
    seen: list[Moment] = []
    for _ in range(2):
        LogWriter(tmp_path, announce=seen.append).close()
    assert seen == [Moment.TAIL_CUT]


def test_frames_end_where_the_tests_say(tmp_path: Path) -> None:
    payloads = [bytes(length) for length in (0, 1, 300)]
    write(tmp_path, [payloads], 1 << 20)
    assert files(tmp_path)[0].stat().st_size == frame_ends(payloads)[-1]
    assert list(accumulate([24, 16, 17, 316]))[1:] == frame_ends(payloads)
