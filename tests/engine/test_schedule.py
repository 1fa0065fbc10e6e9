"""Margin rates: when marks are sampled, and how volatility and open interest raise them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.margin import health
from sequencer.engine.risk import next_liquidation
from sequencer.engine.schedule import (
    absolute_return,
    is_sampling,
    next_volatility,
    open_interest_addon,
    sampled,
    scheduled,
)
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Side, Verdict
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule
from tests.engine.venue import ENGINE, PLAIN, Setting, Venue, fills, halted_market, removed, verdicts
from tests.strategies import MARK, START, change, open_market

CELL = c.SAMPLE_SECONDS
RATE_MAX = (1 << c.PPM_BITS) - 1
DOLLAR = 1_000_000
# Of the worked hour of docs/spec/margins.md
HOUR = replace(PLAIN, initial_ppm=50_000, maintenance_ppm=25_000, max_move_ppm=250_000)
VOLATILE = replace(STATIC, volatility_factor=25, addon_max_ppm=25_000, addon_step_ppm=5_000)
# Rates of 50,000 and 100,000, and no move that is a jump
STEADY = replace(PLAIN, max_move_ppm=RATE_MAX)
# As much as the parameters of `STEADY` allow, at one sample
STEEP = replace(STATIC, volatility_factor=1_000, addon_max_ppm=50_000, addon_step_ppm=50_000)
CROWDED = replace(STATIC, open_interest_lower=1_000_000, open_interest_upper=2_000_000)


def standing(mark: int = MARK, **fields: Any) -> Market:
    """A market whose mark has not moved for long."""
    market = replace(open_market(STEADY, mark), sampled_mark=mark)
    return replace(market, **fields)


def market_of(venue: Venue) -> Market:
    return venue.seen.markets[0]


def rates(venue: Venue) -> tuple[int, int]:
    market = market_of(venue)
    return market.maintenance_ppm, market.initial_ppm


def opened_at(venue: Venue, second: int, *marks: int, **fields: Any) -> Market:
    """The first market of a batch so many seconds after the cell of `START` began."""
    venue.mark(*marks, seconds=START + second - venue.seen.timestamp, **fields)
    return market_of(venue)


def holding(lots: int, collateral: int = 0) -> dict[str, dict[str, Any]]:
    """Alice is long, Dave has the other side of it."""
    return {
        "alice": {"positions": (lots, 0, 0, 0), "collateral": collateral},
        "dave": {"positions": (-lots, 0, 0, 0)},
    }


def changed(venue: Venue, second: int, mark: int, **fields: Any) -> Market:
    """The market once a change has given it another schedule, or other parameters."""
    new = replace(venue.state.configuration, **fields)
    venue.apply(ProcessRequest(change(new.hash())))
    return opened_at(venue, second, mark, configuration=new)


def test_the_tests_begin_where_a_cell_begins() -> None:
    assert START % CELL == 0
    VOLATILE.check(HOUR)
    for schedule in (STEEP, CROWDED):
        schedule.check(STEADY)


def test_the_worked_hour_of_the_specification(setting: Setting) -> None:
    venue = setting(markets=(standing(60_000, parameters=HOUR),), schedules=(VOLATILE,))
    told = [opened_at(venue, 100, 57_000)]
    told += [opened_at(venue, at * CELL, 57_000) for at in (1, 2, 3)]
    opened_at(venue, 3 * CELL + 200, 58_000)
    told.append(opened_at(venue, 4 * CELL, 58_000))
    figures = [
        (each.volatility_ppm, each.volatility_addon_ppm, each.maintenance_ppm, each.initial_ppm)
        for each in told
    ]
    assert figures == [
        (0, 0, 25_000, 50_000),
        (6_250, 5_000, 30_000, 55_000),
        (5_469, 10_000, 35_000, 60_000),
        (4_786, 15_000, 40_000, 65_000),
        (6_381, 20_000, 45_000, 70_000),
    ]
    assert absolute_return(58_000, 57_000) == 17_543


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(0, 1, False), (0, 299, False), (0, 300, True), (299, 300, True), (300, 599, False), (5, 900, True)],
)
def test_another_cell_is_another_sample(before: int, now: int, expected: bool) -> None:
    assert is_sampling(before, now) is expected


def test_there_is_one_sample_a_cell(setting: Setting) -> None:
    venue = setting(markets=(standing(),), schedules=(STEEP,))
    assert opened_at(venue, CELL - 2, 1_100).volatility_ppm == 0
    assert opened_at(venue, CELL - 1, 900).volatility_ppm == 0
    first = opened_at(venue, CELL, 900)
    assert (first.sampled_mark, first.volatility_ppm) == (900, 12_500)
    for second, mark in ((CELL + 1, 1_500), (CELL + 150, 700), (2 * CELL - 1, 990)):
        within = opened_at(venue, second, mark)
        assert (within.sampled_mark, within.volatility_ppm) == (900, 12_500)
    assert opened_at(venue, 2 * CELL, 990).sampled_mark == 990


@pytest.mark.parametrize("mark", [1, 500, 1_000, c.RANK_MAX])
def test_a_sample_is_of_the_mark_that_the_last_batch_left(setting: Setting, mark: int) -> None:
    """The batch that samples has no part in it, whatever its own mark."""
    venue = setting(markets=(standing(),), schedules=(STEEP,))
    opened_at(venue, 1, 1_080)
    market = opened_at(venue, CELL, mark)
    assert (market.mark, market.sampled_mark, market.volatility_ppm) == (mark, 1_080, 10_000)


def test_cells_without_a_batch_are_one_sample_with_the_next(setting: Setting) -> None:
    venue = setting(markets=(standing(),), schedules=(STEEP,))
    opened_at(venue, 10, 1_160)
    assert opened_at(venue, 7 * CELL + 10, 1_160).volatility_ppm == 20_000
    assert opened_at(venue, 8 * CELL, 1_160).volatility_ppm == 17_500


def test_the_first_mark_is_no_return(setting: Setting) -> None:
    new = replace(open_market(STEADY, 0), oracle_time=0)
    venue = setting(markets=(new,), schedules=(STEEP,))
    market = opened_at(venue, 1, 500)
    assert (market.sampled_mark, market.volatility_ppm) == (0, 0)
    market = opened_at(venue, CELL, 800)
    assert (market.sampled_mark, market.volatility_ppm) == (500, 0)
    assert opened_at(venue, 2 * CELL, 800).volatility_ppm == 75_000


def test_a_halted_market_is_sampled_too(setting: Setting) -> None:
    halted = replace(halted_market(STEADY), sampled_mark=MARK)
    venue = setting(markets=(halted,), schedules=(STEEP,))
    opened_at(venue, 1, 1_080)
    market = opened_at(venue, CELL, 1_080)
    assert (market.status, market.sampled_mark) == (MarketStatus.HALTED, 1_080)
    assert (market.volatility_ppm, market.volatility_addon_ppm) == (10_000, 50_000)


def test_each_market_has_its_own_samples_and_its_own_schedule(setting: Setting) -> None:
    venue = setting(markets=(standing(), standing(), standing()), schedules=(STEEP, STATIC, VOLATILE))
    opened_at(venue, 1, 1_080, 1_160, 1_000)
    opened_at(venue, CELL, 1_080, 1_160, 1_000)
    markets = venue.seen.markets
    assert [each.volatility_ppm for each in markets] == [10_000, 20_000, 0, 0]
    assert [each.volatility_addon_ppm for each in markets] == [50_000, 0, 0, 0]
    assert [each.sampled_mark for each in markets] == [1_080, 1_160, 1_000, 0]


def test_a_fall_is_rounded_away_from_zero_and_a_rise_towards_it() -> None:
    assert absolute_return(3_001, 3_000) == 333
    assert absolute_return(2_999, 3_000) == 334
    assert absolute_return(1, c.RANK_MAX) == c.PPM_UNIT
    assert absolute_return(0, 5) == c.PPM_UNIT
    assert absolute_return(c.RANK_MAX, 0) == 0


@pytest.mark.parametrize(
    ("mark", "volatility"),
    [(1_249, 31_125), (1_250, 31_250), (1_251, 31_250), (749, 31_250), (c.RANK_MAX, 31_250)],
)
def test_a_jump_counts_as_the_largest_move_that_is_none(setting: Setting, mark: int, volatility: int) -> None:
    """A quarter: 250,000 / 8 = 31,250."""
    terms = replace(PLAIN, max_move_ppm=250_000)
    venue = setting(markets=(standing(parameters=terms),), schedules=(STEEP,))
    opened_at(venue, 1, mark)
    assert opened_at(venue, CELL, mark).volatility_ppm == volatility


def test_a_wrong_round_counts_as_two_such_moves(setting: Setting) -> None:
    venue = setting(markets=(standing(parameters=replace(PLAIN, max_move_ppm=80_000)),), schedules=(STEEP,))
    opened_at(venue, 1, 10 * MARK)
    assert opened_at(venue, CELL, MARK).volatility_ppm == 10_000
    assert opened_at(venue, 2 * CELL, MARK).volatility_ppm == 18_750
    assert opened_at(venue, 3 * CELL, MARK).volatility_ppm == 16_407


def test_the_largest_move_is_that_of_the_batch_which_samples(setting: Setting) -> None:
    venue = setting(markets=(standing(),), schedules=(STEEP,))
    opened_at(venue, 1, 2 * MARK)
    calmer = (replace(STEADY, max_move_ppm=40_000),)
    assert changed(venue, CELL, 2 * MARK, markets=calmer).volatility_ppm == 5_000


def test_the_widest_return_fits(setting: Setting) -> None:
    venue = setting(markets=(standing(1),), schedules=(STEEP,))
    opened_at(venue, 1, c.RANK_MAX)
    assert opened_at(venue, CELL, 1).volatility_ppm == 1 << 17
    assert opened_at(venue, 2 * CELL, 1).volatility_ppm == ((7 << 17) + 10**6) // 8


def test_an_estimate_is_rounded_up_and_stays_below_8_ppm_above_the_average() -> None:
    volatility, ends = 10_000, []
    for _ in range(200):
        volatility = next_volatility(volatility, 0)
        ends.append(volatility)
    assert ends[0] == 8_750
    assert ends[-1] == 7
    assert next_volatility(0, 1) == 1
    assert next_volatility(RATE_MAX, RATE_MAX) == RATE_MAX


@given(before=st.integers(0, RATE_MAX), new=st.integers(0, RATE_MAX))
def test_an_estimate_lies_between_what_it_was_and_the_newest_return(before: int, new: int) -> None:
    assert min(before, new) <= next_volatility(before, new) <= max(before, new)


def test_the_maintenance_margin_follows_volatility_up_to_its_bound(setting: Setting) -> None:
    """10,000 ppm of volatility times 7 exceed the maintenance margin of 50,000 by 20,000."""
    schedule = replace(STEEP, volatility_factor=7, addon_max_ppm=30_000)
    venue = setting(markets=(standing(),), schedules=(schedule,))
    opened_at(venue, 1, 1_080)
    opened_at(venue, CELL, 1_080)
    assert rates(venue) == (70_000, 120_000)
    opened_at(venue, CELL + 1, 1_296)
    opened_at(venue, 2 * CELL, 1_296)
    assert market_of(venue).volatility_ppm == 33_750
    assert rates(venue) == (80_000, 130_000)


def test_little_volatility_adds_nothing(setting: Setting) -> None:
    """Five times 10,000 ppm are just the maintenance margin."""
    venue = setting(markets=(standing(),), schedules=(replace(STEEP, volatility_factor=5),))
    opened_at(venue, 1, 1_080)
    opened_at(venue, CELL, 1_080)
    assert rates(venue) == (50_000, 100_000)


def test_an_add_on_rises_by_a_step_a_sample_and_not_between(setting: Setting) -> None:
    venue = setting(markets=(standing(),), schedules=(replace(STEEP, addon_step_ppm=3_000),))
    opened_at(venue, 1, 2_000)
    for cell in range(1, 5):
        for second in (0, 1, CELL - 1):
            market = opened_at(venue, cell * CELL + second, 2_000)
            assert market.volatility_addon_ppm == 3_000 * cell


def test_an_add_on_falls_at_once_with_the_estimate(setting: Setting) -> None:
    """With a step of 0 it only ever falls: to 5 x 19,000 less 50,000, and on with each sample."""
    excited = standing(volatility_ppm=19_000, volatility_addon_ppm=48_000)
    schedule = replace(STEEP, volatility_factor=5, addon_step_ppm=0)
    venue = setting(markets=(excited,), schedules=(schedule,))
    assert opened_at(venue, 1, MARK).volatility_addon_ppm == 45_000
    assert opened_at(venue, CELL, MARK).volatility_addon_ppm == 33_125
    assert opened_at(venue, 2 * CELL, MARK).volatility_addon_ppm == 22_735


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (replace(STEEP, addon_max_ppm=1_000), 1_000),
        (replace(STEEP, volatility_factor=6), 10_000),
        (STATIC, 0),
        (replace(STEEP, addon_step_ppm=0), 40_000),
    ],
)
def test_lowered_bounds_bring_an_add_on_down_in_the_next_batch(
    setting: Setting, schedule: MarginSchedule, expected: int
) -> None:
    excited = standing(volatility_ppm=10_000, volatility_addon_ppm=40_000)
    venue = setting(markets=(excited,), schedules=(STEEP,))
    assert changed(venue, 1, MARK, schedules=(schedule,)).volatility_addon_ppm == expected
    assert rates(venue) == (50_000 + expected, 100_000 + expected)


def test_raised_bounds_wait_for_the_next_sample(setting: Setting) -> None:
    excited = standing(volatility_ppm=10_000)
    venue = setting(markets=(excited,), schedules=(STATIC,))
    assert changed(venue, 1, MARK, schedules=(STEEP,)).volatility_addon_ppm == 0
    assert opened_at(venue, CELL, MARK).volatility_addon_ppm == 50_000


def test_a_raised_base_rate_works_at_once_and_takes_the_place_of_the_add_on(setting: Setting) -> None:
    excited = standing(volatility_ppm=10_000, volatility_addon_ppm=40_000)
    schedule = replace(STEEP, volatility_factor=9)
    venue = setting(markets=(excited,), schedules=(schedule,))
    opened_at(venue, 1, MARK)
    assert rates(venue) == (90_000, 140_000)
    changed(venue, 2, MARK, markets=(replace(STEADY, initial_ppm=200_000, maintenance_ppm=80_000),))
    assert rates(venue) == (90_000, 210_000)


# From `TestGetAdjustedInitialMarginPpm` of dYdX v4 (dydxprotocol/v4-chain, protocol/x/perpetuals/types,
# liquidity_tier_test.go): the initial margin under the open-interest caps of a perpetual's liquidity tier.
DYDX = [
    (0, 200_000),
    (1_000_000, 200_000),
    (1_234_567, 387_653),
    (1_500_000, 600_000),
    (2_000_000, 1_000_000),
    (2_500_000, 1_000_000),
]


@pytest.mark.parametrize(("open_interest", "initial_ppm"), DYDX)
def test_open_interest_raises_the_initial_margin_as_on_dydx(
    setting: Setting, open_interest: int, initial_ppm: int
) -> None:
    """A lot is worth a dollar; the maintenance margin stays."""
    terms = replace(PLAIN, initial_ppm=200_000)
    venue = setting(
        markets=(open_market(terms, DOLLAR),), schedules=(CROWDED,), accounts=holding(open_interest)
    )
    venue.mark(DOLLAR)
    assert rates(venue) == (50_000, initial_ppm)


def test_a_position_of_dydx_needs_the_margin_that_it_needs_there() -> None:
    """500,000 at 20 %, between 25M and 60M, with an open interest of 28,123,456.789123: 135,697."""
    schedule = replace(STATIC, open_interest_lower=25_000_000, open_interest_upper=60_000_000)
    added = open_interest_addon(200_000, 28_123_456_789_123, schedule)
    assert -(-500_000 * (200_000 + added) // c.PPM_UNIT) == 135_697


def test_open_interest_fills_what_volatility_leaves_below_the_whole_value(setting: Setting) -> None:
    """Half way between the bounds it is half of 860,000: of what 100,000 and an add-on of 40,000 leave."""
    excited = standing(DOLLAR, volatility_ppm=90_000, volatility_addon_ppm=40_000)
    schedule = replace(CROWDED, volatility_factor=1, addon_max_ppm=50_000)
    venue = setting(markets=(excited,), schedules=(schedule,), accounts=holding(1_500_000))
    venue.mark(DOLLAR)
    assert market_of(venue).open_interest_addon_ppm == 430_000
    assert rates(venue) == (90_000, 570_000)


def test_open_interest_counts_at_the_mark_of_the_batch(setting: Setting) -> None:
    venue = setting(markets=(open_market(PLAIN, DOLLAR),), schedules=(CROWDED,), accounts=holding(1_000_000))
    for mark, added in ((1_500_000, 450_000), (2_000_000, 900_000), (1_000_001, 0), (1_000_002, 1)):
        venue.mark(mark)
        assert market_of(venue).open_interest_addon_ppm == added


def test_what_trades_in_a_batch_counts_in_the_next_one(setting: Setting) -> None:
    """Three positions of a million dollars each: open interest is 1, 2 and then 3 lots."""
    schedule = replace(STATIC, open_interest_lower=1, open_interest_upper=4)
    venue = setting(markets=(open_market(PLAIN, DOLLAR),), schedules=(schedule,))
    for lots, added in ((1, 0), (2, 300_000), (3, 600_000)):
        venue.sell("bob", 1, DOLLAR)
        assert fills(venue.buy("alice", 1, DOLLAR)) == [("bob", 1, DOLLAR)]
        before = market_of(venue)
        assert before.open_interest == lots
        venue.mark(DOLLAR)
        assert market_of(venue).open_interest_addon_ppm == added
        assert before.open_interest_addon_ppm == max(0, added - 300_000)


def test_open_interest_makes_nobody_due(setting: Setting) -> None:
    """Alice has just her maintenance margin; a million of open interest makes the initial one all of it."""
    schedule = replace(STATIC, open_interest_lower=0, open_interest_upper=1)
    accounts = holding(100, collateral=50 * 100 - 100 * MARK)
    accounts |= {"bob": {"positions": (900, 0, 0, 0)}, "carol": {"positions": (-900, 0, 0, 0)}}
    venue = setting("erin 1 @ 1000 |", schedules=(schedule,), accounts=accounts)
    venue.mark(MARK)
    assert rates(venue) == (50_000, 1_000_000)
    assert health(venue.account("alice"), venue.seen.markets).maintenance == 5_000 * c.PPM_UNIT
    assert verdicts(venue.liquidate("alice", Side.SELL, 1)) == [Verdict.NOT_DUE]
    assert fills(venue.sell("alice", 1, MARK)) == [("erin", 1, MARK)]


RAISED = standing(volatility_ppm=9_000, volatility_addon_ppm=40_000)
"""Rates of 90,000 and 140,000, as long as the factor is 10."""
TO_RAISED = replace(STEEP, volatility_factor=10)


def raised(setting: Setting, book: str, **fields: Any) -> Venue:
    venue = setting(book, markets=(RAISED,), schedules=(TO_RAISED,), **fields)
    venue.mark(MARK)
    assert rates(venue) == (90_000, 140_000)
    return venue


def test_a_withdrawal_leaves_the_initial_margin_in_force(setting: Setting) -> None:
    """Ten lots at 1,000 with an equity of 5,000 need 1,400."""
    venue = raised(setting, "", accounts=holding(10, collateral=5_000 - 10 * MARK))
    assert venue.request(RequestKind.WITHDRAW, "alice", 10_000).outcome.paid == 3_600
    assert venue.request(RequestKind.WITHDRAW, "alice", 1).outcome.paid == 0


def test_an_order_rests_at_the_initial_margin_in_force(setting: Setting) -> None:
    """It reserves the highest rate of all markets: 140 a lot in either."""
    accounts = {"alice": {"collateral": 419}}
    venue = setting(markets=(PLAIN, RAISED), schedules=(STATIC, TO_RAISED), accounts=accounts)
    venue.mark(MARK, MARK)
    assert verdicts(venue.buy("alice", 3, MARK)) == [Verdict.MARGIN]
    assert verdicts(venue.buy("alice", 2, MARK)) == []
    assert verdicts(venue.buy("alice", 1, MARK)) == [Verdict.MARGIN]


def test_open_interest_binds_no_order_that_rests(setting: Setting) -> None:
    """What trades in the second market makes its margin the whole value; an order reserves 100 a lot."""
    full = replace(STATIC, open_interest_lower=0, open_interest_upper=1)
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"collateral": 250},
        "bob": {"positions": (0, 1_000, 0, 0)},
        "carol": {"positions": (0, -1_000, 0, 0)},
    }
    venue = setting(markets=(PLAIN, PLAIN), schedules=(STATIC, full), accounts=accounts)
    venue.mark(MARK, MARK)
    assert venue.seen.markets[1].initial_ppm == c.PPM_UNIT
    for slot in (0, 1):
        assert verdicts(venue.buy("alice", 1, MARK, market=slot)) == []
    assert verdicts(venue.buy("alice", 1, MARK)) == [Verdict.MARGIN]
    assert venue.request(RequestKind.WITHDRAW, "alice", 10**6).outcome.paid == 50
    assert removed(venue.sell("dave", 1, MARK, market=1, ioc=True)) == [("alice", Verdict.MAKER_MARGIN)]
    assert fills(venue.sell("dave", 1, MARK, ioc=True)) == [("alice", 1, MARK)]


def test_a_fill_needs_the_initial_margin_in_force(setting: Setting) -> None:
    venue = raised(setting, "| bob 3 @ 1000", accounts={"alice": {"collateral": 419}})
    assert verdicts(venue.buy("alice", 3, MARK, ioc=True)) == [Verdict.MARGIN]
    assert fills(venue.buy("alice", 2, MARK, ioc=True)) == [("bob", 2, MARK)]


def test_a_fill_that_reduces_needs_the_maintenance_margin_in_force(setting: Setting) -> None:
    """Ten lots need 900: with 809 less than nine of them need, with 810 as much."""
    for equity, expected in ((809, []), (810, [("bob", 1, MARK)])):
        venue = raised(setting, "bob 1 @ 1000 |", accounts=holding(10, collateral=equity - 10 * MARK))
        assert fills(venue.sell("alice", 1, MARK, ioc=True)) == expected


def test_who_is_below_the_maintenance_margin_in_force_is_due(setting: Setting) -> None:
    """Ten lots need 900; an equity of 729 is two lots short of it, one of 900 none."""
    book = "bob 9 @ 1000 |"
    healthy = raised(setting, book, accounts=holding(10, collateral=900 - 10 * MARK))
    assert verdicts(healthy.liquidate("alice", Side.SELL, 1)) == [Verdict.NOT_DUE]
    due = raised(setting, book, accounts=holding(10, collateral=729 - 10 * MARK))
    assert verdicts(due.liquidate("alice", Side.SELL, 3)) == [Verdict.NOT_DUE]
    assert fills(due.liquidate("alice", Side.SELL, 2)) == [("bob", 2, MARK)]


def test_the_largest_margin_in_force_is_liquidated_first() -> None:
    """Ten lots of 50 count less than eight of 90."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (10, 8, 0, 0), "collateral": 1_000 - 18 * MARK},
        "dave": {"positions": (-10, -8, 0, 0)},
    }
    markets, schedules = (PLAIN, RAISED), (STATIC, TO_RAISED)
    venue = Setting(ENGINE)("bob 9 @ 1000 |", markets=markets, schedules=schedules, accounts=accounts)
    venue.buy("bob", 9, MARK, market=1)
    venue.mark(MARK, MARK)
    message = next_liquidation(venue.state, 1)
    assert message is not None
    assert message.market == 1


