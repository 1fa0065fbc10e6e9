"""An order that crosses nothing: whether it may rest, and what resting costs."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.events import Dropped, Rested
from sequencer.model import constants as c
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import MarketParameters
from sequencer.model.order import Order
from tests.engine.venue import NAMES, PLAIN, RICH, Setting, Venue, table, verdicts
from tests.strategies import MARK, START, open_market


def resting(name: str, count: int, side: Side = Side.SELL, first: int = 1) -> list[Order]:
    """`count` orders of one lot far from the mark."""
    return [
        Order(
            0, side, 1400 if side == Side.SELL else 600, sequence, NAMES[name], 1, START + 1000, 1_000, False
        )
        for sequence in range(first, first + count)
    ]


def test_an_ioc_order_never_rests(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000")
    events = venue.buy("alice", 5, 1000, ioc=True)
    assert verdicts(events) == [Verdict.IOC_REMAINDER]
    dropped = events[-1]
    assert isinstance(dropped, Dropped)
    assert (dropped.remaining, dropped.looked, dropped.head) == (3, True, None)
    assert venue.book() == table("")


def test_a_drop_without_a_cross_shows_the_head_that_was_not_crossed(setting: Setting) -> None:
    venue = setting("| bob 2 @ 1000")
    (event,) = venue.buy("alice", 5, 999, ioc=True)
    assert event == Dropped(2, Verdict.IOC_REMAINDER, 5, looked=True, head=venue.orders("bob")[0])


@pytest.mark.parametrize(("position", "stops"), [(-5, False), (-4, True), (0, True), (5, True)])
def test_a_reduce_only_order_rests_while_it_only_reduces(
    setting: Setting, position: int, stops: bool
) -> None:
    venue = setting(accounts={"alice": {"positions": (position, 0, 0, 0)}})
    assert verdicts(venue.buy("alice", 5, 1000, reduce_only=True)) == [Verdict.REDUCE_ONLY] * stops


def test_an_account_has_at_most_64_orders(setting: Setting) -> None:
    venue = setting(orders=resting("alice", c.ACCOUNT_ORDERS_MAX - 1))
    assert verdicts(venue.buy("alice", 1, 900)) == []
    assert verdicts(venue.buy("alice", 1, 900)) == [Verdict.BOOK_FULL]
    assert verdicts(venue.buy("bob", 1, 900)) == []


def test_dead_orders_fill_an_account(setting: Setting) -> None:
    venue = setting(orders=resting("alice", c.ACCOUNT_ORDERS_MAX))
    venue.cancel_all("alice")
    assert verdicts(venue.buy("alice", 1, 900)) == [Verdict.BOOK_FULL]


def test_an_order_that_is_filled_needs_no_place(setting: Setting) -> None:
    venue = setting("| bob 1 @ 1000", orders=resting("alice", c.ACCOUNT_ORDERS_MAX, Side.BUY))
    assert verdicts(venue.buy("alice", 1, 1000)) == []


def test_a_side_has_at_most_480_orders(setting: Setting) -> None:
    venue = setting(orders=resting("bob", c.SIDE_ORDERS_MAX - 1, Side.BUY))
    assert verdicts(venue.buy("alice", 1, 900)) == []
    assert verdicts(venue.buy("alice", 1, 900)) == [Verdict.BOOK_FULL]
    assert verdicts(venue.sell("alice", 1, 1100)) == []


def test_the_rules_of_resting_stand_in_order(setting: Setting) -> None:
    """Everything is wrong with each order; the flags that decide are taken away one by one."""
    full = {"alice": {"collateral": -RICH}}
    venue = setting(orders=resting("alice", c.ACCOUNT_ORDERS_MAX), accounts=full)
    assert verdicts(venue.buy("alice", 1, 900, ioc=True, reduce_only=True)) == [Verdict.IOC_REMAINDER]
    assert verdicts(venue.buy("alice", 1, 900, reduce_only=True)) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.buy("alice", 1, 900)) == [Verdict.BOOK_FULL]
    venue = setting(orders=resting("alice", c.ACCOUNT_ORDERS_MAX - 1), accounts=full)
    assert verdicts(venue.buy("alice", 1, 900)) == [Verdict.MARGIN]


HUGE = MarketParameters(1, 1, 1, 500_000, min_size=1, max_position=1 << 28)


def huge_setting(setting: Setting, left: int, **fields: Any) -> Venue:
    """A market of the largest orders, in which Alice's open notional is `left` below its bound."""
    top = (1 << c.PRICE_BITS) - 1
    filler = c.OPEN_NOTIONAL_BOUND - left - 2 * (HUGE.max_position - 4) * top
    sizes = {1: (HUGE.max_position - 4, top), 2: (HUGE.max_position - 4, top), 3: (filler, 1)}
    orders = [
        Order(0, Side.BUY, price, sequence, NAMES["alice"], size, START + 1000, 1_000, False)
        for sequence, (size, price) in sizes.items()
    ]
    return setting(markets=(open_market(HUGE, top),), orders=orders, **fields)


