"""Settlement at mark: what becomes of a market that the insurance fund is stuck in (docs/spec/breakers.md).

Alice loses 200 on each of ten lots, and the fund takes them over. It may hold a position for a minute.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.events import Filled, ShortfallCharged, TakenOver
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Side, Verdict
from sequencer.model.market import Market
from sequencer.model.schedule import STATIC
from sequencer.model.venue import Venue as Restrictions
from tests.engine.venue import PLAIN, RICH, Setting, Venue, fills, removed, verdicts
from tests.strategies import MARK, START, change, open_market

BUY, SELL = Side.BUY, Side.SELL
OPEN, HALTED, REDUCE_ONLY = MarketStatus.OPEN, MarketStatus.HALTED, MarketStatus.REDUCE_ONLY
SETTLED = MarketStatus.SETTLED
LOTS, LOW = 10, MARK - 200
MINUTE = replace(STATIC, settle_seconds=60)
TAKEN = START + 1
"""Timestamp of the batch in which the fund takes over."""
AT_MARK = replace(open_market(PLAIN), status=SETTLED, fund_since=c.SETTLED_SINCE)
"""A settled market."""


def market_of(venue: Venue, slot: int = 0) -> Market:
    return venue.seen.markets[slot]


def taken_over(setting: Setting, book: str = "", *, fund: int = RICH, carol: int = 0, **fields: Any) -> Venue:
    """The fund has taken over what Alice had; Bob has the other side, and Carol some lots."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (LOTS, 0, 0, 0), "collateral": 1_000 - LOTS * MARK},
        "bob": {"positions": (-LOTS - carol, 0, 0, 0)},
        "carol": {"positions": (carol, 0, 0, 0)},
        "fund": {"collateral": fund},
    }
    venue = setting(**{"accounts": accounts, "schedules": (MINUTE,)} | fields)
    venue.mark(LOW)
    assert isinstance(venue.liquidate("alice", SELL, LOTS)[-1], TakenOver)
    return venue.given(book)


def ended(venue: Venue, *marks: int, seconds: int = 1) -> Venue:
    """The batch after the open one, at these marks."""
    venue.close()
    venue.mark(*marks, seconds=seconds)
    return venue


def settled(setting: Setting, book: str = "", **fields: Any) -> Venue:
    """The batch after the one that settles the market at 800, while the round says 900."""
    venue = ended(taken_over(setting, book, **fields), LOW, seconds=61)
    assert market_of(venue).status == OPEN
    ended(venue, LOW + 100)
    assert market_of(venue).status == SETTLED
    return venue


def holding(lots: int, equity: int) -> dict[str, dict[str, Any]]:
    """Alice has a position and this equity at the mark, Dave the other side of it."""
    return {
        "alice": {"positions": (lots, 0, 0, 0), "collateral": equity - lots * MARK},
        "dave": {"positions": (-lots, 0, 0, 0)},
    }


def stuck(setting: Setting, market: Market, **fields: Any) -> Venue:
    """The fund has held five lots of a market since `START`."""
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (5, 0, 0, 0)},
        "bob": {"positions": (-5, 0, 0, 0)},
    }
    return setting(**{"markets": (market,), "schedules": (MINUTE,), "accounts": accounts} | fields)


# ---- Since when the fund has had a position.


def test_the_time_is_that_of_the_batch_that_leaves_the_fund_a_position(setting: Setting) -> None:
    venue = taken_over(setting)
    assert market_of(venue).fund_since == 0
    venue.close()
    assert market_of(venue).fund_since == TAKEN


def test_it_stays_as_long_as_the_fund_holds_something(setting: Setting) -> None:
    """Whether it trades or not."""
    venue = taken_over(setting, "dave 3 @ 800 |")
    ended(venue, LOW)
    ended(venue, LOW)
    assert market_of(venue).fund_since == TAKEN
    assert fills(venue.unwind(SELL, 3, LOW)) == [("dave", 3, LOW)]
    venue.close()
    assert market_of(venue).fund_since == TAKEN


