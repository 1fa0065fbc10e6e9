"""A node that fails by script: an HTTP proxy in front of a good one."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Answer = bytes | None
"""What goes back; None closes the connection without a word."""
Fault = Callable[[Any, Callable[[Any], Any]], Answer]
"""Gets the request and the way to the good node."""

FORWARD_SECONDS = 30.0


class FaultyNode:
    """The n-th request of a method meets the n-th fault of its script; later ones meet none."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._script: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.released = threading.Event()
        self.url = ""

    def script(self, method: str, *faults: Fault) -> None:
        self._script[method].extend(faults)

    @property
    def is_spent(self) -> bool:
        """Whether every fault has been met."""
        return not any(self._script.values())

    def answer(self, body: bytes) -> Answer:
        request = json.loads(body)
        waiting = self._script[request["method"]]
        fault = waiting.popleft() if waiting else passed
        return fault(request, self._forward)

    def hang(self, request: Any, forward: Callable[[Any], Any]) -> Answer:
        """Say nothing for as long as the test lasts."""
        self.released.wait()
        return None

    def _forward(self, request: Any) -> Any:
        return requests.post(self._target, json=request, timeout=FORWARD_SECONDS).json()


def passed(request: Any, forward: Callable[[Any], Any]) -> Answer:
    """Do what a good node does."""
    return json.dumps(forward(request)).encode()


def refused(request: Any, forward: Callable[[Any], Any]) -> Answer:
    """Hang up without having looked."""
    return None


def done_unsaid(request: Any, forward: Callable[[Any], Any]) -> Answer:
    """Do it, and hang up before the answer."""
    forward(request)
    return None


def garbled(request: Any, forward: Callable[[Any], Any]) -> Answer:
    """Answer as a gateway in trouble does."""
    return b"<html>502 Bad Gateway</html>"


def nothing(request: Any, forward: Callable[[Any], Any]) -> Answer:
    """Know nothing of what is asked for."""
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": None}).encode()


def says(message: str) -> Fault:
    """Refuse with these words, and do nothing."""

    def fault(request: Any, forward: Callable[[Any], Any]) -> Answer:
        error = {"code": -32000, "message": message}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode()

    return fault


def lagging(blocks: int) -> Fault:
    """Take an old block for the newest."""

    def fault(request: Any, forward: Callable[[Any], Any]) -> Answer:
        newest = int(forward(request)["result"]["number"], 16)
        return passed(request | {"params": [hex(newest - blocks), False]}, forward)

    return fault


@contextmanager
def faulty_node(target: str) -> Iterator[FaultyNode]:
    node = FaultyNode(target)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = node.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield node
    finally:
        node.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
