"""Applies the samples to a history and says how far it is, until it is killed or done.

`python -m tests.history.applier PATH [wipe]`: with `wipe`, it wipes the history and begins again for ever.
"""

import sys
from itertools import cycle
from pathlib import Path

from sequencer.history.store import HistoryStore
from tests.history.samples import projections

PROJECTIONS = 200
WIPES = "wipe"


def main() -> None:
    samples = projections(count=PROJECTIONS)[:PROJECTIONS]
    wipes = sys.argv[2:] == [WIPES]
    with HistoryStore(Path(sys.argv[1])) as store:
        print(f"at {store.position}", flush=True)
        for projection in cycle(samples) if wipes else samples:
            if wipes and projection.number == 1:
                store.wipe()
            store.apply(projection)
            print(projection.number, flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
