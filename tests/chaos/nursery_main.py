"""Forks a process for each birth that it is asked for: `python -m tests.chaos.nursery_main`."""

import gc
import importlib
import os
import pickle
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

from sequencer.chain.child import die_with_parent
from tests.chaos.disk import calls
from tests.chaos.nursery import Birth, Death, Work

# What the forks need is imported once.
PRELOADED = ("tests.chaos.day", "tests.chaos.settling", "tests.node.killed", "tests.settler.venue")


class Cradle:
    """The forks that are at work or have not been asked for."""

    def __init__(self) -> None:
        self._pipes: dict[int, int] = {}
        self._statuses: dict[int, int] = {}

    def prepare(self, work: Work) -> None:
        work()

    def start(self, birth: Birth) -> int:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            _live(birth, writing)
        os.close(writing)
        self._pipes[pid] = reading
        return pid

    def has_ended(self, pid: int) -> bool:
        if pid not in self._statuses:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._statuses[pid] = status
        return pid in self._statuses

    def wait(self, pid: int) -> Death:
        status = self._statuses.pop(pid) if pid in self._statuses else os.waitpid(pid, 0)[1]
        with os.fdopen(self._pipes.pop(pid)) as said:
            return Death(os.waitstatus_to_exitcode(status), said.read())


def _live(birth: Birth, writing: int) -> NoReturn:
    die_with_parent()
    status = 1
    try:
        birth.trouble.begin(birth.watched)
        birth.work(*birth.arguments)
        os.write(writing, calls().encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    cradle = Cradle()
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    with suppress(EOFError):
        while True:
            what, of = pickle.load(asked)
            pickle.dump(getattr(cradle, what)(of), answers)
            answers.flush()


if __name__ == "__main__":
    main()