@pytest.mark.parametrize(("left", "stops"), [((1 << 31) + 1, False), (1 << 31, True)])
def test_open_notional_stays_below_its_bound(setting: Setting, left: int, stops: bool) -> None:
    venue = huge_setting(setting, left, collateral=c.COLLATERAL_BOUND - 1)
    assert verdicts(venue.buy("alice", 1, 1 << 31)) == [Verdict.BOUNDS] * stops


def test_the_bound_of_open_notional_comes_before_margin(setting: Setting) -> None:
    venue = huge_setting(setting, 1 << 31, collateral=0)
    assert verdicts(venue.buy("alice", 1, 1 << 31)) == [Verdict.BOUNDS]


@pytest.mark.parametrize(("collateral", "stops"), [(450, False), (449, True)])
def test_an_open_order_needs_the_initial_margin_of_its_limit_price(
    setting: Setting, collateral: int, stops: bool
) -> None:
    venue = setting(collateral=collateral)
    assert verdicts(venue.buy("alice", 5, 900)) == [Verdict.MARGIN] * stops


@pytest.mark.parametrize(("collateral", "stops"), [(900, False), (899, True)])
def test_open_orders_add_up(setting: Setting, collateral: int, stops: bool) -> None:
    venue = setting("alice 5 @ 900 |", collateral=collateral)
    assert verdicts(venue.sell("alice", 4, 1125)) == [Verdict.MARGIN] * stops


@pytest.mark.parametrize(("collateral", "stops"), [(1_350, False), (1_349, True)])
def test_open_orders_are_margined_at_the_highest_rate_of_all_markets(
    setting: Setting, collateral: int, stops: bool
) -> None:
    strict = replace(PLAIN, initial_ppm=300_000)
    venue = setting(collateral=collateral, markets=(PLAIN, strict))
    assert verdicts(venue.buy("alice", 5, 900)) == [Verdict.MARGIN] * stops


@pytest.mark.parametrize(("collateral", "stops"), [(-2_000 + 200 + 100, False), (-2_000 + 200 + 99, True)])
def test_positions_and_open_orders_add_up(setting: Setting, collateral: int, stops: bool) -> None:
    """Two lots long are worth 2000 and need 200; the order needs 100 more."""
    venue = setting(accounts={"alice": {"positions": (2, 0, 0, 0), "collateral": collateral}})
    assert verdicts(venue.buy("alice", 1, MARK)) == [Verdict.MARGIN] * stops


def test_a_resting_order_is_counted(setting: Setting) -> None:
    venue = setting()
    (event,) = venue.buy("alice", 5, 900)
    assert isinstance(event, Rested)
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (1, 4_500)
    assert (venue.seen.markets[0].bid_orders, venue.seen.markets[0].ask_orders) == (1, 0)


def test_a_fill_frees_the_open_notional_of_the_makers_limit(setting: Setting) -> None:
    venue = setting("alice 5 @ 900 |")
    venue.sell("bob", 2, 800)
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (1, 2_700)
    venue.sell("bob", 3, 800)
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (0, 0)
    assert venue.seen.markets[0].bid_orders == 0
