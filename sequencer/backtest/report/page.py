"""The pages around the charts: of one run, and of a sweep."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sequencer.backtest.cells import (
    COMPARISON_COLUMNS,
    GROUP_COLUMNS,
    RUN_COLUMNS,
    comparison_cells,
    group_cells,
    run_cells,
)
from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.report.charts import (
    Line,
    in_dollars,
    line_chart,
    price_chart,
    small_chart,
    volume_chart,
)
from sequencer.backtest.result import BacktestResult
from sequencer.backtest.transcript import swept_cells
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.report.document import check_list, document, section, table, tiles, trading_title
from sequencer.replay.terms import LOTS_PER_BITCOIN
from sequencer.replay.transcript import dollars, price

_NAME: Final = "Proofbook backtest"


def _spread(epoch: EpochFigures) -> float | None:
    """Return the spread in percent."""
    return None if epoch.spread_ppm is None else epoch.spread_ppm * 100 / PPM_UNIT


_OVER_TIME: Final[Sequence[tuple[str, str, str, Sequence[Line]]]] = (
    (
        "Margins in force",
        "Initial margin rate, and in red maintenance margin rate, in percent.",
        "Initial and maintenance margin",
        [
            ("close", lambda epoch: epoch.initial_ppm * 100 / PPM_UNIT),
            ("loss", lambda epoch: epoch.maintenance_ppm * 100 / PPM_UNIT),
        ],
    ),
    (
        "The fund's position",
        "What it has taken over and not yet unwound, in bitcoin; above the dashed line long.",
        "Position of the insurance fund",
        [("close", lambda epoch: epoch.fund_position / LOTS_PER_BITCOIN)],
    ),
    (
        "Shortfall",
        "What the accounts above zero could not be paid if all were closed at the mark, in dollars.",
        "Uncovered shortfall",
        [("loss", lambda epoch: in_dollars(epoch.uncovered))],
    ),
    (
        "Socialized loss",
        "In red what the winning side was charged when an epoch ended; the other line is the funding pool,"
        " which is below the dashed line until the charged are settled. In dollars.",
        "Socialized loss, and funding pool",
        [
            ("close", lambda epoch: in_dollars(epoch.funding_pool)),
            ("loss", lambda epoch: in_dollars(epoch.charged)),
        ],
    ),
    (
        "Margin and loss",
        "Initial margin of all positions; in red what positions lost by each move of the mark, in dollars.",
        "Margin held, and losses of each epoch",
        [
            ("close", lambda epoch: in_dollars(epoch.margin_held)),
            ("loss", lambda epoch: in_dollars(epoch.loss)),
        ],
    ),
    (
        "Funding rate",
        "What longs pay shorts of their position's value every 8 hours, in percent; below the dashed line"
        " shorts pay.",
        "Funding rate",
        [("close", lambda epoch: epoch.rate_ppm * 100 / PPM_UNIT)],
    ),
    (
        "Spread",
        "Best ask less best bid at the end of each epoch, in percent of the mark, where there were both.",
        "Spread of the book",
        [("close", _spread)],
    ),
)
"""Heading, explanation, label and lines of each chart over time."""


def write_report(result: BacktestResult, static: BacktestResult, path: Path) -> None:
    """Write the report of a run, beside static margins, to one HTML file that needs nothing else."""
    _write(path, render(result, static))


def write_sweep_report(swept: Sequence[str], results: Sequence[BacktestResult], path: Path) -> None:
    """Write the report of a sweep to one HTML file that needs nothing else."""
    _write(path, render_sweep(swept, results))


def render(result: BacktestResult, static: BacktestResult) -> str:
    """Return the report of a run, beside static margins, as HTML."""
    return document(
        trading_title(_NAME, result.bars),
        [
            "<p>The engine alone, without proofs: seeded traders on recorded prices, and what became of the"
            " venue. Margins follow the market, but where a figure or a line is said to be of static ones."
            " Money is in dollars.</p>",
            _tiles(result),
            section("Checks", "What was found after every epoch.", check_list(result.checks)),
            section("Checks, static margins", "As above.", check_list(static.checks)),
            *_charts(result, static),
            section("Participants", "At the last mark.", _groups(result, static)),
            section("All figures", "", _comparison(result, static)),
        ],
    )


def render_sweep(swept: Sequence[str], results: Sequence[BacktestResult]) -> str:
    """Return the report of a sweep as HTML."""
    headings = [*swept, *(column.heading for column in RUN_COLUMNS)]
    rows = ([*swept_cells(swept, result), *run_cells(result)] for result in results)
    return document(
        trading_title(_NAME, results[0].bars),
        [
            section("Runs", "One line a run; money is in dollars.", table(headings, rows)),
            section(
                "The insurance fund",
                "Equity of the fund over time in each run, in dollars; dashed: zero.",
                f'<div class="equities">{"".join(_fund(swept, result) for result in results)}</div>',
            ),
        ],
    )


def _charts(result: BacktestResult, static: BacktestResult) -> Iterator[str]:
    """Yield a section a chart."""
    yield _figure(
        "Price and liquidations",
        "Candles are the recorded bars; the line is the mark. A dot is what was liquidated in an epoch, blue"
        " through the book, red by the insurance fund; its area is its value.",
        price_chart(result),
    )
    yield _figure(
        "The insurance fund",
        "Its equity at the mark, in dollars; in red with static margins. Below the dashed line it lacks"
        " money.",
        _both_funds(result, static),
    )
    for heading, text, label, lines in _OVER_TIME:
        yield _figure(heading, text, line_chart(result, label, lines))
    yield _figure(
        "Volume", "Of each epoch, in dollars; red: liquidations through the book.", volume_chart(result)
    )


def _figure(heading: str, text: str, chart: str) -> str:
    return section(heading, text, f"<figure>{chart}</figure>")


def _tiles(result: BacktestResult) -> str:
    summary, bars = result.summary, result.bars
    return tiles(
        [
            (
                f"{bars[-1].close / bars[0].open - 1:+.1%}",
                f"{price(bars[0].open)} to {price(bars[-1].close)}",
            ),
            (f"{result.settings.leverage}x", "leverage at most"),
            (str(summary.accounts_liquidated), "accounts liquidated"),
            (dollars(summary.book_volume), "through the book"),
            (dollars(summary.taken_volume), "taken over by the fund"),
            (dollars(summary.fund_equity), "equity of the fund"),
            (dollars(summary.socialized_loss), "charged to the winning side"),
            (dollars(summary.uncovered_largest), "uncovered at worst"),
        ]
    )


def _groups(result: BacktestResult, static: BacktestResult) -> str:
    return table([column.heading for column in GROUP_COLUMNS], map(group_cells, result.groups, static.groups))


def _comparison(result: BacktestResult, static: BacktestResult) -> str:
    headings = [column.heading for column in COMPARISON_COLUMNS]
    return table(headings, comparison_cells(result.summary, static.summary))


def _both_funds(result: BacktestResult, static: BacktestResult) -> str:
    equities = {epoch.time: epoch.fund_equity for epoch in static.epochs}
    return line_chart(
        result,
        "Equity of the insurance fund, and with static margins",
        [
            ("loss", lambda epoch: in_dollars(equities[epoch.time])),
            ("close", lambda epoch: in_dollars(epoch.fund_equity)),
        ],
    )


def _fund(swept: Sequence[str], result: BacktestResult) -> str:
    name = ", ".join(f"{key} {cell}" for key, cell in zip(swept, swept_cells(swept, result), strict=True))
    css = "gain" if result.summary.fund_equity >= 0 else "loss"
    chart = small_chart(
        result,
        f"Equity of the insurance fund, {name}",
        [(css, lambda epoch: in_dollars(epoch.fund_equity))],
    )
    return f"<figure><figcaption><span>{name}</span></figcaption>{chart}</figure>"


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
