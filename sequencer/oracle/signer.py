"""One oracle signer: a report for each time of its grid, and never two."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from msgspec.structs import replace

from sequencer.crypto import poseidon, public_key, sign
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.model.words import unpack
from sequencer.oracle import errors
from sequencer.oracle.journal import Journal
from sequencer.oracle.source import QuotedMarket

_PART_BYTES: Final = 32


def signed(report: OracleReport, secret: int, domain: int) -> OracleReport:
    """Return a report with its signature."""
    return replace(report, signature=sign(secret, report.hash(domain)))


class ReportSigner:
    """Signs what its sources say, once a time.

    Parameters
    ----------
    index
        Place of the signer's key in the configuration.
    period_seconds
        Rounds are at its multiples.
    markets
        The live markets, in the order of their slots.
    journal
        Directory of what was signed; opened until `close`.

    Raises
    ------
    JournalError
        If the journal cannot be used.
    """

    def __init__(
        self,
        secret: int,
        index: int,
        domain: int,
        period_seconds: int,
        markets: Sequence[QuotedMarket],
        journal: Path,
    ) -> None:
        self.index, self.domain, self.period_seconds = index, domain, period_seconds
        self.key = public_key(secret)
        self._secret = secret
        self._markets = tuple(markets)
        identity = poseidon((domain, *self.key, index)).to_bytes(32, "big")
        self._journal = Journal(journal, identity)
        self._signing = Lock()

    def __enter__(self) -> "ReportSigner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the journal free, after the report that is being signed."""
        with self._signing:
            self._journal.close()

    def latest(self) -> OracleReport:
        """Return the report of the newest time that the clock has reached.

        Raises
        ------
        OracleError
        """
        now = self._now()
        return self.report(now - now % self.period_seconds)

    def report(self, time: int) -> OracleReport:
        """Return the one report of a time; what was signed once is given out again, whatever the sources say.

        Raises
        ------
        OracleError
            If the time is off the grid or to come, or if a source has no price that may be signed.
        """
        if not 0 <= time < 1 << c.TIME_BITS:
            raise errors.BadTimeError(f"{time} is no time")
        if time % self.period_seconds:
            raise errors.OffGridError(f"{time} is no multiple of {self.period_seconds} seconds")
        # With the signature: signing takes a time that tells of the key, so nobody may have it done often.
        recorded = self._journal.recorded(time) or self._decided(time)
        return _decoded(self.index, recorded)

    def _decided(self, time: int) -> bytes:
        """Return what is signed for a time, for ever: it is in the journal now."""
        with self._signing:
            recorded = self._journal.recorded(time)
            if recorded is None:
                recorded = _encoded(signed(self._quoted(time), self._secret, self.domain))
                self._journal.record(time, recorded)
        return recorded

    def _now(self) -> int:
        """Return the time that the clocks of all sources have reached."""
        return min(market.source.now() for market in self._markets)

    def _quoted(self, time: int) -> OracleReport:
        now = self._now()
        if time > now:
            raise errors.FutureTimeError(f"it is {now}, before {time}")
        prices = [market.ticks(time) for market in self._markets]
        empty = [0] * (c.MARKETS - len(prices))
        return OracleReport(self.index, time, (*prices, *empty))


def _encoded(report: OracleReport) -> bytes:
    parts = (report.word(), *report.signature)
    return b"".join(part.to_bytes(_PART_BYTES, "big") for part in parts)


def _decoded(signer: int, recorded: bytes) -> OracleReport:
    word, r8x, r8y, s = (
        int.from_bytes(recorded[place : place + _PART_BYTES], "big")
        for place in range(0, len(recorded), _PART_BYTES)
    )
    prices = (unpack(word, c.TIME_BITS + c.PRICE_BITS * slot, c.PRICE_BITS) for slot in range(c.MARKETS))
    return OracleReport(signer, unpack(word, 0, c.TIME_BITS), tuple(prices), (r8x, r8y, s))
