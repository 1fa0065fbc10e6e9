"""The figures of a run as text, for the terminal and for the page."""

from collections.abc import Sequence
from typing import Final

from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.result import BacktestResult, Group
from sequencer.backtest.summary import Summary
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.report.plot import clock
from sequencer.replay.terms import LOTS_PER_BITCOIN, QUOTE_PER_DOLLAR
from sequencer.replay.transcript import Column, dollars, price

PERIOD_COLUMNS: Final = (
    Column("minute", 6),
    Column("mark", 9),
    Column("initial", 7),
    Column("maintenance", 11),
    Column("spread", 7),
    Column("volume", 10),
    Column("open interest", 13),
    Column("cancelled", 9),
    Column("by the book", 11),
    Column("by the fund", 11),
    Column("waiting", 7),
    Column("fund equity", 11),
    Column("unwound", 7),
    Column("fund position", 13),
    Column("charged", 9),
    Column("uncovered", 9),
)

GROUP_COLUMNS: Final = (
    Column("participants", -14),
    Column("accounts", 8),
    Column("deposited", 10),
    Column("withdrawn", 9),
    Column("equity", 10),
    Column("profit", 11),
    Column("liquidated", 10),
    Column("profit if static", 16),
)

COMPARISON_COLUMNS: Final = (
    Column("figure", -36),
    Column("margins in force", -34),
    Column("static", -34),
)

RUN_COLUMNS: Final = (
    Column("liquidated", 10),
    Column("by the book", 11),
    Column("by the fund", 11),
    Column("waiting", 7),
    Column("halts", 5),
    Column("below floor", 11),
    Column("settled", 7),
    Column("fund equity", 11),
    Column("fund lowest", 11),
    Column("unwound", 7),
    Column("fund position", 13),
    Column("charged", 9),
    Column("uncovered", 9),
    Column("funding", 8),
    Column("margin held", 11),
    Column("margin used", 11),
    Column("conserved", 9),
)


def period_cells(minute: int, epochs: Sequence[EpochFigures]) -> list[str]:
    """Return the cells of some epochs: sums, extremes of what waited and lacked, the end of all else."""
    last = epochs[-1]
    return [
        str(minute),
        price(last.mark),
        _percent(last.initial_ppm),
        _percent(last.maintenance_ppm),
        _percent(last.spread_ppm),
        dollars(sum(epoch.volume for epoch in epochs)),
        _bitcoin(last.open_interest),
        str(sum(epoch.cancelled for epoch in epochs)),
        dollars(sum(epoch.book_volume for epoch in epochs)),
        dollars(sum(epoch.taken_volume for epoch in epochs)),
        str(max(epoch.waiting for epoch in epochs)),
        dollars(last.fund_equity),
        _bitcoin(sum(epoch.unwound_lots for epoch in epochs)),
        _bitcoin(last.fund_position),
        dollars(sum(epoch.charged for epoch in epochs)),
        dollars(max(epoch.uncovered for epoch in epochs)),
    ]


def group_cells(group: Group, static: Group) -> list[str]:
    """Return the cells of a kind of participants, the last of the run with static margins."""
    return [
        group.kind,
        str(group.accounts),
        dollars(group.deposited),
        dollars(group.withdrawn),
        dollars(group.equity),
        _signed(group.profit),
        str(group.liquidated),
        _signed(static.profit),
    ]


def run_cells(result: BacktestResult) -> list[str]:
    """Return the cells of a run of a sweep."""
    summary = result.summary
    return [
        str(summary.accounts_liquidated),
        dollars(summary.book_volume),
        dollars(summary.taken_volume),
        str(summary.waiting_most),
        str(summary.halts),
        str(summary.uninsured_epochs),
        str(summary.settled_epochs),
        dollars(summary.fund_equity),
        dollars(summary.fund_equity_lowest),
        _bitcoin(summary.unwound_lots),
        _bitcoin(summary.fund_position),
        dollars(summary.socialized_loss),
        dollars(summary.uncovered_largest),
        dollars(summary.funding),
        dollars(summary.margin_held),
        _percent(summary.margin_used_ppm, 0),
        "yes" if all(check.holds for check in result.checks) else "NO",
    ]


def comparison_cells(summary: Summary, static: Summary) -> list[tuple[str, str, str]]:
    """Return each figure of a run with its name, and the same of the run with static margins."""
    return [
        (name, text, other)
        for (name, text), (_, other) in zip(_summary_lines(summary), _summary_lines(static), strict=True)
    ]


