"""How owners take orders out of the book."""

from typing import Any

import pytest

from sequencer.engine.events import Cancelled, CancelledAll
from sequencer.model.codes import Side, Verdict
from tests.engine.venue import NAMES, PLAIN, Setting, table, verdicts
from tests.strategies import START

BOOK = "alice 5 @ 990 | bob 5 @ 1010"


def test_a_cancel_removes_the_order_that_it_names(setting: Setting) -> None:
    venue = setting(BOOK)
    (order,) = venue.orders("alice")
    assert venue.cancel("alice", order) == [Cancelled(3, order)]
    assert venue.book() == table("| bob 5 @ 1010")
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (0, 0)
    assert (venue.seen.markets[0].bid_orders, venue.seen.markets[0].ask_orders) == (0, 1)


def test_a_cancel_frees_what_is_left_of_a_partly_filled_order(setting: Setting) -> None:
    venue = setting(BOOK)
    venue.sell("carol", 2, 990)
    venue.cancel("alice", venue.orders("alice")[0])
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"market": 1}, {"side": Side.SELL}, {"price": 991}, {"price": 0}, {"target": 2}, {"target": 3}],
    ids=str,
)
def test_a_cancel_names_every_part_of_the_orders_place(setting: Setting, wrong: dict[str, Any]) -> None:
    venue = setting(BOOK, markets=(PLAIN, PLAIN))
    assert verdicts(venue.cancel("alice", venue.orders("alice")[0], **wrong)) == [Verdict.NOT_FOUND]
    assert venue.book() == table(BOOK)


def test_nobody_cancels_the_order_of_another(setting: Setting) -> None:
    venue = setting(BOOK)
    assert verdicts(venue.cancel("alice", venue.orders("bob")[0])) == [Verdict.NOT_FOUND]
    assert venue.book() == table(BOOK)


def test_an_order_is_cancelled_once(setting: Setting) -> None:
    venue = setting(BOOK)
    (order,) = venue.orders("alice")
    venue.cancel("alice", order)
    assert verdicts(venue.cancel("alice", order)) == [Verdict.NOT_FOUND]


def test_a_filled_order_is_not_found(setting: Setting) -> None:
    venue = setting(BOOK)
    (order,) = venue.orders("alice")
    venue.sell("carol", 5, 990)
    assert verdicts(venue.cancel("alice", order)) == [Verdict.NOT_FOUND]


def test_an_expired_order_can_be_cancelled(setting: Setting) -> None:
    venue = setting()
    venue.buy("alice", 5, 990, expiry=START)
    venue.mark(1000)
    (order,) = venue.orders("alice")
    assert venue.cancel("alice", order) == [Cancelled(2, order)]
    assert venue.account("alice").open_notional == 0


def test_cancel_all_frees_the_open_notional_and_leaves_dead_orders_in_the_book(setting: Setting) -> None:
    venue = setting(BOOK + "\nalice 2 @ 980 |", markets=(PLAIN, PLAIN))
    venue.sell("alice", 1, 1400, market=1)
    assert venue.cancel_all("alice") == [CancelledAll(5, NAMES["alice"])]
    account = venue.account("alice")
    assert (account.dead_below, account.orders, account.open_notional) == (5, 3, 0)
    assert venue.book() == table("alice 5 @ 990 | bob 5 @ 1010 \n alice 2 @ 980 |")


def test_a_dead_order_can_be_cancelled_and_frees_nothing_twice(setting: Setting) -> None:
    venue = setting(BOOK)
    venue.cancel_all("alice")
    venue.buy("alice", 1, 900)
    dead, _ = venue.orders("alice")
    assert venue.cancel("alice", dead) == [Cancelled(5, dead)]
    assert (venue.account("alice").orders, venue.account("alice").open_notional) == (1, 900)


def test_cancel_all_frees_margin_for_new_orders(setting: Setting) -> None:
    venue = setting("alice 5 @ 990 |", collateral=500)
    assert verdicts(venue.buy("alice", 5, 990)) == [Verdict.MARGIN]
    venue.cancel_all("alice")
    assert verdicts(venue.buy("alice", 5, 990)) == []


def test_cancel_all_touches_nobody_else(setting: Setting) -> None:
    venue = setting(BOOK)
    before = venue.account("bob")
    venue.cancel_all("alice")
    assert venue.account("bob") == before
