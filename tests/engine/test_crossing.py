"""An order that meets the head of the book: which of the two goes, and why."""

from typing import Any

import pytest

from sequencer.engine.events import Dropped, Filled, MakerRemoved, Rested
from sequencer.model.codes import Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.order import Order
from tests.engine.venue import FREE, NAMES, PLAIN, Setting, Venue, fills, removed, table, verdicts
from tests.strategies import START

# Tier 1 pays more than it did when some orders were signed.
UNDERPAID = (FREE, FeeTier(200, 300), FREE, FREE)
POOR: dict[str, Any] = {"collateral": 0}


def long_of(lots: int) -> dict[str, Any]:
    """An account that is long in market 0."""
    return {"positions": (lots, 0, 0, 0)}


def genesis_order(name: str, side: Side, size: int, price: int, **fields: Any) -> Order:
    """A resting order that today's rules would not let in."""
    terms = {"sequence": 1, "expiry": START + 1000, "max_fee_ppm": 1_000, "reduce_only": False} | fields
    return Order(market=0, side=side, price=price, account=NAMES[name], remaining=size, **terms)


# A resting order that can trade no more, however it came to that.


def expired_maker(setting: Setting) -> Venue:
    venue = setting()
    venue.sell("bob", 5, 1000, expiry=START)
    venue.mark(1000, seconds=1)
    return venue


def cancelled_maker(setting: Setting) -> Venue:
    venue = setting("| bob 5 @ 1000")
    venue.cancel_all("bob")
    return venue


def underpaying_maker(setting: Setting) -> Venue:
    order = genesis_order("bob", Side.SELL, 5, 1000, max_fee_ppm=199)
    return setting(orders=[order], accounts={"bob": {"tier": 1}}, tiers=UNDERPAID)


STALE = {
    Verdict.MAKER_EXPIRED: expired_maker,
    Verdict.MAKER_CANCELLED: cancelled_maker,
    Verdict.MAKER_FEE: underpaying_maker,
}


@pytest.mark.parametrize("verdict", STALE, ids=str)
def test_a_stale_order_is_removed_when_it_is_met(setting: Setting, verdict: Verdict) -> None:
    venue = STALE[verdict](setting)
    events = venue.buy("alice", 3, 1000)
    assert removed(events) == [("bob", verdict)]
    assert isinstance(events[-1], Rested)
    assert venue.book() == table("alice 3 @ 1000 |")
    assert (venue.account("bob").orders, venue.account("bob").open_notional) == (0, 0)


@pytest.mark.parametrize("verdict", STALE, ids=str)
def test_a_stale_order_that_is_not_reached_stays(setting: Setting, verdict: Verdict) -> None:
    venue = STALE[verdict](setting)
    venue.buy("alice", 3, 999)
    assert venue.book() == table("alice 3 @ 999 | bob 5 @ 1000")


@pytest.mark.parametrize("verdict", STALE, ids=str)
def test_a_stale_order_does_not_stop_a_post_only_order(setting: Setting, verdict: Verdict) -> None:
    venue = STALE[verdict](setting)
    events = venue.buy("alice", 3, 1000, post_only=True)
    assert removed(events) == [("bob", verdict)]
    assert isinstance(events[-1], Rested)


@pytest.mark.parametrize("verdict", STALE, ids=str)
def test_a_stale_order_of_his_own_does_not_stop_a_trader(setting: Setting, verdict: Verdict) -> None:
    venue = STALE[verdict](setting)
    events = venue.buy("bob", 3, 1000)
    assert removed(events) == [("bob", verdict)]


def test_an_expired_order_of_a_cancelling_owner_counts_as_expired(setting: Setting) -> None:
    venue = expired_maker(setting)
    venue.cancel_all("bob")
    assert removed(venue.buy("alice", 3, 1000)) == [("bob", Verdict.MAKER_EXPIRED)]


def test_an_order_older_than_a_cancel_all_counts_as_cancelled_whatever_its_fee(setting: Setting) -> None:
    venue = underpaying_maker(setting)
    venue.cancel_all("bob")
    assert removed(venue.buy("alice", 3, 1000)) == [("bob", Verdict.MAKER_CANCELLED)]


def test_an_order_placed_after_a_cancel_all_trades(setting: Setting) -> None:
    venue = cancelled_maker(setting)
    venue.sell("bob", 2, 1001)
    events = venue.buy("alice", 2, 1001)
    assert removed(events) == [("bob", Verdict.MAKER_CANCELLED)]
    assert fills(events) == [("bob", 2, 1001)]


def test_an_order_trades_in_the_second_of_its_expiry(setting: Setting) -> None:
    venue = setting()
    venue.sell("bob", 5, 1000, expiry=START + 1)
    venue.mark(1000, seconds=1)
    assert fills(venue.buy("alice", 3, 1000)) == [("bob", 3, 1000)]


def test_an_order_trades_at_exactly_the_fee_that_its_owner_signed(setting: Setting) -> None:
    order = genesis_order("bob", Side.SELL, 5, 1000, max_fee_ppm=200)
    venue = setting(orders=[order], accounts={"bob": {"tier": 1}}, tiers=UNDERPAID)
    assert fills(venue.buy("alice", 3, 1000)) == [("bob", 3, 1000)]


