"""Sums, extremes and the margin that was used, of epochs that a test made up."""

from dataclasses import replace

from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.summary import summarize

QUIET = EpochFigures(
    time=60,
    index=600_000,
    mark=600_010,
    halted=False,
    reduce_only=False,
    settled=False,
    uninsured=False,
    initial_ppm=50_000,
    maintenance_ppm=25_000,
    messages=10,
    trades=2,
    volume=1_000,
    spread_ppm=200,
    open_interest=50,
    cancelled=0,
    book_fills=0,
    book_volume=0,
    takeovers=0,
    taken_volume=0,
    unwinding_fills=0,
    unwound_lots=0,
    waiting=0,
    fund_equity=0,
    fund_position=0,
    funding=0,
    rate_ppm=100,
    charged=0,
    funding_pool=0,
    accounts_below_zero=0,
    account_shortfall=0,
    margin_held=100,
    loss=0,
    loss_margin=0,
)


def test_sums_and_extremes() -> None:
    bad = replace(
        QUIET,
        time=75,
        fund_equity=-30,
        fund_position=-7,
        account_shortfall=12,
        accounts_below_zero=1,
        waiting=3,
    )
    better = replace(
        QUIET,
        time=90,
        fund_equity=5,
        fund_position=-2,
        unwinding_fills=2,
        unwound_lots=5,
        waiting=1,
        margin_held=300,
    )
    summary = summarize([QUIET, bad, better], accounts_liquidated=4)
    assert (summary.epochs, summary.messages, summary.trades, summary.volume) == (3, 30, 6, 3_000)
    assert (summary.fund_equity, summary.fund_equity_lowest) == (5, -30)
    assert (summary.fund_position, summary.fund_position_largest) == (-2, -7)
    assert (summary.unwinding_fills, summary.unwound_lots) == (2, 5)
    assert (summary.account_shortfall_largest, summary.fund_shortfall_largest) == (12, 30)
    assert (summary.uncovered, summary.uncovered_largest, summary.uncovered_at) == (0, 42, 75)
    assert (summary.waiting_most, summary.waiting_epochs) == (3, 2)
    assert summary.accounts_liquidated == 4
    assert summary.margin_held == 166


def test_a_fund_that_covers_leaves_nothing_uncovered() -> None:
    covered = replace(QUIET, fund_equity=20, account_shortfall=12)
    assert covered.uncovered == 0
    assert summarize([covered], 0).uncovered_at is None


def test_charges_and_funding_add_up() -> None:
    first = replace(QUIET, time=75, funding=2, charged=40, funding_pool=-40)
    second = replace(QUIET, time=90, funding=3, charged=60, funding_pool=-90)
    settled = replace(QUIET, time=105, funding=-7, funding_pool=1)
    summary = summarize([QUIET, first, second, settled], 0)
    assert summary.funding == -2
    assert (summary.charges, summary.socialized_loss) == (2, 100)
    assert (summary.socialized_loss_largest, summary.socialized_loss_at) == (60, 90)
    assert (summary.funding_pool, summary.funding_pool_lowest) == (1, -90)
    assert summarize([QUIET], 0).socialized_loss_at is None


def test_margin_used_is_the_worst_of_all_epochs_not_of_the_largest_loss() -> None:
    large, sharp = replace(QUIET, loss=90, loss_margin=100), replace(QUIET, loss=30, loss_margin=20)
    summary = summarize([QUIET, large, sharp], 0)
    assert (summary.loss_largest, summary.loss_margin) == (90, 100)
    assert summary.margin_used_ppm == 1_500_000


def test_margin_rates_are_the_highest_and_the_mean_of_all_epochs() -> None:
    raised = replace(QUIET, initial_ppm=80_000, maintenance_ppm=30_000)
    summary = summarize([QUIET, raised, QUIET], 0)
    assert (summary.initial_highest_ppm, summary.initial_mean_ppm) == (80_000, 60_000)
    assert (summary.maintenance_highest_ppm, summary.maintenance_mean_ppm) == (30_000, 26_666)


def test_a_halt_counts_once_however_long_it_lasts() -> None:
    halted = replace(QUIET, halted=True)
    summary = summarize([halted, QUIET, halted, halted, QUIET], 0)
    assert (summary.halts, summary.halted_epochs) == (2, 3)


def test_epochs_in_which_orders_only_reduce_are_counted() -> None:
    reduced = replace(QUIET, reduce_only=True)
    summary = summarize([QUIET, reduced, reduced, QUIET], 0)
    assert (summary.reduce_only_epochs, summary.halts) == (2, 0)


def test_a_fund_below_its_floor_and_a_settlement_count_once_however_long_they_last() -> None:
    uninsured = replace(QUIET, reduce_only=True, uninsured=True)
    settled = replace(QUIET, reduce_only=True, settled=True)
    summary = summarize([uninsured, uninsured, QUIET, uninsured, settled, settled, settled], 0)
    assert (summary.uninsured_times, summary.uninsured_epochs) == (2, 3)
    assert (summary.settlements, summary.settled_epochs) == (1, 3)
    assert summary.reduce_only_epochs == 6


def test_the_rates_are_those_between_which_all_lie() -> None:
    summary = summarize([replace(QUIET, rate_ppm=rate) for rate in (100, -400, 900)], 0)
    assert (summary.rate_highest_ppm, summary.rate_lowest_ppm) == (900, -400)


def test_epochs_without_both_sides_have_no_spread() -> None:
    empty = replace(QUIET, spread_ppm=None)
    assert summarize([empty], 0).spread_ppm is None
    summary = summarize([QUIET, empty, replace(QUIET, spread_ppm=900)], 0)
    assert (summary.spread_ppm, summary.one_sided_epochs) == (200, 1)
