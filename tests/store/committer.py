"""Commits batch after batch and says so, until it is killed: `python -m tests.store.committer PATH COUNT`."""

import sys
from pathlib import Path

from sequencer.store.ledger_store import LedgerStore
from tests.store.exchange import start, trading


def main() -> None:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    store = LedgerStore.create(path, start())
    print("created", flush=True)
    for batch, _ in trading(count):
        store.commit(batch.change, batch.record())
        print(batch.number, flush=True)
    print("waiting", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
