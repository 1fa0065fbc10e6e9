"""Applies the samples to a history, group by group, and says how far it is, until it is killed or done.

`python -m tests.history.applier PATH [wipe]`: with `wipe`, it wipes the history and begins again for ever.
"""

import sys
from itertools import cycle
from pathlib import Path

from sequencer.history.store import HistoryStore
from tests.history.samples import projections

PROJECTIONS = 200
GROUP = 8
WIPES = "wipe"


def main() -> None:
    samples = projections(count=PROJECTIONS)[:PROJECTIONS]
    wipes = sys.argv[2:] == [WIPES]
    with HistoryStore(Path(sys.argv[1])) as store:
        print(f"at {store.position}", flush=True)
        for begin in cycle(range(0, PROJECTIONS, GROUP)) if wipes else range(0, PROJECTIONS, GROUP):
            if wipes and begin == 0:
                store.wipe()
            store.apply(samples[begin : begin + GROUP])
            print(begin + GROUP, flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
