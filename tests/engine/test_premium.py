"""What the orders of a period traded at, and the rate that follows: docs/spec/funding.md at its edges."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import OpenEpoch, ProcessRequest
from sequencer.engine.events import Cancelled, Filled, TakenOver
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus, RequestKind, Side, Verdict
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import Premium
from tests.engine.venue import ENGINE, PLAIN, Setting, Venue, fills, halted_market, removed, verdicts
from tests.strategies import MARK, START, change, open_market, signed_round

BUY, SELL = Side.BUY, Side.SELL
PERIOD, HOUR = 28_800, 3_600
MILLION = 1_000_000
"""A mark of so many ticks makes a tick one ppm."""
YIELDING = replace(PLAIN, interest_ppm=100)


def venue_of(
    setting: Setting,
    book: str = "",
    *,
    lots: int = 0,
    mark: int = MARK,
    parameters: MarketParameters = PLAIN,
    rate: int = 0,
    **fields: Any,
) -> Venue:
    """Alice is long of these lots and Bob short; a period has just begun."""
    accounts = {"alice": {"positions": (lots, 0, 0, 0)}, "bob": {"positions": (-lots, 0, 0, 0)}}
    markets = (open_market(parameters, mark),)
    return setting(book, accounts=accounts, markets=markets, rates=(rate,), **fields)


def trade(venue: Venue, lots: int, price: int, market: int = 0) -> None:
    """Carol sells so many lots to Dave and buys them back: nobody holds more than before."""
    for maker, taker in (("carol", "dave"), ("dave", "carol")):
        venue.sell(maker, lots, price, market=market)
        assert fills(venue.buy(taker, lots, price, market=market)) == [(maker, lots, price)]


def premium(venue: Venue, market: int = 0) -> tuple[int, int]:
    """Excess and weight."""
    seen = venue.seen.premiums[market]
    return seen.excess, seen.weight


def rate(venue: Venue, market: int = 0) -> int:
    return venue.seen.premiums[market].rate_ppm


def accrued(venue: Venue) -> int:
    """What a long lot has owed since genesis, in ppm of the mark of 1000 for a period."""
    market = venue.seen.markets[0]
    assert market.short_index == -market.long_index
    return market.long_index // (MARK * PERIOD)


# ---- A day by hand.


def test_a_day_worked_by_hand(setting: Setting) -> None:
    """Alice is long of 0.1 BTC, 6,000 dollars at the mark of 60,000.0; the interest I is 0.01 %.

    F = P + clamp(I - P, 0.05 %, -0.05 %), where P is how far above the mark 0.3 BTC were traded.

    00:00  F = 0.01 %, as it was
           0.3 BTC at 60,024.0                    P = 24 / 60,000 = 0.04 %
    08:00  Alice pays 0.60 dollars                F = 0.04 % + (0.01 % - 0.04 %) = 0.01 %
           0.2 BTC at 60,090.0, 0.1 at the mark   P = 0.2 x 90 / (0.3 x 60,000) = 0.10 %
    16:00  Alice pays 0.60 dollars                F = 0.10 % - 0.05 % = 0.05 %
           0.3 BTC at 59,928.0                    P = -72 / 60,000 = -0.12 %
    24:00  Alice pays 3.00 dollars                F = -0.12 % + 0.05 % = -0.07 %
           0.3 BTC at 59,982.0                    P = -18 / 60,000 = -0.03 %
    08:00  Alice gets 4.20 dollars                F = -0.03 % + (0.01 % + 0.03 %) = 0.01 %
    """
    bitcoin, rich = replace(YIELDING, quote_per_tick_lot=100), 10**12
    venue = venue_of(setting, lots=100, mark=600_000, parameters=bitcoin, rate=100, collateral=rich)
    day = [
        ([(150, 600_240)], 600_000, 100),
        ([(100, 600_900), (50, 600_000)], 600_000, 500),
        ([(150, 599_280)], 3_000_000, -700),
        ([(150, 599_820)], -4_200_000, 100),
    ]
    for trades, pays, expected in day:
        before = venue.account("alice").collateral
        for lots, price in trades:
            trade(venue, lots, price)
        venue.mark(600_000, seconds=PERIOD)
        venue.request(RequestKind.DEPOSIT, "alice")
        assert before - venue.account("alice").collateral == pays
        assert rate(venue) == expected


# ---- The formula.


@pytest.mark.parametrize(
    ("interest", "above", "expected"),
    [
        # Within 500 of the interest: F = P + (I - P) = I.
        (100, 0, 100),
        (100, 100, 100),
        (100, 600, 100),
        (100, -400, 100),
        (0, 500, 0),
        (0, -500, 0),
        # Beyond: F = P - 500, or P + 500.
        (100, 601, 101),
        (100, -401, 99),
        (100, -600, -100),
        (0, 501, 1),
        (0, -501, -1),
        (0, 7_000, 6_500),
        (0, -7_000, -6_500),
        # An interest beyond 500 needs a premium.
        (501, 0, 500),
        (16_383, 0, 500),
        (16_383, 15_883, 16_383),
        # Never more than the 5 % between the two margins.
        (0, 50_499, 49_999),
        (0, 50_500, 50_000),
        (0, 50_501, 50_000),
        (0, 500_000, 50_000),
        (16_383, 500_000, 50_000),
        (0, -50_499, -49_999),
        (0, -50_501, -50_000),
        (16_383, -500_000, -50_000),
    ],
)
def test_the_rate_is_the_premium_drawn_to_the_interest(
    setting: Setting, interest: int, above: int, expected: int
) -> None:
    venue = venue_of(setting, mark=MILLION, parameters=replace(PLAIN, interest_ppm=interest))
    trade(venue, 1, MILLION + above)
    assert premium(venue) == (2 * above, 2 * MILLION)
    venue.mark(MILLION, seconds=PERIOD)
    assert venue.seen.premiums[0] == Premium(rate_ppm=expected)


@pytest.mark.parametrize("above", [-100_000, 0, 100_000])
def test_without_a_buffer_between_the_margins_nothing_is_paid(setting: Setting, above: int) -> None:
    strict = replace(YIELDING, maintenance_ppm=PLAIN.initial_ppm)
    venue = venue_of(setting, mark=MILLION, parameters=strict)
    trade(venue, 1, MILLION + above)
    venue.mark(MILLION, seconds=PERIOD)
    assert rate(venue) == 0


@pytest.mark.parametrize(
    ("lots", "expected"), [(0, 4_500), (1, 4_500), (2, 4_500), (4, 2_000), (10, 500), (19, 26), (20, 0)]
)
def test_a_market_that_trades_less_than_it_holds_has_less_of_a_premium(
    setting: Setting, lots: int, expected: int
) -> None:
    """Two lots at 1005: an excess of 10 over 2000, or over what the lots are worth, if that is more."""
    venue = venue_of(setting, lots=lots)
    trade(venue, 1, 1_005)
    venue.mark(MARK, seconds=PERIOD)
    assert rate(venue) == expected


@pytest.mark.parametrize(("price", "expected"), [(1_005, 928), (995, -929)])
def test_a_premium_is_rounded_down(setting: Setting, price: int, expected: int) -> None:
    """10 / 7000 are 1428.57 ppm: P = 1428, or -1429."""
    venue = venue_of(setting, lots=7)
    trade(venue, 1, price)
    venue.mark(MARK, seconds=PERIOD)
    assert rate(venue) == expected


@pytest.mark.parametrize("lots", [0, 7])
@pytest.mark.parametrize("interest", [0, 100])
def test_without_a_trade_the_rate_is_the_interest(setting: Setting, lots: int, interest: int) -> None:
    venue = venue_of(setting, lots=lots, parameters=replace(PLAIN, interest_ppm=interest), rate=900)
    venue.mark(MARK, seconds=PERIOD)
    assert rate(venue) == interest


def test_what_is_held_counts_as_the_last_batch_left_it(setting: Setting) -> None:
    """Four lots at a mark of 2000, not of 1000 nor of 500: 10 / 8000 are 1250 ppm."""
    venue = venue_of(setting, lots=4)
    trade(venue, 1, 1_005)
    venue.mark(2 * MARK)
    venue.mark(MARK // 2, seconds=PERIOD)
    assert rate(venue) == 750


def test_a_bid_that_the_mark_left_behind_is_a_premium_without_bound(setting: Setting) -> None:
    """Someone sells at a hundred times the mark: 99,000,000 ppm."""
    venue = venue_of(setting, "carol 1 @ 1000 |")
    venue.mark(10)
    venue.mark(10)
    assert fills(venue.sell("dave", 1, 10)) == [("carol", 1, MARK)]
    assert premium(venue) == (990, 10)
    venue.mark(10, seconds=PERIOD)
    assert rate(venue) == 50_000


# ---- When a rate is set.


def test_the_first_round_sets_a_rate_and_the_second_one_accrues_it(setting: Setting) -> None:
    unpriced = Market(MarketKind.PERPETUAL, MarketStatus.OPEN, parameters=YIELDING)
    venue = setting(markets=(unpriced,), period=0)
    venue.mark(MARK, seconds=HOUR)
    assert (venue.seen.period, rate(venue), accrued(venue)) == (START // PERIOD, 100, 0)
    venue.mark(MARK, seconds=HOUR)
    assert (venue.seen.period, rate(venue)) == (START // PERIOD, 100)
    assert venue.seen.markets[0].long_index == 100 * MARK * HOUR


def test_a_rate_holds_until_the_first_round_of_the_next_period(setting: Setting) -> None:
    venue = venue_of(setting, rate=900)
    trade(venue, 1, 1_005)
    before = venue.seen.premiums
    venue.mark(MARK, seconds=HOUR)
    venue.mark(MARK, seconds=7 * HOUR - 1)
    assert (venue.seen.premiums, venue.seen.period) == (before, START // PERIOD)
    venue.mark(MARK)
    assert venue.seen.premiums[0] == Premium(rate_ppm=4_500)
    assert venue.seen.period == START // PERIOD + 1
    assert accrued(venue) == 900


def test_the_time_of_the_round_decides_not_that_of_the_batch(setting: Setting) -> None:
    venue = venue_of(setting, rate=900)
    late, prices = START + PERIOD, (MARK, 0, 0, 0)
    venue.apply(OpenEpoch(late + 10, signed_round(late - 1, prices)))
    assert (rate(venue), venue.seen.period) == (900, START // PERIOD)
    venue.apply(OpenEpoch(late + 20, signed_round(late, prices)))
    assert (rate(venue), venue.seen.period) == (0, START // PERIOD + 1)


def test_the_rate_before_accrues_up_to_the_round_that_sets_another(setting: Setting) -> None:
    venue = venue_of(setting, rate=900)
    trade(venue, 1, 1_005)
    venue.mark(MARK, seconds=3 * PERIOD + HOUR)
    assert venue.seen.markets[0].long_index == 900 * MARK * (3 * PERIOD + HOUR)
    assert (rate(venue), venue.seen.period) == (4_500, START // PERIOD + 3)
    venue.mark(MARK, seconds=PERIOD)
    assert venue.seen.markets[0].long_index == MARK * (900 * (3 * PERIOD + HOUR) + 4_500 * PERIOD)
    assert rate(venue) == 0


def test_the_batch_that_sets_a_rate_trades_for_the_next_one(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.mark(MARK, seconds=PERIOD)
    trade(venue, 1, 1_005)
    assert venue.seen.premiums[0] == Premium(10, 2_000, 0)
    venue.mark(MARK, seconds=PERIOD)
    assert rate(venue) == 4_500


def test_a_new_interest_counts_from_the_next_period_on(setting: Setting) -> None:
    venue = venue_of(setting, parameters=YIELDING, rate=100)
    dearer = replace(venue.state.configuration, markets=(replace(YIELDING, interest_ppm=400),))
    venue.apply(ProcessRequest(change(dearer.hash())))
    venue.mark(MARK, seconds=HOUR, configuration=dearer)
    assert rate(venue) == 100
    venue.mark(MARK, seconds=7 * HOUR)
    assert (rate(venue), accrued(venue)) == (400, 100)
    venue.mark(MARK, seconds=PERIOD)
    assert accrued(venue) == 500


def test_the_batch_that_sets_a_rate_has_its_parameters(setting: Setting) -> None:
    """Of interest and of margins: 1 % is between the new ones."""
    venue = venue_of(setting, parameters=YIELDING)
    trade(venue, 1, 1_100)
    narrow = replace(YIELDING, interest_ppm=400, maintenance_ppm=90_000)
    changed = replace(venue.state.configuration, markets=(narrow,))
    venue.apply(ProcessRequest(change(changed.hash())))
    venue.mark(MARK, seconds=PERIOD, configuration=changed)
    assert rate(venue) == 10_000
    venue.mark(MARK, seconds=PERIOD)
    assert rate(venue) == 400


def test_each_market_has_its_own_premium(setting: Setting) -> None:
    venue = setting(markets=(PLAIN, open_market(YIELDING, 2 * MARK)), rates=(1, 2))
    trade(venue, 1, 1_005)
    trade(venue, 2, 1_990, market=1)
    assert venue.seen.premiums == (Premium(10, 2_000, 1), Premium(-40, 8_000, 2), Premium(), Premium())
    venue.mark(MARK, 2 * MARK, seconds=PERIOD)
    rates = [4_500, -4_500, 0, 0]
    assert venue.seen.premiums == tuple(Premium(rate_ppm=each) for each in rates)


def test_a_halted_market_gets_its_rate_too(setting: Setting) -> None:
    venue = setting(markets=(halted_market(YIELDING),))
    venue.mark(MARK, seconds=PERIOD)
    assert not venue.seen.markets[0].is_open
    assert rate(venue) == 100


# ---- What counts.


@pytest.mark.parametrize(
    ("marks", "prices", "excess"),
    [
        ((1_000, 1_000), [1_005], 10),
        ((1_000, 1_000), [995], -10),
        # Between the two marks, whichever is the higher, nothing counts.
        ((1_000, 1_010), [1_005], 0),
        ((1_010, 1_000), [1_005], 0),
        ((1_000, 1_010), [1_000], 0),
        ((1_000, 1_010), [1_010], 0),
        ((1_000, 1_010), [1_011], 2),
        ((1_010, 1_000), [1_011], 2),
        ((1_000, 1_010), [999], -2),
        ((1_010, 1_000), [999], -2),
        # The average of the batch counts: 1,005, and 1,012.
        ((1_000, 1_010), [1_000, 1_010], 0),
        ((1_000, 1_010), [1_020, 990], 0),
        ((1_000, 1_010), [1_004, 1_020], 2 * (1_004 + 1_020) - 4 * 1_010),
    ],
)
def test_what_lies_outside_the_last_two_marks_counts(
    setting: Setting, marks: tuple[int, int], prices: list[int], excess: int
) -> None:
    venue = venue_of(setting)
    for mark in marks:
        venue.mark(mark)
    for price in prices:
        trade(venue, 1, price)
    assert premium(venue) == (excess, 2 * len(prices) * marks[1])


def test_each_batch_counts_by_itself(setting: Setting) -> None:
    venue = venue_of(setting)
    trade(venue, 1, 1_005)
    venue.mark(1_010)
    trade(venue, 1, 1_015)
    venue.mark(1_010)
    trade(venue, 1, 1_005)
    assert premium(venue) == (10 + 10 - 10, 2_000 + 2_020 + 2_020)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_taker_of_either_side_counts_at_the_prices_that_it_met(setting: Setting, side: Side) -> None:
    book = {BUY: "| bob 2 @ 1003 \n | erin 5 @ 1004", SELL: "bob 2 @ 997 | \n erin 5 @ 996 |"}[side]
    venue = venue_of(setting, book)
    limit = MARK + 10 * (1 - 2 * side)
    assert len(fills(venue.send("alice", side=side, size=4, price=limit))) == 2
    assert premium(venue) == ((1 - 2 * side) * (2 * 3 + 2 * 4), 4 * MARK)


def test_a_forced_order_counts(setting: Setting) -> None:
    venue = venue_of(setting, "| bob 5 @ 1003")
    venue.force("alice", size=2, price=1_003)
    assert premium(venue) == (6, 2_000)


def test_what_does_not_trade_does_not_count(setting: Setting) -> None:
    venue = venue_of(setting, "bob 5 @ 990 |")
    venue.sell("erin", 2, 1_010, expiry=START)
    venue.mark(MARK)
    assert removed(venue.buy("alice", 1, 1_010, ioc=True)) == [("erin", Verdict.MAKER_EXPIRED)]
    assert verdicts(venue.sell("alice", 1, 990, post_only=True)) == [Verdict.POST_ONLY]
    assert verdicts(venue.sell("bob", 1, 990)) == [Verdict.SELF_TRADE]
    (order,) = venue.orders("bob")
    assert isinstance(venue.cancel("bob", order)[0], Cancelled)
    assert premium(venue) == (0, 0)


def lost(setting: Setting, book: str = "") -> Venue:
    """Alice is long of ten lots and has lost 1000 more than she has, at a mark of 800."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (10, 0, 0, 0), "collateral": 1_000 - 10 * MARK},
        "bob": {"positions": (-10, 0, 0, 0)},
    }
    venue = setting(book, accounts=accounts)
    venue.mark(800)
    return venue


