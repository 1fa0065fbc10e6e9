"""One book and many who watch it: what reaches them and how late, and the end of one who never reads."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import msgspec

from bench.load.clients import upgrade_request
from bench.load.flow import Flow
from bench.load.frames import CLOSE, TEXT, FrameReader, client_frame
from bench.load.histogram import Histogram
from bench.load.modes import HOST, MODES
from bench.load.processes import Server
from bench.load.runs import KEEP_UP_SECONDS, Latency, Load, drive, prepare
from bench.load.subscribers import SUBSCRIBE, Seen

PROCESSES: Final = 2
SLOW_LOAD: Final = Load(per_second=1_500.0, seconds=16.0, patience_seconds=60.0)
"""More than the kernel keeps for one who does not read."""

_SETTLE_SECONDS: Final = 1.0
_WAIT_SECONDS: Final = 60
_CHANNELS: Final = (b"book", b"trades", b"ticker")
_RECEIVE_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class FanoutFigures:
    """What the subscribers had.

    Attributes
    ----------
    per_second : float
        Messages that were due a second, each of its own commit unless the disk was slower.
    changes : int
        Of the book; each is a push to each subscriber.
    pushes_per_second : float
        Delivered, from the first change to the last subscriber's last push.
    lag, spread : Latency
        Of a change: from when it was sequenced, before its commit, to when the last subscriber had read it;
        from the first subscriber to the last.
    server_microseconds : float
        Processor time of the server a push, with all that it did besides.
    has_answered : bool
        Whether the server sustained the messages themselves.
    """

    subscribers: int
    per_second: float
    changes: int
    pushes_per_second: float
    lag: Latency
    spread: Latency
    server_microseconds: float
    has_answered: bool

    @property
    def has_kept_up(self) -> bool:
        """Whether the messages were answered, and no change reached the last subscriber late."""
        return self.has_answered and self.lag.maximum <= KEEP_UP_SECONDS * 1_000


def measure_fanout(subscribers: int, flow: Flow, load: Load) -> FanoutFigures:
    """Send messages one by one while all watch the book.

    Raises
    ------
    RuntimeError
        If one of them was dropped, or missed a push.
    """
    mode = MODES["single"]
    prepare(mode, flow, load)
    with Server("service") as server, ExitStack() as stack:
        each = subscribers // PROCESSES
        watching = [stack.enter_context(_watching(server.port, each)) for _ in range(PROCESSES)]
        before = server.cpu_seconds()
        run = drive(server, mode, flow, load)
        seen = _seen(watching)
        used = server.cpu_seconds() - before
    lag, spread = Histogram(), Histogram()
    watchers = each * PROCESSES
    for entry, change in seen.items():
        if change.subscribers != watchers:
            raise RuntimeError(f"entry {entry} has reached {change.subscribers} of {watchers}")
        lag.record(change.last_ns // 1_000 - change.time_ms * 1_000)
        spread.record((change.last_ns - change.first_ns) // 1_000)
    pushes = watchers * len(seen)
    begin, end = min(e.time_ms for e in seen.values()), max(e.last_ns for e in seen.values())
    return FanoutFigures(
        subscribers=watchers,
        per_second=load.per_second,
        changes=len(seen),
        pushes_per_second=pushes / (end / 1e9 - begin / 1e3),
        lag=Latency.of(lag),
        spread=Latency.of(spread),
        server_microseconds=used / pushes * 1e6,
        has_answered=run.has_kept_up,
    )


def close_code_of_who_never_reads(flow: Flow) -> int:
    """Return the code with which the server ends a stream that asks for everything and reads nothing."""
    mode = MODES["batch"]
    prepare(mode, flow, SLOW_LOAD)
    with Server("service") as server, _silent(server.port) as stream:
        drive(server, mode, flow, SLOW_LOAD)
        return _close_code(stream)


@contextmanager
def _watching(port: int, count: int) -> "Iterator[subprocess.Popen[str]]":
    """A process of subscribers that have their snapshots; it is gone in the end, whatever happened."""
    command = (sys.executable, "-m", "bench.load.subscribers", str(port), str(count))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None, "it is a pipe"
        if not process.stdout.readline():
            raise RuntimeError(f"{' '.join(command)} ended with {process.wait()}")
        yield process
    finally:
        process.kill()
        process.wait()


def _seen(watching: "Sequence[subprocess.Popen[str]]") -> dict[int, Seen]:
    """Let the subscribers end, once pushes under way have come; return what all of them had."""
    time.sleep(_SETTLE_SECONDS)
    merged: dict[int, Seen] = {}
    for process in watching:
        told, _ = process.communicate(timeout=_WAIT_SECONDS)
        if process.returncode:
            raise RuntimeError("a subscriber was dropped, or missed a push")
        for entry, seen in msgspec.json.decode(told, type=dict[int, Seen]).items():
            other = merged.get(entry, seen)
            merged[entry] = seen if other is seen else _both(seen, other)
    return merged


def _both(one: Seen, other: Seen) -> Seen:
    return Seen(
        subscribers=one.subscribers + other.subscribers,
        time_ms=one.time_ms,
        first_ns=min(one.first_ns, other.first_ns),
        last_ns=max(one.last_ns, other.last_ns),
    )


def _silent(port: int) -> socket.socket:
    """Return a stream that has asked for the channels of a market, and for which the kernel keeps little."""
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    stream.connect((HOST, port))
    stream.sendall(upgrade_request())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1)
    for channel in _CHANNELS:
        stream.sendall(client_frame(TEXT, SUBSCRIBE % channel))
    return stream


def _close_code(stream: socket.socket) -> int:
    """Read everything to the server's last word."""
    stream.settimeout(_WAIT_SECONDS)
    frames = FrameReader()
    while data := stream.recv(1 << 16):
        for opcode, payload in frames.feed(data):
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
    raise RuntimeError("the server has ended a stream without a word")
