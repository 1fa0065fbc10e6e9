"""One run: a new server, a stream sent at a rate, and what came of it."""

import asyncio
import gc
import selectors
import time
from dataclasses import dataclass
from typing import Final

from bench.load.flow import Flow
from bench.load.histogram import Histogram
from bench.load.modes import Mode
from bench.load.open_loop import Arrivals, OpenLoop, arrival_times
from bench.load.processes import Server, Target
from bench.load.tally import Tally

ACCEPTED_SHARE: Final = 0.999
KEEP_UP_SECONDS: Final = 0.25
WARM_SECONDS: Final = 1.0

_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: messages a second for a time, after a second that is only to warm up.

    Attributes
    ----------
    patience_seconds : float
        A run in which something is so late is ended: a server that is overloaded does not catch up.
    """

    per_second: float
    seconds: float
    arrivals: Arrivals = "fixed"
    patience_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from when requests were due to their answers."""

    requests: int
    p50: float
    p99: float
    p999: float
    maximum: float

    @classmethod
    def of(cls, histogram: Histogram) -> "Latency":
        p50, p99, p999 = (histogram.percentile(share) / 1_000 for share in (50, 99, 99.9))
        return cls(histogram.count, p50, p99, p999, histogram.maximum / 1_000)


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run came to.

    Attributes
    ----------
    per_second : float
        Messages that were due a second.
    messages : int
        Sent, those of the warm-up included.
    errors : dict of str to int
        Messages that were not taken, by code; all others are in `verdicts`.
    drain_seconds : float
        From when the last request was due to the last answer.
    lateness_p99 : float
        By how many milliseconds the generator was late of itself.
    server_microseconds, generator_microseconds : float
        Processor time a message.
    receipts : int
        Verified.
    """

    per_second: float
    messages: int
    verdicts: dict[str, int]
    errors: dict[str, int]
    latency: Latency
    drain_seconds: float
    has_given_up: bool
    lateness_p99: float
    server_microseconds: float
    generator_microseconds: float
    receipts: int

    @property
    def has_kept_up(self) -> bool:
        """Whether the server sustains the rate: all but a thousandth taken, and no backlog in the end."""
        taken = self.messages - sum(self.errors.values())
        return (
            not self.has_given_up
            and taken >= ACCEPTED_SHARE * self.messages
            and self.drain_seconds <= KEEP_UP_SECONDS
        )


def run_load(target: Target, mode: Mode, flow: Flow, load: Load) -> RunFigures:
    """Send the beginning of a stream to a server that has seen nothing before."""
    prepare(mode, flow, load)
    with Server(target) as server:
        return drive(server, mode, flow, load)


def prepare(mode: Mode, flow: Flow, load: Load) -> tuple[int, int]:
    """Have the messages signed; return how many requests there are, and how many of them only warm up."""
    requests_per_second = load.per_second / mode.framing.chunk
    warm = round(WARM_SECONDS * requests_per_second)
    count = warm + max(round(load.seconds * requests_per_second), 1)
    flow.extend(count)
    return count, warm


def drive(server: Server, mode: Mode, flow: Flow, load: Load) -> RunFigures:
    """Send the beginning of a stream to a server that has had no message yet."""
    count, warm = prepare(mode, flow, load)
    due = arrival_times(count, load.per_second / mode.framing.chunk, load.arrivals)
    tally = Tally(mode)
    loop = OpenLoop(mode, tally, mode.requests(flow.chunks[:count]), due, warm, load.patience_seconds)
    gc.freeze()
    begin = time.process_time(), server.cpu_seconds()
    with asyncio.Runner(loop_factory=_punctual_loop) as runner:
        runner.run(loop.run(server.port))
    end = time.process_time(), server.cpu_seconds()
    gc.unfreeze()
    messages = loop.sent * mode.framing.chunk
    generator, used = ((after - before) * _MICROSECONDS for before, after in zip(begin, end, strict=True))
    return RunFigures(
        per_second=load.per_second,
        messages=messages,
        verdicts=dict(tally.verdicts.most_common()),
        errors=dict(tally.errors.most_common()),
        latency=Latency.of(loop.latency),
        drain_seconds=loop.drain_seconds,
        has_given_up=loop.has_given_up,
        lateness_p99=loop.lateness.percentile(99) / 1_000,
        server_microseconds=used / messages,
        generator_microseconds=generator / messages,
        receipts=tally.verify_samples(flow.chunks) if server.target == "service" else 0,
    )


def rounded(value: object) -> object:
    """Return figures for people, however they are nested."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def _punctual_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that waits by microseconds, where epoll and uvloop round up to milliseconds."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())
