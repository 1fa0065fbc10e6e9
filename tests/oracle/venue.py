"""Signers whose secrets are those of tests/strategies.py, with prices that a test sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sequencer.oracle.errors import NoPriceError
from sequencer.oracle.signer import ReportSigner
from sequencer.oracle.source import QuotedMarket
from tests.strategies import DOMAIN, START, oracle_secret

TIME = START + 100
CENT = Decimal("0.01")


@dataclass
class Board:
    """A price source in memory: its clock and prices are what the test says."""

    prices: Mapping[int, str] = field(default_factory=lambda: {TIME: "10.00"})
    clock: int = TIME

    def now(self) -> int:
        return self.clock

    def price(self, second: int) -> Decimal:
        if second not in self.prices:
            raise NoPriceError(f"nothing is known of {second}")
        return Decimal(self.prices[second])


def open_signer(
    folder: Path,
    board: Board,
    index: int = 0,
    *,
    secret: int | None = None,
    domain: int = DOMAIN,
    period_seconds: int = 1,
) -> ReportSigner:
    """A signer of one market whose tick is a cent."""
    return ReportSigner(
        secret or oracle_secret(index),
        index,
        domain,
        period_seconds,
        [QuotedMarket(CENT, board)],
        folder / f"journal-{index}",
    )
