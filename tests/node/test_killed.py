"""Kill the node at any moment, and start it again: nothing acknowledged is lost, nothing happens twice."""

import time
from pathlib import Path
from random import Random

from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from tests.chaos.nursery import KILLED, Nursery
from tests.chaos.roots import require_all_once, require_one_history, settled_roots
from tests.node.killed import SIZE, acknowledged, trade
from tests.node.venue import DOMAIN, beginning, create

SEED = 7
KILLS_OF_A_VENUE = 12
ACKNOWLEDGED = "acknowledged"


def kill_one(nursery: Nursery, data: Path, seed: int) -> list[list[int]]:
    """What a node acknowledged before it was killed: while it starts, or some time after its first answer."""
    chance, said = Random(seed), data / f"{ACKNOWLEDGED} {seed}"
    node = nursery.start(trade, data, said, seed)
    if chance.random() < 0.7:
        node.wait_for(said)
    time.sleep(chance.random() / 2)
    node.kill()
    assert node.wait().status == KILLED
    return acknowledged(said)


def require_all_kept(directories: Directories, answers: list[list[int]], path: Path) -> None:
    """Everything that was acknowledged is there once, and whoever replays the journal has one root."""
    require_all_once(directories, answers, DOMAIN)
    recovered = recover(directories, SIZE)
    with recovered.history as history, recovered.writer:
        for account, nonce, sequence, _ in answers:
            record = history.message(account, nonce)
            assert record is not None
            assert record.sequence == sequence
    roots = require_one_history(directories, beginning(), SIZE)
    assert roots
    assert roots == settled_roots(directories, beginning(), SIZE, path)


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    nursery: Nursery, tmp_path: Path, kills: int
) -> None:
    for first in range(0, kills, KILLS_OF_A_VENUE):
        directories, answers = create(tmp_path / f"{first}"), list[list[int]]()
        for seed in range(first, min(first + KILLS_OF_A_VENUE, kills)):
            answers += kill_one(nursery, directories.data, SEED + seed)
        assert answers
        require_all_kept(directories, answers, tmp_path / f"settled {first}")


def test_the_history_is_the_same_when_it_is_made_anew(nursery: Nursery, tmp_path: Path) -> None:
    directories = create(tmp_path)
    said = tmp_path / ACKNOWLEDGED
    node = nursery.start(trade, tmp_path, said, SEED)
    node.wait_for(said)
    time.sleep(0.5)
    node.kill()
    node.wait()
    first = recover(directories, SIZE)
    with first.history as history, first.writer:
        fills = history.fills(1, None, 1_000).rows
        orders = history.orders(2, None, 1_000).rows
        history.wipe()
    again = recover(directories, SIZE)
    with again.history as history, again.writer:
        assert history.fills(1, None, 1_000).rows == fills
        assert history.orders(2, None, 1_000).rows == orders
        assert fills
