"""A history whose process is killed, at whatever point, holds whole groups and goes on from there."""

import subprocess
import sys
from pathlib import Path
from random import Random

from sequencer.history.store import HistoryStore
from tests.history.applier import GROUP, PROJECTIONS, WIPES
from tests.history.samples import projections
from tests.history.test_store import content

ROOT = Path(__file__).resolve().parents[2]
KILLS = 8
GROUPS = PROJECTIONS // GROUP


def kill_after(path: Path, lines: int, *arguments: str) -> list[str]:
    """What a process said that was killed when it had said so much, and before it was noticed."""
    command = [sys.executable, "-m", "tests.history.applier", str(path), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        return [*said, *(line.strip() for line in process.stdout)]


def expected(path: Path, position: int) -> dict[bytes, bytes]:
    with HistoryStore(path) as store:
        store.apply(projections(count=PROJECTIONS)[:position])
    return content(path)


def test_a_history_killed_again_and_again_has_all_of_each_group_or_nothing(tmp_path: Path) -> None:
    path, chance, position = tmp_path / "history", Random(1), 0
    while "done" not in (
        said := kill_after(path, 1 + position // GROUP + chance.randint(1, 2 * GROUPS // KILLS))
    ):
        applied = max(int(line) for line in said if line.isdecimal())
        with HistoryStore(path) as store:
            position = store.position
        assert position in (applied, applied + GROUP)
        assert content(path) == expected(tmp_path / f"to {position}", position)
    assert content(path) == expected(tmp_path / "whole", PROJECTIONS)


def test_a_history_killed_while_it_is_wiped_has_all_or_nothing(tmp_path: Path) -> None:
    path, chance = tmp_path / "history", Random(2)
    for kill in range(KILLS):
        kill_after(path, chance.choice((1, GROUPS, GROUPS + 1, 2 * GROUPS + 1)), WIPES)
        with HistoryStore(path) as store:
            position = store.position
        assert content(path) == expected(tmp_path / f"{kill}", position)
        assert not path.with_name("history.discarded").exists()