def test_a_position_in_a_halted_market_binds_its_value_whatever_the_add_ons(setting: Setting) -> None:
    """Halted, two lots of 800 bind 1,600 at the highest rate: 1,677.7."""
    halted = replace(halted_market(STEADY), volatility_ppm=9_000, volatility_addon_ppm=40_000)
    venue = setting(markets=(halted,), schedules=(TO_RAISED,), accounts=holding(2, collateral=5_000))
    venue.mark(800)
    assert venue.request(RequestKind.WITHDRAW, "alice", 10**6).outcome.paid == 6_600 - 1_678


def test_the_bounds_of_the_funding_rate_are_those_of_the_parameters(setting: Setting) -> None:
    """Open interest has raised the buffer between the margins to 850,000; a rate is at most 100."""
    narrow = replace(PLAIN, initial_ppm=50_100, interest_ppm=16_000)
    schedule = replace(STATIC, open_interest_lower=0, open_interest_upper=1)
    venue = setting(markets=(open_market(narrow),), schedules=(schedule,), accounts=holding(1_000))
    venue.mark(MARK)
    assert rates(venue) == (50_000, 1_000_000)
    venue.mark(MARK, seconds=c.FUNDING_SECONDS)
    assert venue.seen.premiums[0].rate_ppm == 100


