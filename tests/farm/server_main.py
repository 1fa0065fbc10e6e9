"""A process with a queue of commitments and its server: directory, port, seconds of a lease, attempts."""

import socket
import sys
import time
from pathlib import Path

from prover.farm.queue import JobQueue
from prover.farm.server import create_app, serve
from tests.farm.commitments import keys
from tests.farm.processes import TOKEN

if __name__ == "__main__":
    directory, port, lease_seconds, attempts_max = sys.argv[1:]
    queue = JobQueue(Path(directory), keys(), lambda: int(time.time()), int(lease_seconds), int(attempts_max))
    with queue, socket.create_server(("127.0.0.1", int(port))) as listening:
        print(f"Listening on {listening.getsockname()[1]}", flush=True)
        serve(create_app(queue, TOKEN), listening)