def test_only_orders_older_than_the_cancel_all_are_dead(setting: Setting) -> None:
    orders = [genesis_order("bob", Side.SELL, 5, 1000, sequence=sequence) for sequence in (1, 2)]
    venue = setting(orders=orders, accounts={"bob": {"dead_below": 2}})
    events = venue.buy("alice", 5, 1000)
    assert removed(events) == [("bob", Verdict.MAKER_CANCELLED)]
    assert fills(events) == [("bob", 5, 1000)]


def test_a_removal_of_a_stale_order_names_no_fees(setting: Setting) -> None:
    event = cancelled_maker(setting).buy("alice", 3, 1000)[0]
    assert isinstance(event, MakerRemoved)
    assert (event.taker_fee, event.maker_fee, event.taker_remaining) == (0, 0, 3)


def test_the_fill_limit_comes_before_anything_about_the_head(setting: Setting) -> None:
    venue = setting("""
        | bob 1 @ 1001
        | bob 1 @ 1002
        | bob 1 @ 1003
        | bob 1 @ 1004
        | bob 1 @ 1005
    """)
    venue.cancel_all("bob")
    events = venue.buy("alice", 5, 1010)
    assert verdicts(events) == [Verdict.MAKER_CANCELLED] * 4 + [Verdict.FILL_LIMIT]
    assert venue.book() == table("| bob 1 @ 1005")


# The taker's own rules.


def test_a_post_only_order_that_would_trade_is_dropped(setting: Setting) -> None:
    venue = setting("| bob 5 @ 1000")
    (event,) = venue.buy("alice", 3, 1000, post_only=True)
    assert event == Dropped(2, Verdict.POST_ONLY, 3, looked=True, head=venue.orders("bob")[0])
    assert venue.book() == table("| bob 5 @ 1000")


def test_post_only_comes_before_self_trade(setting: Setting) -> None:
    venue = setting("| alice 5 @ 1000")
    assert verdicts(venue.buy("alice", 3, 1000, post_only=True)) == [Verdict.POST_ONLY]


def test_a_trader_does_not_trade_with_himself(setting: Setting) -> None:
    venue = setting("""
        | bob   1 @ 999
        | alice 5 @ 1000
        | carol 5 @ 1000
    """)
    events = venue.buy("alice", 3, 1000)
    assert fills(events) == [("bob", 1, 999)]
    assert verdicts(events) == [Verdict.SELF_TRADE]
    assert venue.book() == table("""
        | alice 5 @ 1000
        | carol 5 @ 1000
    """)


def test_self_trade_comes_before_reduce_only(setting: Setting) -> None:
    venue = setting("| alice 5 @ 1000")
    assert verdicts(venue.buy("alice", 3, 1000, reduce_only=True)) == [Verdict.SELF_TRADE]


def test_a_reduce_only_order_reduces(setting: Setting) -> None:
    venue = setting("bob 5 @ 1000 |", accounts={"alice": long_of(5), "carol": long_of(-5)})
    assert fills(venue.sell("alice", 5, 1000, reduce_only=True)) == [("bob", 5, 1000)]
    assert venue.position("alice") == 0


@pytest.mark.parametrize("position", [-5, 0, 4])
def test_a_reduce_only_order_does_not_flip_or_open(setting: Setting, position: int) -> None:
    venue = setting("bob 5 @ 1000 |", accounts={"alice": long_of(position), "carol": long_of(-position)})
    assert verdicts(venue.sell("alice", 5, 1000, reduce_only=True)) == [Verdict.REDUCE_ONLY]
    assert venue.book() == table("bob 5 @ 1000 |")


def test_reduce_only_looks_at_what_would_trade_with_this_maker(setting: Setting) -> None:
    """Five lots fit the first maker's two, then the next maker's three, but no more."""
    venue = setting(
        """
        bob   2 @ 1000 |
        carol 4 @ 999  |
        """,
        accounts={"alice": long_of(5), "dave": long_of(-5)},
    )
    events = venue.sell("alice", 6, 999, reduce_only=True)
    assert fills(events) == [("bob", 2, 1000)]
    assert verdicts(events) == [Verdict.REDUCE_ONLY]


def test_reduce_only_comes_before_bounds(setting: Setting) -> None:
    venue = setting(
        "bob 5 @ 1000 |",
        accounts={"alice": long_of(-PLAIN.max_position), "carol": long_of(PLAIN.max_position)},
    )
    assert verdicts(venue.sell("alice", 5, 1000, reduce_only=True)) == [Verdict.REDUCE_ONLY]


def test_a_position_has_a_largest_size(setting: Setting) -> None:
    short = -PLAIN.max_position
    venue = setting("bob 5 @ 1000 |", accounts={"alice": long_of(short + 4), "carol": long_of(-short - 4)})
    assert verdicts(venue.sell("alice", 5, 1000)) == [Verdict.BOUNDS]
    assert fills(venue.sell("alice", 4, 1000)) == [("bob", 4, 1000)]
    assert venue.position("alice") == short


