"""The replay as text: a line a batch, then what it came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sequencer.replay.checks import Check
from sequencer.replay.history import BatchFigures
from sequencer.replay.result import TraderResult, WithdrawalResult
from sequencer.replay.terms import LOTS_PER_BITCOIN, QUOTE_PER_DOLLAR, TICKS_PER_DOLLAR


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: heading, width (negative: left-aligned), and what stands in it."""

    heading: str
    width: int

    def cell(self, text: str) -> str:
        """Return the text in the column's width."""
        return text.rjust(self.width) if self.width > 0 else text.ljust(-self.width)


BATCH_COLUMNS: Final = (
    Column("batch", 5),
    Column("minute", 6),
    Column("messages", 8),
    Column("trades", 6),
    Column("volume", 10),
    Column("mark", 9),
    Column("constraints", 11),
    Column("witness", 8),
    Column("proof", 8),
    Column("gas", 10),
    Column("calldata", 9),
    Column("state root", -17),
)

TRADER_COLUMNS: Final = (
    Column("trader", -8),
    Column("style", -14),
    Column("deposit", 12),
    Column("equity", 13),
    Column("profit", 12),
    Column("fees", 9),
    Column("trades", 6),
    Column("position", 11),
)


class Transcript:
    """Writes the replay line by line.

    Parameters
    ----------
    echo
        Takes one line.
    """

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo

    def line(self, text: str = "") -> None:
        """Write a line as it is."""
        self._echo(text)

    def opening(self, rollup: str, traders: int, deposits: int) -> None:
        """Say where the exchange stands on L1 and what was paid in."""
        self.line(f"The rollup is {rollup} on a local chain, with the verifier that snarkjs exported.")
        self.line(f"{traders} traders deposited {dollars(deposits)} demoUSD and registered their keys.")
        self.line()

    def batch_heading(self) -> None:
        """Write the heading of the batches' table."""
        self._row(BATCH_COLUMNS, [column.heading for column in BATCH_COLUMNS])

    def batch(self, figures: BatchFigures) -> None:
        """Write the line of a final batch."""
        self._row(BATCH_COLUMNS, batch_cells(figures))

    def withdrawal(self, result: WithdrawalResult) -> None:
        """Say what was withdrawn."""
        self.line()
        self.line(
            f"{result.name} withdrew {dollars(result.paid, 6)} demoUSD of an equity of"
            f" {dollars(result.equity, 6)} in batch {result.batch_number}, and claimed the tokens on L1."
        )

    def traders(self, results: Sequence[TraderResult]) -> None:
        """Write each trader's result."""
        self.line()
        self._row(TRADER_COLUMNS, [column.heading for column in TRADER_COLUMNS])
        for result in results:
            self._row(TRADER_COLUMNS, trader_cells(result))

    def checks(self, checks: Sequence[Check]) -> None:
        """Write what holds and what does not."""
        self.line()
        for check in checks:
            self.line(f"[{'ok' if check.holds else 'BROKEN'}] {check.statement}")
            self.line(f"     {check.figures}")

    def _row(self, columns: Sequence[Column], cells: Sequence[str]) -> None:
        row = "  ".join(column.cell(text) for column, text in zip(columns, cells, strict=True))
        self.line(row.rstrip())


def batch_cells(figures: BatchFigures) -> list[str]:
    """Return the cells of a batch's line."""
    return [
        str(figures.number),
        str(figures.minute) if figures.minute else "-",
        str(figures.messages),
        str(figures.trades),
        dollars(figures.volume),
        price(figures.mark),
        f"{figures.constraints:,}",
        f"{figures.witness_seconds:.1f} s",
        f"{figures.proof_seconds:.1f} s",
        f"{figures.gas:,}",
        f"{figures.calldata_bytes:,} B",
        short_root(figures.state_root),
    ]


def trader_cells(result: TraderResult) -> list[str]:
    """Return the cells of a trader's line."""
    return [
        result.name,
        result.style,
        dollars(result.deposit),
        dollars(result.equity, 2),
        f"{result.profit / QUOTE_PER_DOLLAR:+,.2f}",
        dollars(result.fees, 2),
        str(result.trades),
        f"{result.position / LOTS_PER_BITCOIN:+,.4f}",
    ]


def dollars(quote: int, digits: int = 0) -> str:
    """Return quote units as dollars."""
    return f"{quote / QUOTE_PER_DOLLAR:,.{digits}f}"


def price(ticks: int) -> str:
    """Return ticks as dollars."""
    return f"{ticks / TICKS_PER_DOLLAR:,.2f}"


def short_root(root: int) -> str:
    """Return the first and last digits of a root."""
    digits = f"{root:064x}"
    return f"0x{digits[:7]}..{digits[-6:]}"
