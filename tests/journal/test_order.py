"""What must outlast a power failure is synced before anything rests on it."""

import os
from pathlib import Path

import pytest

from sequencer.journal.moments import Moment
from sequencer.journal.writer import LogWriter
from tests.journal.logs import files, write_entries


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What has been synced, in order; it is really done."""
    done: list[Path] = []

    def listening(name: str) -> None:
        sync = getattr(os, name)

        def listened(handle: int) -> None:
            sync(handle)
            done.append(Path(os.readlink(f"/proc/self/fd/{handle}")))

        monkeypatch.setattr(os, name, listened)

    listening("fsync")
    listening("fdatasync")
    return done


def test_a_segment_and_its_name_are_on_disk_before_an_entry_is_written(
    tmp_path: Path, synced: list[Path]
) -> None:
    by_moment: dict[Moment, list[Path]] = {}

    def announce(moment: Moment) -> None:
        by_moment[moment] = synced.copy()
        synced.clear()

    log = tmp_path / "data" / "log"
    with LogWriter(log, announce=announce) as writer:
        writer.append(b"entry")
        writer.commit()
    (segment,) = files(log)
    assert by_moment == {
        Moment.SEGMENT_CREATED: [tmp_path, tmp_path / "data"],
        Moment.HEADER_WRITTEN: [segment],
        Moment.SEGMENT_DURABLE: [log],
        Moment.WRITING: [],
        Moment.WRITTEN: [],
        Moment.DURABLE: [segment],
    }


def test_what_a_writer_finds_is_on_disk_when_it_is_open(tmp_path: Path, synced: list[Path]) -> None:
    write_entries(tmp_path, 2)
    (segment,) = files(tmp_path)
    synced.clear()
    LogWriter(tmp_path).close()
    assert synced == [segment, tmp_path]


def test_a_cut_is_on_disk_when_the_writer_is_open(tmp_path: Path, synced: list[Path]) -> None:
    write_entries(tmp_path, 2)
    (segment,) = files(tmp_path)
    with segment.open("ab") as file:
        file.write(b"torn")
    synced.clear()
    LogWriter(tmp_path, announce=lambda moment: synced.append(Path(moment.name))).close()
    assert synced == [segment, Path(Moment.TAIL_CUT.name), segment, tmp_path]
