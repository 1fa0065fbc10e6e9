"""Commits entries and says how far they are durable, until it is killed or has done its number.

`python -m tests.journal.committer PATH LAST [MOMENT TIMES]`: with a moment, the process kills itself when it
has come for so many times.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from sequencer.journal.moments import Moment, silent
from sequencer.journal.writer import LogWriter
from tests.journal.logs import payload

BURST_MAX = 9
SEGMENT_BYTES = 1_000


def deadly(deadly_moment: Moment, times: int) -> Callable[[Moment], None]:
    left = times

    def announce(moment: Moment) -> None:
        nonlocal left
        left -= moment is deadly_moment
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    return announce


def main() -> None:
    path, last = Path(sys.argv[1]), int(sys.argv[2])
    announce = deadly(Moment[sys.argv[3]], int(sys.argv[4])) if len(sys.argv) > 3 else silent
    with LogWriter(path, SEGMENT_BYTES, announce) as writer:
        print("open", flush=True)
        chance = Random(writer.next_number)
        while writer.next_number <= last:
            for _ in range(chance.randint(1, BURST_MAX)):
                writer.append(payload(writer.next_number))
            writer.commit()
            print(writer.durable_number, flush=True)
        print("waiting", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
