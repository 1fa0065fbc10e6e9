"""Another process that writes or removes snapshots, and dies at a moment."""

import os
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from sequencer.snapshot.files import drop_after, prune, write_snapshot
from sequencer.snapshot.moments import Announce, Moment
from tests.store.exchange import trading

_KILLED: Final = 9
_PROCESSES: Final = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.snapshot.killing"])


def write_batch(batch: int, folder: Path, announce: Announce) -> None:
    """Write the snapshot of a batch of `tests.store.exchange`."""
    *_, (_, ledger) = trading(batch)
    write_snapshot(folder, ledger, announce)


def drop(batch: int, folder: Path, announce: Announce) -> None:
    drop_after(folder, batch, announce)


def prune_to(keep: int, folder: Path, announce: Announce) -> None:
    prune(folder, keep, announce)


def killed_at(moment: Moment, work: Callable[[int, Path, Announce], None], number: int, folder: Path) -> None:
    """Let a process do the work until it dies at a moment."""
    process = _PROCESSES.Process(target=_work_until, args=(moment, partial(work, number, folder)))
    process.start()
    process.join()
    assert process.exitcode == _KILLED


def _work_until(moment: Moment, work: Callable[[Announce], None]) -> None:
    work(lambda told: os._exit(_KILLED) if told is moment else None)
