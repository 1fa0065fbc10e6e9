"""A backtest as text: a line for some minutes, then what it came to."""

from collections.abc import Callable, Sequence
from typing import Final

from sequencer.backtest.cells import (
    COMPARISON_COLUMNS,
    GROUP_COLUMNS,
    PERIOD_COLUMNS,
    RUN_COLUMNS,
    comparison_cells,
    group_cells,
    period_cells,
    run_cells,
)
from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.result import BacktestResult
from sequencer.backtest.settings import Settings
from sequencer.model.constants import TIER_UNIT_BITS
from sequencer.replay.bars import MOMENTS
from sequencer.replay.terms import QUOTE_PER_DOLLAR
from sequencer.replay.transcript import Column, Transcript, dollars

ROWS_MAX: Final = 24
"""A run is told in at most so many lines of equal numbers of minutes."""


class BacktestTranscript:
    """Writes a run line by line.

    Parameters
    ----------
    echo
        Takes one line.
    minutes
        Length of the run.
    """

    def __init__(self, echo: Callable[[str], None], minutes: int) -> None:
        self._echo = echo
        self._period = -(-minutes // ROWS_MAX) * MOMENTS
        self._end = minutes * MOMENTS
        self._epochs: list[EpochFigures] = []
        self._seen = 0

    def opening(self, settings: Settings) -> None:
        """Say what is run, and write the heading of the table."""
        market, schedule = settings.market(), settings.schedule()
        self._echo(
            f"Seed {settings.seed}; traders take up to {settings.leverage}x; initial margin"
            f" {market.initial_ppm} ppm, maintenance margin {market.maintenance_ppm} ppm,"
            f" liquidation fee {market.liquidation_fee_ppm} ppm, interest {market.interest_ppm} ppm every"
            " 8 hours."
        )
        self._echo(
            f"Volatility, by a factor of {schedule.volatility_factor}, adds up to"
            f" {schedule.addon_max_ppm} ppm to both, {schedule.addon_step_ppm} ppm a sample;"
            f" open interest from {schedule.open_interest_lower:,} to"
            f" {schedule.open_interest_upper:,} dollars raises the initial margin to 100 %."
        )
        self._echo(
            f"A position's initial margin rises by {schedule.tier_ppm} ppm for every"
            f" {(1 << TIER_UNIT_BITS) / QUOTE_PER_DOLLAR:.2f} dollars that it gains or loses a tick;"
            f" after {schedule.settle_seconds} seconds with a position of the fund the market settles."
        )
        self._echo(
            f"The fund begins with {dollars(settings.insured())} dollars; below"
            f" {dollars(settings.insurance_floor)} the market takes only orders that reduce."
        )
        self._echo("")
        self._heading(PERIOD_COLUMNS)

    def epoch(self, figures: EpochFigures) -> None:
        """Take the figures of an epoch; the last one of some minutes makes a line."""
        self._epochs.append(figures)
        self._seen += 1
        if len(self._epochs) == self._period or self._seen == self._end:
            self._echo(row(PERIOD_COLUMNS, period_cells(self._seen // MOMENTS, self._epochs)))
            self._epochs.clear()

    def conclusion(self, result: BacktestResult, static: BacktestResult) -> None:
        """Write what the run came to, for whom, and what held, beside the same with static margins."""
        self._echo("")
        self._heading(GROUP_COLUMNS)
        for group, other in zip(result.groups, static.groups, strict=True):
            self._echo(row(GROUP_COLUMNS, group_cells(group, other)))
        self._echo("")
        self._heading(COMPARISON_COLUMNS)
        for cells in comparison_cells(result.summary, static.summary):
            self._echo(row(COMPARISON_COLUMNS, cells))
        Transcript(self._echo).checks(result.checks)
        self._echo("")
        self._echo("With static margins:")
        Transcript(self._echo).checks(static.checks)

    def _heading(self, columns: Sequence[Column]) -> None:
        self._echo(row(columns, [column.heading for column in columns]))


def sweep_lines(swept: Sequence[str], results: Sequence[BacktestResult]) -> list[str]:
    """Return the table of a sweep: a line a run, the settings that differ first."""
    columns = [*(Column(key, len(key)) for key in swept), *RUN_COLUMNS]
    return [
        row(columns, [column.heading for column in columns]),
        *(row(columns, [*swept_cells(swept, result), *run_cells(result)]) for result in results),
    ]


def swept_cells(swept: Sequence[str], result: BacktestResult) -> list[str]:
    """Return the settings of a run that a sweep varies."""
    settings = result.settings.to_json()
    return [str(settings[key]) for key in swept]


def row(columns: Sequence[Column], cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return "  ".join(column.cell(text) for column, text in zip(columns, cells, strict=True)).rstrip()