def test_it_ends_with_the_position(setting: Setting) -> None:
    venue = taken_over(setting, "dave 10 @ 800 |")
    ended(venue, LOW)
    assert fills(venue.unwind(SELL, LOTS, LOW)) == [("dave", LOTS, LOW)]
    assert market_of(venue).fund_since == TAKEN
    venue.close()
    assert market_of(venue).fund_since == 0


def test_a_position_that_lasts_for_no_batch_has_no_time(setting: Setting) -> None:
    venue = taken_over(setting, "dave 10 @ 800 |")
    assert fills(venue.unwind(SELL, LOTS, LOW)) == [("dave", LOTS, LOW)]
    venue.close()
    assert market_of(venue).fund_since == 0


def test_another_position_begins_another_time(setting: Setting) -> None:
    """The fund takes Alice's lots over in two parts, and has sold the first before it gets the second."""
    venue = setting(schedules=(MINUTE,), accounts=holding(LOTS, 1_000) | {"fund": {"collateral": RICH}})
    venue.mark(LOW)
    venue.liquidate("alice", SELL, 4)
    ended(venue, LOW)
    venue.buy("erin", 4, LOW)
    assert fills(venue.unwind(SELL, 4, LOW)) == [("erin", 4, LOW)]
    ended(venue, LOW, seconds=30)
    assert market_of(venue).fund_since == 0
    venue.liquidate("alice", SELL, LOTS - 4)
    venue.close()
    assert market_of(venue).fund_since == TAKEN + 31


def test_each_market_has_its_own_time(setting: Setting) -> None:
    """The fund trades in the second market; it has held something in the first for long, and in the third."""
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (5, 2, 0, 0)},
        "bob": {"positions": (-5, -2, 0, 0)},
    }
    held = replace(open_market(PLAIN), fund_since=START - 9)
    venue = setting(markets=(held, held, PLAIN), schedules=(MINUTE,) * 3, accounts=accounts)
    venue.mark(MARK, MARK, MARK)
    venue.buy("dave", 2, MARK, market=1)
    assert fills(venue.unwind(SELL, 2, MARK, market=1)) == [("dave", 2, MARK)]
    venue.close()
    assert [market.fund_since for market in venue.seen.markets] == [START - 9, 0, 0, 0]


# ---- When a market settles.


@pytest.mark.parametrize(("seconds", "expected"), [(59, OPEN), (60, OPEN), (61, SETTLED), (10**6, SETTLED)])
def test_a_market_settles_once_the_fund_has_been_stuck_for_too_long(
    setting: Setting, seconds: int, expected: MarketStatus
) -> None:
    """The batch that finds it so is as any other, until it ends: its mark is the last."""
    venue = ended(taken_over(setting), LOW + 1, seconds=seconds)
    assert (market_of(venue).status, market_of(venue).mark) == (OPEN, LOW + 1)
    assert verdicts(venue.buy("dave", 1, LOW)) == []
    venue.close()
    assert market_of(venue).fund_since == (c.SETTLED_SINCE if expected == SETTLED else TAKEN)
    venue.mark(LOW + 2)
    assert (market_of(venue).status, market_of(venue).mark) == (
        expected,
        LOW + (1 if expected == SETTLED else 2),
    )


def test_the_last_batch_may_still_unwind(setting: Setting) -> None:
    venue = ended(taken_over(setting, "dave 10 @ 800 |"), LOW, seconds=1_000)
    assert fills(venue.unwind(SELL, LOTS, LOW)) == [("dave", LOTS, LOW)]
    venue.close()
    assert market_of(venue).fund_since == 0


def test_a_position_that_comes_after_one_that_was_too_long_has_its_own_time(setting: Setting) -> None:
    """The first is gone in the batch before."""
    venue = setting(schedules=(MINUTE,), accounts=holding(LOTS, 1_000) | {"fund": {"collateral": RICH}})
    venue.mark(LOW)
    venue.liquidate("alice", SELL, 4)
    ended(venue, LOW, seconds=60)
    venue.buy("erin", 4, LOW)
    venue.unwind(SELL, 4, LOW)
    ended(venue, LOW, seconds=60)
    venue.liquidate("alice", SELL, LOTS - 4)
    venue.close()
    assert market_of(venue).fund_since == TAKEN + 120


