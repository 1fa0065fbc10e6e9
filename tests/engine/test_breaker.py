"""The circuit breaker: what a jump of the mark does to a market, and when it is over."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.margin import free_collateral
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Side, Verdict
from tests.engine.venue import PLAIN, Setting, Venue, fills, halted_market, table, verdicts
from tests.strategies import MARK, START, change

# A tenth of 1,000 ticks in a batch, or there is no trading for ten seconds.
CAREFUL = replace(PLAIN, max_move_ppm=100_000, halt_seconds=10)


def venue_of(setting: Setting, book: str = "", **fields: Any) -> Venue:
    return setting(book, markets=(CAREFUL,), **fields)


def status(venue: Venue) -> tuple[int, int]:
    market = venue.seen.markets[0]
    return market.status, market.halted_until


@pytest.mark.parametrize("mark", [900, 1_100])
def test_a_mark_may_move_to_the_limit(setting: Setting, mark: int) -> None:
    venue = venue_of(setting)
    venue.mark(mark)
    assert status(venue) == (MarketStatus.OPEN, 0)


@pytest.mark.parametrize("mark", [1, 899, 1_101, c.RANK_MAX])
def test_a_jump_halts_the_market_at_the_new_mark(setting: Setting, mark: int) -> None:
    venue = venue_of(setting)
    venue.mark(mark)
    assert status(venue) == (MarketStatus.HALTED, START + 1 + 10)
    assert venue.seen.markets[0].mark == mark


def test_the_first_mark_of_a_market_is_no_jump(setting: Setting) -> None:
    venue = setting(markets=(replace(halted_market(CAREFUL), mark=0, halted_until=0, oracle_time=0),))
    venue.mark(5)
    assert status(venue) == (MarketStatus.OPEN, 0)


def test_a_halted_market_takes_cancels_and_no_orders(setting: Setting) -> None:
    venue = venue_of(setting, "bob 5 @ 990 |")
    (order,) = venue.seen.orders
    venue.mark(800)
    assert verdicts(venue.buy("alice", 1, 800)) == [Verdict.HALTED]
    assert verdicts(venue.sell("alice", 1, 800, ioc=True, reduce_only=True)) == [Verdict.HALTED]
    assert venue.book() == table("bob 5 @ 990 |")
    venue.cancel("bob", order)
    assert venue.book() == table("")
    venue.cancel_all("bob")
    assert venue.account("bob").dead_below > 0


def test_a_forced_order_does_not_trade_in_a_halted_market(setting: Setting) -> None:
    venue = venue_of(setting, "bob 5 @ 990 |")
    venue.mark(800)
    assert verdicts(venue.force("alice", side=1, size=1, price=800)[2:]) == [Verdict.HALTED]


def test_nobody_is_liquidated_in_a_halted_market(setting: Setting) -> None:
    """Five lots at 800, a debt of 3,900: half of a maintenance margin of 200 is there, three lots are due."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (5, 0, 0, 0), "collateral": -3_900},
        "dave": {"positions": (-5, 0, 0, 0)},
    }
    venue = venue_of(setting, "bob 5 @ 800 |", accounts=accounts)
    venue.mark(800)
    assert verdicts(venue.liquidate("alice", Side.SELL, 3)) == [Verdict.HALTED]
    venue.mark(800, seconds=10)
    assert fills(venue.liquidate("alice", Side.SELL, 3)) == [("bob", 3, 800)]


def test_the_other_markets_stay_open(setting: Setting) -> None:
    venue = setting("bob 5 @ 990 |", markets=(PLAIN, CAREFUL))
    venue.mark(MARK, 2 * MARK)
    assert fills(venue.sell("alice", 5, 990)) == [("bob", 5, 990)]
    assert verdicts(venue.buy("alice", 1, 2 * MARK, market=1)) == [Verdict.HALTED]


@pytest.mark.parametrize(("seconds", "expected"), [(9, MarketStatus.HALTED), (10, MarketStatus.OPEN)])
def test_a_market_opens_when_its_halt_is_over(setting: Setting, seconds: int, expected: MarketStatus) -> None:
    venue = venue_of(setting)
    venue.mark(800)
    venue.mark(810, seconds=seconds)
    assert status(venue) == (expected, START + 11)


def test_another_jump_begins_another_halt(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.mark(800)
    venue.mark(1_000, seconds=10)
    assert status(venue) == (MarketStatus.HALTED, START + 21)
    venue.mark(1_000, seconds=10)
    assert status(venue) == (MarketStatus.OPEN, START + 21)


def test_the_limits_of_a_change_judge_the_round_that_comes_with_it(setting: Setting) -> None:
    venue = venue_of(setting)
    stricter = replace(venue.state.configuration, markets=(replace(CAREFUL, max_move_ppm=50_000),))
    venue.mark(1_060)
    assert status(venue) == (MarketStatus.OPEN, 0)
    venue.apply(ProcessRequest(change(stricter.hash())))
    venue.mark(1_000, configuration=stricter)
    assert status(venue) == (MarketStatus.HALTED, venue.seen.timestamp + 10)


@pytest.mark.parametrize("position", [-5, 5])
def test_a_position_in_a_halted_market_binds_its_value_until_it_opens(
    setting: Setting, position: int
) -> None:
    """Five lots at 800 need a margin of 400; halted, of 4,000 at the highest rate, 4,194.3."""
    accounts = {
        "alice": {"positions": (position, 0, 0, 0), "collateral": 10_000},
        "dave": {"positions": (-position, 0, 0, 0)},
    }
    venue = venue_of(setting, accounts=accounts)
    venue.mark(800)
    equity = 10_000 + 800 * position
    assert free_collateral(venue.account("alice"), venue.seen.markets) == equity - 4_195
    assert venue.request(RequestKind.WITHDRAW, "alice", 10**9).outcome.paid == equity - 4_195
    assert venue.request(RequestKind.WITHDRAW, "erin", 10**9).outcome.paid == 10**9
    venue.mark(800, seconds=10)
    assert free_collateral(venue.account("alice"), venue.seen.markets) == 4_195 - 400


def test_trading_elsewhere_needs_no_more_margin_than_before(setting: Setting) -> None:
    """Halted or not, five lots at 800 need 400 beside what is traded in another market."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (5, 0, 0, 0), "collateral": -3_500},
        "dave": {"positions": (-5, 0, 0, 0)},
    }
    venue = setting(markets=(CAREFUL, PLAIN), accounts=accounts)
    venue.sell("bob", 2, MARK, market=1)
    venue.mark(800, MARK)
    assert fills(venue.buy("alice", 1, MARK, market=1)) == [("bob", 1, MARK)]
    assert verdicts(venue.buy("alice", 1, MARK, market=1)) == [Verdict.MARGIN]