Terms = tuple[MarketParameters, MarginSchedule]


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Whatever `check` takes, over open interests of up to some thousand dollars."""
    maintenance, initial = sorted(draw(st.tuples(*[st.integers(1, c.PPM_UNIT)] * 2)))
    parameters = replace(
        PLAIN,
        quote_per_tick_lot=1_000,
        initial_ppm=initial,
        maintenance_ppm=maintenance,
        max_move_ppm=draw(st.sampled_from((1, 250_000, RATE_MAX))),
    )
    upper = draw(st.integers(1, 4_000))
    schedule = MarginSchedule(
        open_interest_lower=draw(st.integers(0, upper - 1)),
        open_interest_upper=upper,
        volatility_factor=draw(st.sampled_from((0, 1, 25, (1 << c.FACTOR_BITS) - 1))),
        addon_max_ppm=draw(st.integers(0, min(maintenance, c.PPM_UNIT - initial))),
        addon_step_ppm=draw(st.sampled_from((0, 1, 10_000, RATE_MAX)) | st.integers(0, RATE_MAX)),
        tier_ppm=draw(st.integers(0, RATE_MAX)),
        congestion_ppm=draw(st.integers(0, RATE_MAX)),
        settle_seconds=draw(st.integers(1, RATE_MAX)),
    )
    schedule.check(parameters)
    return parameters, schedule


marks = st.integers(1, 2_000) | st.integers(1, c.RANK_MAX)
batches = st.lists(
    st.tuples(st.booleans(), st.booleans(), marks, st.integers(0, 1_000)), min_size=1, max_size=20
)


@given(changes=st.lists(st.tuples(terms(), batches), min_size=1, max_size=3))
def test_rates_keep_to_their_bounds_whatever_marks_traders_and_changes_do(
    changes: list[tuple[Terms, list[tuple[bool, bool, int, int]]]],
) -> None:
    """The add-on of volatility rises by no more than a step, at samples alone; congestion adds at once."""
    market = open_market(PLAIN, 0)
    for (parameters, schedule), opened in changes:
        for sampling, congested, mark, open_interest in opened:
            before = market.volatility_addon_ppm
            market = sampled(market, parameters.max_move_ppm) if sampling else market
            market = replace(market, mark=mark, parameters=parameters)
            market = scheduled(market, schedule, sampling=sampling, congested=congested)
            assert 0 <= market.volatility_addon_ppm <= schedule.addon_max_ppm
            assert market.volatility_addon_ppm - before <= (schedule.addon_step_ppm if sampling else 0)
            assert parameters.maintenance_ppm <= market.maintenance_ppm <= market.held_ppm <= c.PPM_UNIT
            assert market.initial_ppm - market.held_ppm == (schedule.congestion_ppm if congested else 0)
            assert market.maintenance_ppm <= 2 * parameters.maintenance_ppm
            assert parameters.initial_ppm <= market.reserve_ppm <= market.held_ppm
            market = replace(market, open_interest=open_interest)
            assert Market.from_words(market.words()) == market


@given(terms=terms(), notionals=st.tuples(st.integers(0, 1 << 80), st.integers(0, 1 << 80)))
def test_more_open_interest_never_asks_for_less(terms: Terms, notionals: tuple[int, int]) -> None:
    parameters, schedule = terms
    base, room = parameters.initial_ppm, c.PPM_UNIT - parameters.initial_ppm
    less, more = (open_interest_addon(base, each, schedule) for each in sorted(notionals))
    assert 0 <= less <= more <= room
    assert open_interest_addon(base, schedule.open_interest_lower * DOLLAR, schedule) == 0
    assert open_interest_addon(base, schedule.open_interest_upper * DOLLAR, schedule) == room
