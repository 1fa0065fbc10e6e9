"""Who trades first, at which price, and how far one message reaches."""

import pytest
from msgspec.structs import replace

from sequencer.engine.events import Filled, Rested
from sequencer.model import constants as c
from sequencer.model.codes import Side, Verdict
from tests.engine.venue import PLAIN, Setting, fills, table, verdicts
from tests.strategies import open_market


def test_the_best_price_trades_first(setting: Setting) -> None:
    venue = setting("""
        | carol 2 @ 1010
        | bob   2 @ 1005
        | dave  2 @ 1020
    """)
    assert fills(venue.buy("alice", 5, 1020)) == [("bob", 2, 1005), ("carol", 2, 1010), ("dave", 1, 1020)]
    assert venue.book() == table("| dave 1 @ 1020")


def test_the_highest_bid_trades_first(setting: Setting) -> None:
    venue = setting("""
        carol 2 @ 990 |
        bob   2 @ 995 |
        dave  2 @ 980 |
    """)
    assert fills(venue.sell("alice", 5, 980)) == [("bob", 2, 995), ("carol", 2, 990), ("dave", 1, 980)]
    assert venue.book() == table("dave 1 @ 980 |")


@pytest.mark.parametrize("side", Side)
def test_at_one_price_the_older_order_trades_first(setting: Setting, side: Side) -> None:
    venue = setting()
    for name in ("dave", "bob", "carol"):
        venue.send(name, side=side, size=1, price=1000)
    events = venue.send("alice", side=side.opposite, size=2, price=1000)
    assert fills(events) == [("dave", 1, 1000), ("bob", 1, 1000)]


def test_a_partly_filled_order_keeps_its_place(setting: Setting) -> None:
    venue = setting("""
        | bob   5 @ 1000
        | carol 5 @ 1000
    """)
    venue.buy("alice", 3, 1000)
    assert venue.book() == table("""
        | bob   2 @ 1000
        | carol 5 @ 1000
    """)
    assert fills(venue.buy("alice", 3, 1000)) == [("bob", 2, 1000), ("carol", 1, 1000)]


def test_a_trade_moves_lots_and_quote_at_the_makers_price(setting: Setting) -> None:
    venue = setting("| bob 5 @ 990", collateral=1_000_000)
    venue.buy("alice", 3, 1010)
    assert (venue.position("alice"), venue.account("alice").collateral) == (3, 1_000_000 - 3 * 990)
    assert (venue.position("bob"), venue.account("bob").collateral) == (-3, 1_000_000 + 3 * 990)


@pytest.mark.parametrize(
    ("taker", "maker", "change"),
    [(0, 0, 3), (-3, 3, -3), (-3, 0, 0), (0, 3, 0), (-1, 1, 1), (5, -5, 3), (-2, 0, 1)],
)
def test_open_interest_is_the_sum_of_the_longs(setting: Setting, taker: int, maker: int, change: int) -> None:
    """A buys 3 of B; whoever else is long or short makes up for their positions."""
    start = {"alice": taker, "bob": maker, "carol": max(0, -taker - maker), "dave": min(0, -taker - maker)}
    longs = sum(lots for lots in start.values() if lots > 0)
    venue = setting(
        "| bob 3 @ 1000",
        accounts={name: {"positions": (lots, 0, 0, 0)} for name, lots in start.items()},
        markets=(replace(open_market(PLAIN), open_interest=longs),),
    )
    venue.buy("alice", 3, 1000)
    assert venue.seen.markets[0].open_interest == longs + change


def test_what_is_left_of_an_order_rests_at_its_limit(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000")
    events = venue.buy("alice", 5, 1010)
    assert [type(event) for event in events] == [Filled, Rested]
    assert venue.book() == table("alice 3 @ 1010 |")


def test_an_order_one_tick_away_does_not_trade(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000")
    assert fills(venue.buy("alice", 2, 999)) == []
    assert venue.book() == table("alice 2 @ 999 | bob 2 @ 1000")


def test_a_resting_order_reports_the_head_that_it_did_not_cross(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000")
    (event,) = venue.buy("alice", 2, 999)
    assert isinstance(event, Rested)
    assert event.head == venue.orders("bob")[0]


def test_markets_do_not_meet(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000", markets=(PLAIN, PLAIN))
    assert fills(venue.buy("alice", 2, 1000, market=1)) == []
    assert venue.book(market=1) == table("alice 2 @ 1000 |")
    assert venue.book(market=0) == table("| bob 2 @ 1000")


FIVE_ASKS = """
    | bob   1 @ 1001
    | carol 1 @ 1002
    | bob   1 @ 1003
    | carol 1 @ 1004
    | bob   1 @ 1005
"""


def test_after_four_outcomes_the_remainder_is_dropped(setting: Setting) -> None:
    venue = setting(FIVE_ASKS)
    events = venue.buy("alice", 9, 1010)
    assert len(fills(events)) == c.MAX_OUTCOMES
    assert verdicts(events) == [Verdict.FILL_LIMIT]
    assert len(events) == c.MAX_OUTCOMES + 1
    assert venue.book() == table("| bob 1 @ 1005")


def test_an_order_filled_by_its_fourth_maker_is_accepted(setting: Setting) -> None:
    events = setting(FIVE_ASKS).buy("alice", 4, 1010)
    assert len(fills(events)) == len(events) == c.MAX_OUTCOMES


def test_an_order_may_rest_after_four_outcomes(setting: Setting) -> None:
    venue = setting(FIVE_ASKS)
    events = venue.buy("alice", 9, 1004)
    assert isinstance(events[-1], Rested)
    assert venue.book() == table("alice 5 @ 1004 | bob 1 @ 1005")


def test_removed_makers_count_as_outcomes(setting: Setting) -> None:
    venue = setting(FIVE_ASKS)
    venue.cancel_all("bob")
    events = venue.buy("alice", 9, 1010)
    assert verdicts(events) == [Verdict.MAKER_CANCELLED, Verdict.MAKER_CANCELLED, Verdict.FILL_LIMIT]
    assert fills(events) == [("carol", 1, 1002), ("carol", 1, 1004)]


def test_each_message_takes_one_sequence_and_one_makes_an_orders_name(setting: Setting) -> None:
    venue = setting()
    venue.buy("alice", 1, 1000, expiry=0)
    venue.buy("alice", 1, 1000)
    assert [order.sequence for order in venue.orders("alice")] == [c.FIRST_SEQUENCE + 1]
    assert venue.seen.next_sequence == c.FIRST_SEQUENCE + 2
