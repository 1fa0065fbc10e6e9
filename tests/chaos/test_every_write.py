"""The node's disk fails at each single write: nothing acknowledged is lost, and nothing happens twice."""

import shutil
from pathlib import Path

import pytest

from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from sequencer.records.entries import (
    Armed,
    Closed,
    Consumed,
    Decided,
    Disarmed,
    JournalEntry,
    Opened,
    Progressed,
    Sequenced,
    Unwound,
)
from tests.chaos import day
from tests.chaos.nursery import Nursery
from tests.chaos.roots import entries, history_of, require_all_once, require_one_history, settled_roots
from tests.chaos.troubles import calls, deaths, outlived, refusals
from tests.node.venue import DOMAIN, beginning
from tests.settler import journals

WATCHED = ("journal", "history")


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue before its first day."""
    data = tmp_path_factory.mktemp("morning") / "data"
    day.create(data)
    return data


@pytest.fixture(scope="module")
def evening(morning: Path, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue after its day, of which L1 has taken back the second batch."""
    data = tmp_path_factory.mktemp("evening") / "data"
    shutil.copytree(morning, data)
    assert nursery.run(day.live, data, 0).status == 0
    day.take_back(data, beginning())
    return data


def kinds(directories: Directories) -> list[type[JournalEntry]]:
    return [type(entry) for _, entry in entries(directories)]


def require_kept(data: Path) -> list[int]:
    """What was acknowledged is there once, and the history is the one of the journal; return the roots."""
    directories = Directories(data)
    require_all_once(directories, day.acknowledged(data), DOMAIN)
    roots = require_one_history(directories, beginning(), day.SIZE)
    kept = history_of(directories)
    shutil.rmtree(directories.history)
    recovered = recover(directories, day.SIZE)
    recovered.history.close()
    recovered.writer.close()
    assert history_of(directories) == kept
    return roots


def test_a_node_that_dies_at_any_write_has_what_it_acknowledged_once(
    nursery: Nursery, morning: Path, tmp_path: Path, kills: int
) -> None:
    troubles = deaths(calls(nursery, morning, day.live, WATCHED, tmp_path / "whole", kills))
    works = (day.live, day.live)
    for data in outlived(nursery, morning, tmp_path, WATCHED, works, troubles):
        directories, roots = Directories(data), require_kept(data)
        assert roots == settled_roots(directories, beginning(), day.SIZE, data / "settled")
        everything = {Opened, Consumed, Sequenced, Decided, Closed, Armed, Disarmed, Progressed}
        assert set(kinds(directories)) == everything


def test_a_node_that_dies_at_any_write_while_it_undoes_batches_undoes_them_once(
    nursery: Nursery, evening: Path, tmp_path: Path, kills: int
) -> None:
    troubles = deaths(calls(nursery, evening, day.live_after, WATCHED, tmp_path / "whole", kills))
    works = (day.live_after, day.live_after)
    for data in outlived(nursery, evening, tmp_path, WATCHED, works, troubles):
        directories, roots = Directories(data), require_kept(data)
        with journals.settler(directories, size=day.SIZE) as settler:
            journals.follow(settler)
        assert roots == journals.roots(directories)
        assert kinds(directories).count(Unwound) == 1


def test_a_node_whose_disk_is_full_or_fails_at_any_call_keeps_what_it_acknowledged(
    nursery: Nursery, morning: Path, tmp_path: Path, kills: int
) -> None:
    troubles = refusals(calls(nursery, morning, day.live, WATCHED, tmp_path / "whole", kills))
    works = (day.live_or_refuse, day.live)
    for data in outlived(nursery, morning, tmp_path, WATCHED, works, troubles):
        require_kept(data)