def test_no_market_settles_without_a_position_of_the_fund(setting: Setting) -> None:
    venue = setting(schedules=(MINUTE,), accounts=holding(LOTS, 5_000))
    venue.mark(MARK, seconds=10**9)
    assert market_of(ended(venue, MARK)).status == OPEN


def test_a_halt_restarts_the_clock(setting: Setting) -> None:
    """Nothing could be unwound: neither while it is halted nor as it would have settled."""
    jumpy = replace(open_market(replace(PLAIN, max_move_ppm=150_000, halt_seconds=100)), fund_since=START)
    venue = stuck(setting, jumpy)
    venue.mark(2 * MARK, seconds=61)
    assert market_of(venue).status == HALTED
    venue.close()
    assert market_of(venue).fund_since == START + 61
    ended(venue, 2 * MARK, seconds=99)
    venue.close()
    assert market_of(venue).fund_since == START + 160
    venue.mark(2 * MARK, seconds=60)
    assert market_of(ended(venue, 2 * MARK)).status == OPEN
    assert market_of(ended(venue, 2 * MARK)).status == SETTLED
    assert market_of(venue).mark == 2 * MARK


def test_a_halt_starts_no_clock(setting: Setting) -> None:
    halted = replace(open_market(PLAIN), halted_until=START + 100)
    venue = setting(markets=(halted,), schedules=(MINUTE,), accounts=holding(LOTS, 5_000))
    venue.mark(MARK)
    assert market_of(venue).status == HALTED
    venue.close()
    assert market_of(venue).fund_since == 0


def test_the_limit_is_that_of_the_configuration_of_the_batch(setting: Setting) -> None:
    venue = taken_over(setting)
    shorter = replace(venue.state.configuration, schedules=(replace(MINUTE, settle_seconds=4),))
    ended(venue, LOW, seconds=5)
    venue.apply(ProcessRequest(change(shorter.hash())))
    venue.close()
    assert market_of(venue).fund_since == TAKEN
    venue.mark(LOW, configuration=shorter)
    venue.close()
    assert market_of(venue).is_settled


def test_each_market_settles_by_itself(setting: Setting) -> None:
    held = replace(open_market(PLAIN), fund_since=START)
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (5, 5, 0, 0)},
        "bob": {"positions": (-5, -5, 0, 0)},
    }
    later = replace(MINUTE, settle_seconds=100)
    venue = setting(markets=(held, held), schedules=(later, MINUTE), accounts=accounts)
    venue.mark(MARK, MARK, seconds=61)
    ended(venue, MARK + 1, MARK + 2)
    assert [market.status for market in venue.seen.markets[:2]] == [OPEN, SETTLED]
    assert [market.mark for market in venue.seen.markets[:2]] == [MARK + 1, MARK]


# ---- What holds in it.


def test_its_mark_stands_still(setting: Setting) -> None:
    venue = settled(setting)
    assert market_of(venue).mark == LOW
    for mark in (LOW, 1, c.RANK_MAX):
        event = venue.mark(mark)
        assert event.marks[0] == market_of(venue).mark == LOW
        assert market_of(venue).status == SETTLED


def test_no_mark_of_it_jumps(setting: Setting) -> None:
    careful = replace(AT_MARK, parameters=replace(PLAIN, max_move_ppm=1, halt_seconds=10))
    venue = setting(markets=(careful,), schedules=(MINUTE,), accounts=holding(5, 5_000))
    venue.mark(2 * MARK)
    assert (market_of(venue).status, market_of(venue).halted_until) == (SETTLED, 0)


def test_its_rounds_still_follow_each_other(setting: Setting) -> None:
    venue = settled(setting)
    assert market_of(venue).oracle_time == venue.seen.timestamp