def _summary_lines(summary: Summary) -> list[tuple[str, str]]:
    """Return each figure of a summary with its name; money in dollars."""
    return [
        ("messages, trades", f"{summary.messages:,}, {summary.trades:,}"),
        ("volume", dollars(summary.volume)),
        ("spread, median", _percent(summary.spread_ppm)),
        ("epochs without a bid or an ask", f"{summary.one_sided_epochs} of {summary.epochs}"),
        ("halts, halted epochs", f"{summary.halts}, {summary.halted_epochs}"),
        ("reduce-only epochs", str(summary.reduce_only_epochs)),
        ("falls below the floor, epochs", f"{summary.uninsured_times}, {summary.uninsured_epochs}"),
        ("settlements, settled epochs", f"{summary.settlements}, {summary.settled_epochs}"),
        *_liquidation_lines(summary),
        *_solvency_lines(summary),
        *_funding_lines(summary),
        *_margin_lines(summary),
    ]


def _margin_lines(summary: Summary) -> list[tuple[str, str]]:
    return [
        (
            "initial margin, highest, mean",
            f"{_percent(summary.initial_highest_ppm)}, {_percent(summary.initial_mean_ppm)}",
        ),
        (
            "maintenance margin, highest, mean",
            f"{_percent(summary.maintenance_highest_ppm)}, {_percent(summary.maintenance_mean_ppm)}",
        ),
        ("margin held, mean", dollars(summary.margin_held)),
        ("largest loss of an epoch", dollars(summary.loss_largest)),
        ("margin of those who lost it", dollars(summary.loss_margin)),
        ("margin used at worst", _percent(summary.margin_used_ppm, 0)),
    ]


def _liquidation_lines(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("accounts liquidated", str(summary.accounts_liquidated)),
        ("liquidations: orders cancelled", str(summary.cancelled)),
        (
            "liquidations: through the book",
            f"{dollars(summary.book_volume)} in {summary.book_fills} trades",
        ),
        (
            "liquidations: taken over by the fund",
            f"{dollars(summary.taken_volume)} in {summary.takeovers} takeovers",
        ),
        (
            "liquidations: waiting",
            f"{summary.waiting_most} accounts at most, in {summary.waiting_epochs} epochs",
        ),
    ]


def _solvency_lines(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("fund equity, lowest", f"{dollars(summary.fund_equity)}, {dollars(summary.fund_equity_lowest)}"),
        (
            "fund position, largest",
            f"{_bitcoin(summary.fund_position)} BTC, {_bitcoin(summary.fund_position_largest)} BTC",
        ),
        ("fund unwound", f"{_bitcoin(summary.unwound_lots)} BTC in {summary.unwinding_fills} trades"),
        ("shortfall of accounts, largest", dollars(summary.account_shortfall_largest)),
        ("shortfall of the fund, largest", dollars(summary.fund_shortfall_largest)),
        (
            "uncovered, largest",
            f"{dollars(summary.uncovered)}, {dollars(summary.uncovered_largest)}{_at(summary.uncovered_at)}",
        ),
        ("socialized loss", f"{dollars(summary.socialized_loss)} in {summary.charges} charges"),
        (
            "socialized loss, largest",
            f"{dollars(summary.socialized_loss_largest)}{_at(summary.socialized_loss_at)}",
        ),
    ]


def _funding_lines(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("funding that longs owed shorts", dollars(summary.funding)),
        (
            "funding rate, highest, lowest",
            f"{summary.rate_highest_ppm:,} ppm, {summary.rate_lowest_ppm:,} ppm every 8 hours",
        ),
        (
            "funding pool, lowest",
            f"{dollars(summary.funding_pool)}, {dollars(summary.funding_pool_lowest)}",
        ),
    ]


def _at(time: int | None) -> str:
    return "" if time is None else f" at {clock(time)}"


def _percent(ppm: int | None, digits: int = 2) -> str:
    return "-" if ppm is None else f"{ppm * 100 / PPM_UNIT:,.{digits}f}%"


def _signed(quote: int) -> str:
    return f"{quote / QUOTE_PER_DOLLAR:+,.0f}"


def _bitcoin(lots: int) -> str:
    return f"{lots / LOTS_PER_BITCOIN:,.1f}"
