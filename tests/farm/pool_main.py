"""A process that works for a queue: kind of engine, URL, name, function that proves."""

import signal
import sys
from functools import partial

from prover.farm.child import ChildEngine
from prover.farm.client import FarmClient
from prover.farm.worker import Worker
from tests.farm.commitments import SIZE
from tests.farm.processes import TOKEN


def main() -> None:
    kind, url, name, prove = sys.argv[1:]
    source, announce = FarmClient(url, TOKEN), partial(print, flush=True)
    if kind == "ray":
        from prover.farm.ray_pool import RayEngine, RayPool, connect

        connect("local")
        pool = RayPool(source, RayEngine(prove, 1), name, [SIZE], announce, places=1)
        signal.signal(signal.SIGTERM, lambda *_: pool.stop())
        pool.run()
    else:
        worker = Worker(source, ChildEngine(prove), name, [SIZE], announce)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run()


if __name__ == "__main__":
    main()