def test_nothing_accrues_once_it_is_settled(setting: Setting) -> None:
    venue = ended(taken_over(setting, rates=(100,)), LOW, seconds=61)
    last = market_of(venue).long_index
    assert last == 100 * (MARK + 61 * LOW)
    for _ in range(2):
        ended(venue, LOW, seconds=60)
        assert (market_of(venue).long_index, market_of(venue).short_index) == (last, -last)
        assert market_of(venue).status == SETTLED


@pytest.mark.parametrize("lots", [LOTS, -LOTS])
def test_what_was_won_can_be_withdrawn_but_for_the_maintenance_margin(setting: Setting, lots: int) -> None:
    venue = setting(markets=(AT_MARK,), schedules=(MINUTE,), accounts=holding(lots, 5_000))
    venue.mark(2 * MARK)
    assert venue.request(RequestKind.WITHDRAW, "alice", 10**9).outcome.paid == 4_500
    assert venue.account("alice").collateral == 500 - lots * MARK


def test_what_was_won_pays_for_risk_elsewhere(setting: Setting) -> None:
    """Ten lots of the other market need 1,000, and what is settled a hundredth."""
    for equity, expected in ((1_000, [Verdict.MARGIN]), (1_001, [])):
        venue = setting(markets=(AT_MARK, PLAIN), schedules=(MINUTE, MINUTE), accounts=holding(LOTS, equity))
        venue.mark(MARK, MARK)
        venue.sell("bob", 10, MARK, market=1)
        assert verdicts(venue.buy("alice", 10, MARK, market=1, ioc=True)) == expected


def test_resting_orders_reserve_its_rate_as_before(setting: Setting) -> None:
    dear = replace(AT_MARK, parameters=replace(PLAIN, initial_ppm=500_000))
    accounts = {"alice": {"collateral": 999}} | {"bob": holding(5, 0)["alice"], "dave": holding(5, 0)["dave"]}
    venue = setting(markets=(dear, PLAIN), schedules=(MINUTE, MINUTE), accounts=accounts)
    venue.mark(MARK, MARK)
    assert verdicts(venue.buy("alice", 2, MARK, market=1)) == [Verdict.MARGIN]
    assert verdicts(venue.buy("alice", 1, MARK, market=1)) == []


def test_it_takes_only_orders_that_reduce(setting: Setting) -> None:
    venue = settled(setting, carol=5)
    assert verdicts(venue.buy("dave", 1, LOW)) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.buy("dave", 1, LOW, reduce_only=True)) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.buy("bob", 5, LOW, reduce_only=True)) == []
    assert fills(venue.sell("carol", 5, LOW, reduce_only=True)) == [("bob", 5, LOW)]


def test_the_band_is_that_of_its_mark(setting: Setting) -> None:
    """Half of 800 above it; the round says 2,000."""
    venue = settled(setting, carol=5)
    venue.mark(2_000)
    for price, expected in ((1_200, []), (1_201, [Verdict.PRICE_BAND])):
        assert verdicts(venue.sell("carol", 1, price, reduce_only=True)) == expected


def test_who_is_below_zero_is_taken_over(setting: Setting) -> None:
    """The maintenance margin of ten lots is a hundredth."""
    for equity, expected in ((1, False), (0, True)):
        venue = setting(markets=(AT_MARK,), schedules=(MINUTE,), accounts=holding(LOTS, equity))
        venue.mark(MARK)
        events = venue.liquidate("alice", SELL, LOTS)
        assert isinstance(events[-1], TakenOver) == expected
        assert verdicts(events) == ([] if expected else [Verdict.NOT_DUE])


def test_its_debt_is_charged(setting: Setting) -> None:
    venue = setting(markets=(AT_MARK,), schedules=(MINUTE,), accounts=holding(LOTS, -1_000))
    venue.mark(MARK)
    venue.liquidate("alice", SELL, LOTS)
    assert venue.close() == [ShortfallCharged(0, SELL, 1_000, 100 * c.INDEX_UNIT)]
    assert market_of(venue).fund_since == c.SETTLED_SINCE


