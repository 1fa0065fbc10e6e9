"""The newest oracle round, collected ahead, so that a batch need not wait for it."""

import asyncio
import logging
from typing import Final, Protocol

from sequencer.model.oracle import OracleReport
from sequencer.node.clock import Clock
from sequencer.oracle.client import Round
from sequencer.oracle.errors import NoQuorumError

_LOG: Final = logging.getLogger(__name__)
_PAUSE_SECONDS: Final = 0.05
_SECOND_MS: Final = 1_000


class Collector(Protocol):
    """Who asks the signers."""

    def collect(self, time: int) -> Round:
        """Return the round of a time; NoQuorumError without one."""


class RoundFeed:
    """Collects a round at each time of the signers' grid that comes.

    Parameters
    ----------
    period_seconds
        Of the signers' grid.
    """

    def __init__(self, collector: Collector, period_seconds: int, clock: Clock) -> None:
        self._collector, self._period, self._clock = collector, period_seconds, clock
        self._newest: tuple[OracleReport, ...] = ()
        self._asked = 0
        self.failure = "no round yet"

    @property
    def newest(self) -> tuple[OracleReport, ...]:
        """The newest round; empty before the first."""
        return self._newest

    def newer_than(self, time: int) -> tuple[OracleReport, ...]:
        """Return the newest round if it is newer than a time (seconds), else nothing."""
        return self._newest if self._newest and self._newest[0].time > time else ()

    async def run(self) -> None:
        """Collect rounds until this is cancelled."""
        while True:
            due = self._clock() // _SECOND_MS // self._period * self._period
            if due <= self._asked:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self._asked = due
            try:
                self._newest = (await asyncio.to_thread(self._collector.collect, due)).reports
                self.failure = ""
            except NoQuorumError as error:
                self.failure = error.message
                _LOG.warning("no oracle round of %d: %s", due, error.message)
