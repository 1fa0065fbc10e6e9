"""The line to L1, which can be down: an HTTP proxy in front of a good node."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

FORWARD_SECONDS = 30.0


class Line(Enum):
    """How it is."""

    GOOD = auto()
    REFUSED = auto()
    """Nothing listens."""
    SILENT = auto()
    """Requests are taken and never answered."""
    FAILING = auto()
    """Requests are answered with status 500."""
    CUT = auto()
    """Requests are carried out; their answers end in the middle."""


class Proxy:
    """Listens at one address for as long as it is open, but for the time while connections are refused."""

    def __init__(self, target: str) -> None:
        self.target, self.line = target, Line.GOOD
        self.released = threading.Event()
        self._port = 0
        self._listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def become(self, line: Line) -> None:
        """Let the line be so from now on."""
        if Line.REFUSED in (line, self.line) and line is not self.line:
            if line is Line.REFUSED:
                self._close()
            else:
                self._listen()
        self.line = line

    def close(self) -> None:
        self.released.set()
        if self.line is not Line.REFUSED:
            self._close()

    def _listen(self) -> None:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                proxy.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, format: str, *args: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def _close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer one request as the line is."""
        if self.line is Line.SILENT:
            self.released.wait()
            return
        if self.line is Line.FAILING:
            handler.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        headers = {"Content-Type": "application/json"}
        said = requests.post(self.target, data=body, headers=headers, timeout=FORWARD_SECONDS).content
        with suppress(ConnectionError):
            handler.send_response(HTTPStatus.OK)
            handler.send_header("Content-Length", str(len(said)))
            handler.end_headers()
            handler.wfile.write(said[: len(said) // 2] if self.line is Line.CUT else said)


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    opened = Proxy(target)
    try:
        yield opened
    finally:
        opened.close()