def test_bounds_come_before_margin(setting: Setting) -> None:
    short = -PLAIN.max_position
    accounts = {"alice": long_of(short) | POOR, "carol": long_of(-short)}
    venue = setting("bob 5 @ 1000 |", accounts=accounts)
    assert verdicts(venue.sell("alice", 5, 1000)) == [Verdict.BOUNDS]


def test_a_dropped_taker_leaves_even_a_failing_maker_alone(setting: Setting) -> None:
    order = genesis_order("bob", Side.BUY, 5, 1000)
    venue = setting(orders=[order], accounts={"alice": POOR, "bob": POOR})
    (event,) = venue.sell("alice", 5, 1000)
    assert isinstance(event, Dropped)
    assert event.verdict == Verdict.MARGIN
    assert venue.book() == table("bob 5 @ 1000 |")


def test_a_judged_taker_reports_the_fees_that_he_was_judged_with(setting: Setting) -> None:
    tiers = (FeeTier(100, 500), FeeTier(100, 500), FeeTier(100, 500), FeeTier(100, 500))
    venue = setting("bob 5 @ 1000 |", accounts={"alice": POOR}, tiers=tiers)
    (event,) = venue.sell("alice", 9, 1000)
    head = venue.orders("bob")[0]
    assert event == Dropped(2, Verdict.MARGIN, 9, looked=True, head=head, taker_fee=3, maker_fee=1)


# The maker's rules, once the taker has passed.


def reduce_only_maker(setting: Setting) -> Venue:
    return setting(
        orders=[genesis_order("bob", Side.BUY, 5, 1000, reduce_only=True)],
        accounts={"bob": long_of(-2), "carol": long_of(2)},
    )


def full_maker(setting: Setting) -> Venue:
    return setting("bob 5 @ 1000 |", accounts={"bob": long_of(998), "carol": long_of(-998)})


def poor_maker(setting: Setting) -> Venue:
    return setting(orders=[genesis_order("bob", Side.BUY, 5, 1000)], accounts={"bob": POOR})


FAILING = {
    Verdict.MAKER_REDUCE_ONLY: reduce_only_maker,
    Verdict.MAKER_BOUNDS: full_maker,
    Verdict.MAKER_MARGIN: poor_maker,
}


@pytest.mark.parametrize("verdict", FAILING, ids=str)
def test_a_maker_that_may_not_trade_is_removed_and_the_next_one_is_met(
    setting: Setting, verdict: Verdict
) -> None:
    venue = FAILING[verdict](setting)
    venue.buy("carol", 3, 990)
    events = venue.sell("alice", 3, 990)
    assert removed(events) == [("bob", verdict)]
    assert fills(events) == [("carol", 3, 990)]
    assert venue.book() == table("")
    assert (venue.account("bob").orders, venue.account("bob").open_notional) == (0, 0)


@pytest.mark.parametrize("verdict", FAILING, ids=str)
def test_a_removed_maker_has_not_traded(setting: Setting, verdict: Verdict) -> None:
    venue = FAILING[verdict](setting)
    before = venue.account("bob")
    events = venue.sell("alice", 3, 1000)
    assert isinstance(events[0], MakerRemoved)
    assert events[0].taker_remaining == 3
    after = venue.account("bob")
    assert (after.positions, after.collateral) == (before.positions, before.collateral)


def test_a_maker_is_judged_at_what_would_trade(setting: Setting) -> None:
    """Two of the reduce-only maker's five lots reduce."""
    venue = reduce_only_maker(setting)
    assert fills(venue.sell("alice", 2, 1000)) == [("bob", 2, 1000)]
    assert venue.book() == table("bob 3 @ 1000 |")
    assert removed(venue.sell("alice", 1, 1000)) == [("bob", Verdict.MAKER_REDUCE_ONLY)]


def test_the_makers_faults_are_named_in_the_takers_order(setting: Setting) -> None:
    """Reduce-only before bounds before margin."""
    limit = PLAIN.max_position
    orders = [genesis_order("bob", Side.BUY, 5, 1000, reduce_only=True)]
    accounts = {"bob": long_of(limit) | POOR, "carol": long_of(-limit)}
    venue = setting(orders=orders, accounts=accounts)
    assert removed(venue.sell("alice", 1, 1000)) == [("bob", Verdict.MAKER_REDUCE_ONLY)]
    accounts["bob"] |= {"collateral": -limit * 1000}
    venue = setting(orders=[genesis_order("bob", Side.BUY, 5, 1000)], accounts=accounts)
    assert removed(venue.sell("alice", 1, 1000)) == [("bob", Verdict.MAKER_BOUNDS)]


def test_a_fill_reports_the_maker_as_it_stood(setting: Setting) -> None:
    venue = setting("bob 5 @ 1000 |")
    head = venue.orders("bob")[0]
    (event,) = venue.sell("alice", 2, 999)
    assert event == Filled(2, NAMES["alice"], head, 2, taker_fee=0, maker_fee=0, taker_remaining=0)
