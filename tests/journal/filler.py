"""Commits entries until no file may grow: `python -m tests.journal.filler PATH BYTES refused|killed`.

The system's limit stands for a full disk: it lets a part of a write through, then refuses, or kills.
A process that was refused says how far it was durable, whether it is refused still when there is room again,
and what it finds when it opens the log anew.
"""

import resource
import signal
import sys
from pathlib import Path

from sequencer.journal.errors import JournalUnavailableError
from sequencer.journal.writer import LogWriter
from tests.journal.logs import payload


def fill(writer: LogWriter) -> None:
    while True:
        for _ in range(3):
            writer.append(payload(writer.next_number))
        writer.commit()
        print(writer.durable_number, flush=True)


def refused(writer: LogWriter) -> bool:
    for attempt in (writer.commit, lambda: writer.append(b"")):
        try:
            attempt()
        except JournalUnavailableError:
            continue
        return False
    return True


def main() -> None:
    path, limit, end = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if end == "killed" else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    with LogWriter(path) as writer:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        try:
            fill(writer)
        except JournalUnavailableError as error:
            print(error.code, flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        print(refused(writer), flush=True)
    with LogWriter(path) as writer:
        print(writer.durable_number, flush=True)


if __name__ == "__main__":
    main()
