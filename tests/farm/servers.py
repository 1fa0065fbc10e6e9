"""A queue over HTTP while a test needs it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from prover.farm.queue import JobQueue
from prover.farm.server import create_app


@contextmanager
def serving(queue: JobQueue, token: str) -> Iterator[str]:
    """The queue's address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(create_app(queue, token), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            # The socket listens already: a request waits until the server takes it.
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            while not server.started:
                time.sleep(0.01)
            server.should_exit = True
            thread.join()