def test_it_stays_settled_when_the_fund_has_traded_all(setting: Setting) -> None:
    """Carol and Bob still have positions."""
    venue = settled(setting, "bob 10 @ 800 |", carol=5)
    assert fills(venue.unwind(SELL, LOTS, LOW)) == [("bob", LOTS, LOW)]
    ended(venue, LOW)
    assert market_of(venue).status == SETTLED


def test_a_liquidation_pays_no_fee_in_it(setting: Setting) -> None:
    """Alice is below zero; Bob pays more than the mark."""
    for market, fee in ((AT_MARK, 0), (open_market(PLAIN), 6)):
        terms = replace(market, parameters=replace(PLAIN, liquidation_fee_ppm=5_000))
        venue = setting(markets=(terms,), schedules=(MINUTE,), accounts=holding(LOTS, -500))
        venue.mark(MARK)
        venue.buy("dave", 1, MARK + 60, reduce_only=True)
        (event,) = venue.liquidate("alice", SELL, 1)
        assert isinstance(event, Filled)
        assert event.taker_fee == fee


@pytest.mark.parametrize(("price", "expected"), [(999, [Verdict.PRICE_BAND]), (1_001, [Verdict.PRICE_BAND])])
def test_the_fund_unwinds_at_the_mark_alone(setting: Setting, price: int, expected: list[Verdict]) -> None:
    terms = replace(AT_MARK, parameters=replace(PLAIN, liquidation_fee_ppm=5_000))
    venue = stuck(setting, terms)
    venue.mark(MARK)
    venue.buy("bob", 3, 1_001, reduce_only=True)
    assert verdicts(venue.unwind(SELL, 2, price)) == expected
    assert fills(venue.unwind(SELL, 2, MARK)) == [("bob", 2, 1_001)]


def test_a_maker_opens_nothing_in_it(setting: Setting) -> None:
    """Whose order is older than the settlement, and had no flag."""
    venue = settled(setting, "erin 5 @ 801 |\nbob 5 @ 800 |", carol=5)
    events = venue.sell("carol", 5, LOW, reduce_only=True)
    assert removed(events) == [("erin", Verdict.MAKER_REDUCE_ONLY)]
    assert fills(events) == [("bob", 5, LOW)]


def test_a_maker_is_judged_by_what_it_would_trade(setting: Setting) -> None:
    """Bob has sold 15 lots and bids for 100."""
    venue = settled(setting, "erin 1 @ 801 |\nbob 100 @ 800 |", carol=5)
    events = venue.unwind(SELL, LOTS, LOW)
    assert removed(events) == [("erin", Verdict.MAKER_REDUCE_ONLY)]
    assert fills(events) == [("bob", LOTS, LOW)]
    assert fills(venue.sell("carol", 5, LOW, reduce_only=True)) == [("bob", 5, LOW)]
    assert venue.position("bob") == 0


@pytest.mark.parametrize(
    ("elsewhere", "charged"),
    [
        (2, ShortfallCharged(1, SELL, 400, 200 * c.INDEX_UNIT)),
        (1, ShortfallCharged(0, BUY, 200, 20 * c.INDEX_UNIT)),
    ],
    ids=["a position elsewhere", "none elsewhere"],
)
def test_what_the_fund_holds_elsewhere_has_lost_first(
    setting: Setting, elsewhere: int, charged: ShortfallCharged
) -> None:
    """The fund is short of ten lots of the settled market, and sells one of its longs in the other at 800."""
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (-LOTS, elsewhere, 0, 0), "collateral": (LOTS - elsewhere) * MARK},
        "bob": {"positions": (LOTS, -2, 0, 0)},
        "carol": {"positions": (0, 2 - elsewhere, 0, 0)},
    }
    venue = setting(markets=(AT_MARK, PLAIN), schedules=(MINUTE, MINUTE), accounts=accounts)
    venue.mark(MARK, LOW)
    venue.buy("dave", 1, LOW, market=1)
    assert fills(venue.unwind(SELL, 1, LOW, market=1)) == [("dave", 1, LOW)]
    assert venue.close() == [charged]