def test_a_liquidation_through_the_book_counts(setting: Setting) -> None:
    venue = lost(setting, "dave 10 @ 950 |")
    venue.mark(800)
    assert fills(venue.liquidate("alice", SELL, 10)) == [("dave", 10, 950)]
    assert premium(venue) == (10 * 150, 10 * 800)


def test_a_takeover_does_not_count(setting: Setting) -> None:
    venue = lost(setting)
    assert isinstance(venue.liquidate("alice", SELL, 10)[-1], TakenOver)
    assert premium(venue) == (0, 0)


def test_an_unwinding_counts(setting: Setting) -> None:
    accounts = {"fund": {"positions": (10, 0, 0, 0)}, "bob": {"positions": (-10, 0, 0, 0)}}
    venue = setting("dave 4 @ 995 |", accounts=accounts, markets=(replace(PLAIN, liquidation_fee_ppm=5_000),))
    venue.mark(MARK)
    assert fills(venue.unwind(SELL, 4, 995)) == [("dave", 4, 995)]
    assert premium(venue) == (-20, 4_000)


# ---- The engine's own view.


def test_a_fill_that_is_undone_does_not_count() -> None:
    venue = venue_of(Setting(ENGINE), "| bob 5 @ 1003")
    token = venue.state.checkpoint()
    assert isinstance(venue.buy("alice", 1, 1_003)[0], Filled)
    assert premium(venue) == (3, 1_000)
    venue.state.rollback(token)
    assert premium(venue) == (0, 0)


def test_a_period_that_is_undone_leaves_its_rate() -> None:
    venue = venue_of(Setting(ENGINE), rate=900)
    trade(venue, 1, 1_005)
    before, token = venue.seen, venue.state.checkpoint()
    venue.mark(MARK, seconds=PERIOD)
    assert venue.seen.premiums != before.premiums
    venue.state.rollback(token)
    assert venue.seen == before


def test_a_premium_is_shown_by_slot() -> None:
    state = venue_of(Setting(ENGINE), rate=900).state
    assert state.premium(0) is state.premiums[0]
    assert state.premium(c.MARKETS - 1) == Premium()
