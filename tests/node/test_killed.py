"""Kill the node at any moment, and start it again: nothing acknowledged is lost, nothing happens twice."""

import subprocess
import sys
import time as clock
from collections import Counter
from pathlib import Path
from random import Random

from sequencer.batch.sizes import batch_size
from sequencer.engine.state import State
from sequencer.journal.reader import read_log
from sequencer.node.recovery import recover
from sequencer.records.directories import Directories
from sequencer.records.entries import Sequenced
from sequencer.records.entry_codec import decode_entry
from tests.conftest import ROOT
from tests.node.venue import DOMAIN, create

KILLS = 12
SEED = 7


def killed(data: Path, seed: int, seconds: float) -> list[list[int]]:
    """What a node acknowledged before it was killed, some time after its first acknowledgement."""
    command = [sys.executable, "-m", "tests.node.killed", str(data), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        first = node.stdout.readline()
        clock.sleep(seconds)
        node.kill()
        lines = [first, *node.stdout.read().splitlines()]
    return [[int(word) for word in line.split()] for line in lines if len(line.split()) == 4]


def state_of(directories: Directories) -> State:
    recovered = recover(directories, batch_size("reference"))
    recovered.history.close()
    recovered.writer.close()
    return recovered.machine.state


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    random, directories = Random(SEED), create(tmp_path)
    acknowledged: list[list[int]] = []
    for kill in range(KILLS):
        acknowledged += killed(tmp_path, SEED + kill, random.random() / 2)
    entries = [decode_entry(payload) for _, payload in read_log(directories.journal)]
    sequenced = [entry.signed.message for entry in entries if isinstance(entry, Sequenced)]
    assert len(acknowledged) > KILLS
    twice = Counter((message.account, message.nonce) for message in sequenced)
    assert max(twice.values()) == 1
    hashes = {(message.account, message.nonce): message.hash(DOMAIN) for message in sequenced}
    for account, nonce, _, message_hash in acknowledged:
        assert hashes[account, nonce] == message_hash
    recovered = recover(directories, batch_size("reference"))
    with recovered.history as history, recovered.writer:
        for account, nonce, sequence, _ in acknowledged:
            record = history.message(account, nonce)
            assert record is not None
            assert record.sequence == sequence
        state = recovered.machine.state
    assert state_of(directories) == state


def test_the_history_is_the_same_when_it_is_made_anew(tmp_path: Path) -> None:
    directories = create(tmp_path)
    killed(tmp_path, SEED, 0.5)
    first = recover(directories, batch_size("reference"))
    with first.history as history, first.writer:
        fills = history.fills(1, None, 1_000).rows
        orders = history.orders(2, None, 1_000).rows
        history.wipe()
    again = recover(directories, batch_size("reference"))
    with again.history as history, again.writer:
        assert history.fills(1, None, 1_000).rows == fills
        assert history.orders(2, None, 1_000).rows == orders
        assert fills