@pytest.mark.parametrize(
    "venue_word",
    [Restrictions(uninsured=True), Restrictions(restricted_markets=1, restricted_until=START + 1_000)],
)
def test_it_is_settled_before_it_is_restricted(setting: Setting, venue_word: Restrictions) -> None:
    venue = setting(
        markets=(replace(AT_MARK, reduced_until=START + 1_000),),
        schedules=(MINUTE,),
        accounts=holding(LOTS, 5_000),
        venue=venue_word,
    )
    venue.mark(MARK)
    assert market_of(venue).status == SETTLED


def test_its_margins_are_computed_as_before_for_when_it_opens(setting: Setting) -> None:
    schedule = replace(MINUTE, tier_ppm=7, congestion_ppm=9, open_interest_lower=0, open_interest_upper=1)
    venue = setting(
        markets=(AT_MARK,),
        schedules=(schedule,),
        accounts=holding(LOTS, 5_000),
        venue=Restrictions(congested_until=START + 1_000),
    )
    venue.mark(MARK)
    market = market_of(venue)
    assert (market.tier_ppm, market.congestion_addon_ppm, market.open_interest_addon_ppm) == (7, 9, 9_000)
    assert (market.initial_ppm, market.tier_step) == (1, 0)


# ---- When it opens.


def closed(setting: Setting, **parameters: int) -> Venue:
    """The batch in which the last two positions meet."""
    terms = replace(AT_MARK, parameters=replace(PLAIN, **parameters))
    venue = setting(markets=(terms,), schedules=(MINUTE,), accounts=holding(LOTS, 5_000))
    venue.mark(MARK + 5)
    venue.sell("alice", LOTS, MARK, reduce_only=True)
    assert fills(venue.buy("dave", LOTS, MARK, reduce_only=True)) == [("alice", LOTS, MARK)]
    return venue


def test_it_opens_at_the_mark_of_the_round_once_nobody_has_a_position(setting: Setting) -> None:
    venue = closed(setting)
    assert (market_of(venue).status, market_of(venue).fund_since) == (SETTLED, c.SETTLED_SINCE)
    venue.close()
    assert (market_of(venue).status, market_of(venue).fund_since) == (SETTLED, 0)
    venue.mark(MARK + 7)
    assert (market_of(venue).status, market_of(venue).mark) == (OPEN, MARK + 7)
    assert verdicts(venue.buy("bob", 1, MARK)) == []


@pytest.mark.parametrize(("mark", "expected"), [(1_100, OPEN), (1_101, HALTED)])
def test_what_the_price_moved_meanwhile_is_a_jump_if_it_is_far(
    setting: Setting, mark: int, expected: MarketStatus
) -> None:
    venue = ended(closed(setting, max_move_ppm=100_000, halt_seconds=10), mark)
    assert (market_of(venue).status, market_of(venue).mark) == (expected, mark)


def test_it_opens_to_orders_that_reduce_alone_where_those_are_all_that_is_taken(setting: Setting) -> None:
    venue = closed(setting)
    venue.restrict(Restrictions(restricted_markets=1, restricted_until=START + 1_000))
    assert market_of(ended(venue, MARK)).status == REDUCE_ONLY


def test_a_trade_of_others_does_not_open_it(setting: Setting) -> None:
    accounts = holding(LOTS, 5_000) | {
        "erin": {"positions": (1, 0, 0, 0)},
        "carol": {"positions": (-1, 0, 0, 0)},
    }
    venue = setting(markets=(AT_MARK,), schedules=(MINUTE,), accounts=accounts)
    venue.mark(MARK)
    venue.sell("alice", LOTS, MARK, reduce_only=True)
    venue.buy("dave", LOTS, MARK, reduce_only=True)
    assert market_of(venue).open_interest == 1
    assert market_of(ended(venue, MARK)).status == SETTLED
