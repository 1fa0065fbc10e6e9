"""Node and settler of one venue are killed at any moments, and L1 takes batches back: one root in the end."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from sequencer.batch.sizes import batch_size
from sequencer.chain.artifacts import build_contracts
from sequencer.records.entries import Unwound
from tests.chaos import settling
from tests.chaos.nursery import KILLED, Child, Nursery
from tests.chaos.roots import entries, require_all_once, require_one_history
from tests.node.killed import acknowledged, trade
from tests.node.venue import DOMAIN, beginning

SIZE = batch_size("small")
SEED = 11
KILLS_OF_A_VENUE = 12
LIVES = 0.05, 0.7
TAKEN_BACK_EVERY = 5


def ended(child: Child) -> None:
    """Kill a process wherever it is."""
    child.kill()
    assert child.wait().status == KILLED


def survived(nursery: Nursery, path: Path, chance: Random, first: int, kills: int) -> None:
    """A venue of which now the node, now the settler is killed, now and then with batches taken back."""
    directories, said = settling.create(path / "data"), path / "said"
    starts: list[Callable[[int], Child]] = [
        lambda seed: nursery.start(trade, directories.data, said, seed, SIZE),
        lambda seed: nursery.start(settling.settle, directories.data, SIZE),
    ]
    alive = [start(first) for start in starts]
    alive[0].wait_for(said)
    taken_back = 0
    for seed in range(first + 1, first + kills):
        time.sleep(chance.uniform(*LIVES))
        victim = chance.randrange(len(alive))
        ended(alive[victim])
        if victim == 1 and chance.randrange(TAKEN_BACK_EVERY) == 0:
            settling.take_back(directories, chance.randint(1, 3))
            taken_back += 1
        alive[victim] = starts[victim](seed)
    alive[0].wait_for(said)
    for child in alive:
        ended(child)
    node = nursery.start(trade, directories.data, path / "last", first + kills, SIZE)
    node.wait_for(path / "last")
    ended(node)
    roots = settling.follow(directories, SIZE)
    assert roots
    require_all_once(directories, acknowledged(said) + acknowledged(path / "last"), DOMAIN)
    assert require_one_history(directories, beginning(), SIZE) == roots
    assert sum(isinstance(entry, Unwound) for _, entry in entries(directories)) == taken_back


def test_node_and_settler_killed_at_any_moments_come_to_one_root(
    nursery: Nursery, tmp_path: Path, kills: int
) -> None:
    nursery.prepare(build_contracts)
    chance = Random(SEED)
    for first in range(0, kills, KILLS_OF_A_VENUE):
        survived(nursery, tmp_path / f"{first}", chance, first, min(KILLS_OF_A_VENUE, kills - first))
