"""Sending at times that do not depend on the answers, and measuring from when each request was due."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

from bench.load.clients import Connection, connected
from bench.load.histogram import Histogram
from bench.load.modes import Mode
from bench.load.tally import Tally
from bench.load.venue import SEED

Arrivals = Literal["fixed", "poisson"]

_ANSWER_SECONDS: Final = 60.0
_MICROSECONDS: Final = 1_000_000


def arrival_times(count: int, per_second: float, arrivals: Arrivals) -> list[float]:
    """When each request is due, in seconds from the start: at equal distances, or a Poisson process's."""
    if arrivals == "fixed":
        return [number / per_second for number in range(count)]
    random, times, now = Random(f"proofbook arrivals {SEED}"), [], 0.0
    for _ in range(count):
        now += random.expovariate(per_second)
        times.append(now)
    return times


@dataclass(slots=True)
class _Link:
    """A connection and the numbers of its unanswered requests, oldest first."""

    connection: Connection
    under_way: list[int] = field(default_factory=list)


class OpenLoop:
    """One run over open connections. Requests leave in their order: one that cannot holds up all behind it.

    Parameters
    ----------
    due
        Seconds from the start, never falling.
    measured_from
        Number of the first request whose latency counts.
    patience_seconds
        When something is so late, the rest is not sent.

    Attributes
    ----------
    latency, lateness : Histogram
        Microseconds from when a request was due to its answer; to its sending, where nothing but this
        process was in the way.
    sent : int
        Requests.
    drain_seconds : float
        From when the last request was due to the last answer.
    has_given_up : bool
        Whether the rest was not sent.
    """

    def __init__(
        self,
        mode: Mode,
        tally: Tally,
        requests: Sequence[bytes],
        due: Sequence[float],
        measured_from: int,
        patience_seconds: float,
    ) -> None:
        self.latency, self.lateness = Histogram(), Histogram()
        self.sent = 0
        self.drain_seconds = 0.0
        self.has_given_up = False
        self._mode, self._tally = mode, tally
        self._requests, self._due = requests, due
        self._measured_from, self._patience_seconds = measured_from, patience_seconds
        self._end = len(requests)
        self._answered = 0
        self._links: list[_Link] = []
        self._timer: asyncio.TimerHandle | None = None

    async def run(self, port: int) -> None:
        """Send everything and return when all is answered, or when it is clear that it never will be."""
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        for _ in range(self._mode.connections):
            await self._connect(port)
        self._start = time.perf_counter()
        self._pump()
        try:
            async with asyncio.timeout(self._due[-1] + _ANSWER_SECONDS):
                await self._done
        except TimeoutError:
            self._lose("unanswered")
        self.drain_seconds = self._now() - self._due[max(self._end - 1, 0)]
        for link in self._links:
            link.connection.close()

    async def _connect(self, port: int) -> None:
        place = len(self._links)
        connection = await connected(
            port,
            self._mode,
            lambda _, body: self._answer(place, body),
            lambda _: self._lose("connection_lost"),
        )
        self._links.append(_Link(connection))

    def _now(self) -> float:
        return time.perf_counter() - self._start

    def _on_time(self) -> None:
        self._timer = None
        at = self.sent
        late = self._now() - self._due[at] if at < self._end else 0.0
        if self._pump():
            self.lateness.record(round(late * _MICROSECONDS))

    def _pump(self) -> bool:
        """Send what is due as far as connections are free; tell whether anything was sent."""
        first = self.sent
        while self.sent < self._end and (now := self._now()) >= self._due[self.sent]:
            link = self._links[self.sent % len(self._links)]
            if len(link.under_way) >= self._mode.in_flight:
                self._look_at(now - self._due[self.sent])
                return self.sent > first
            link.under_way.append(self.sent)
            link.connection.write(self._requests[self.sent])
            self.sent += 1
        if self.sent < self._end and self._timer is None:
            delay = max(self._due[self.sent] - self._now(), 0)
            self._timer = self._loop.call_later(delay, self._on_time)
        return self.sent > first

    def _answer(self, place: int, body: bytes) -> None:
        now = self._now()
        under_way = self._links[place].under_way
        if not under_way:
            return
        number = self._tally.count(under_way[0], body)
        under_way.remove(number)
        late = now - self._due[number]
        if number >= self._measured_from:
            self.latency.record(round(late * _MICROSECONDS))
        self._answered += 1
        self._look_at(late)
        self._pump()
        self._end_if_done()

    def _look_at(self, late: float) -> None:
        """Give up when something is too late."""
        if late > self._patience_seconds:
            self.has_given_up, self._end = True, self.sent

    def _lose(self, code: str) -> None:
        """Give up on what is not answered."""
        self.has_given_up, self._end = True, self.sent
        for link in self._links:
            self._tally.lose(code, len(link.under_way))
            self._answered += len(link.under_way)
            link.under_way.clear()
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._answered == self._end and not self._done.done():
            self._done.set_result(None)
