"""What longs owe shorts, and when it is paid: docs/spec/funding.md at its edges.

A lot at the mark of 1000 owes 10 quote units in 4 hours, at a rate of 2 % in 8 hours. That rate is given and
holds for two steps of 4 hours; which one follows, test_premium.py says.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.events import Cancelled, Filled
from sequencer.engine.funding import accrued
from sequencer.engine.risk import next_liquidation
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus, RequestKind, Side, Verdict
from sequencer.model.funding import unsettled
from sequencer.model.market import Market, MarketParameters
from tests.engine.venue import (
    ENGINE,
    NAMES,
    PLAIN,
    RICH,
    Setting,
    Venue,
    fills,
    halted_market,
    removed,
    verdicts,
)
from tests.strategies import MARK, START, open_market

BUY, SELL = Side.BUY, Side.SELL
FOUR_HOURS, DAY = 14_400, 86_400
RATE = 20_000
OWED = 10
"""What a lot owes in 4 hours at the mark of 1000."""
LOTS = 7


def venue_of(
    setting: Setting,
    book: str = "",
    *,
    lots: int = LOTS,
    markets: tuple[Market | MarketParameters, ...] = (PLAIN,),
    rate: int = RATE,
    **alice: Any,
) -> Venue:
    """Alice is long of these lots, and Bob short."""
    accounts = {"alice": {"positions": (lots, 0, 0, 0), **alice}, "bob": {"positions": (-lots, 0, 0, 0)}}
    return setting(book, accounts=accounts, markets=markets, rates=(rate,))


def indices(venue: Venue, market: int = 0) -> tuple[int, int]:
    """What a long and a short lot have owed, in quote units."""
    seen = venue.seen.markets[market]
    assert seen.long_index % c.INDEX_UNIT == seen.short_index % c.INDEX_UNIT == 0
    return seen.long_index // c.INDEX_UNIT, seen.short_index // c.INDEX_UNIT


def settled_at(venue: Venue, name: str) -> list[int]:
    """The indices at which an account was last settled, in quote units."""
    return [index // c.INDEX_UNIT for index in venue.account(name).indices]


def touch(venue: Venue, *names: str) -> None:
    for name in names:
        venue.request(RequestKind.DEPOSIT, name, 0)


def money(venue: Venue) -> int:
    seen = venue.seen
    return sum(account.collateral for account in seen.accounts.values()) + seen.fee_pool + seen.funding_pool


# ---- Accrual.


def test_longs_owe_shorts_the_rate_on_the_mark_before(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.mark(2 * MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (OWED, -OWED)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (3 * OWED, -3 * OWED)


def test_the_first_round_accrues_nothing(setting: Setting) -> None:
    unpriced = Market(MarketKind.PERPETUAL, MarketStatus.OPEN, parameters=PLAIN)
    venue = setting(markets=(unpriced,), rates=(RATE,))
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (0, 0)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (OWED, -OWED)


def test_shorts_owe_longs_a_negative_rate(setting: Setting) -> None:
    venue = venue_of(setting, rate=-RATE)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (-OWED, OWED)
    touch(venue, "alice", "bob")
    assert venue.account("alice").collateral == RICH + OWED * LOTS
    assert venue.account("bob").collateral == RICH - OWED * LOTS


def test_without_a_rate_nothing_accrues(setting: Setting) -> None:
    venue = venue_of(setting, rate=0)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert indices(venue) == (0, 0)


def test_a_halted_market_accrues(setting: Setting) -> None:
    venue = venue_of(setting, markets=(halted_market(),))
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert not venue.seen.markets[0].is_open
    assert indices(venue) == (OWED, -OWED)


def test_each_market_accrues_by_its_own_rate_and_mark(setting: Setting) -> None:
    venue = setting(markets=(PLAIN, open_market(PLAIN, 4 * MARK)), rates=(RATE, RATE // 2))
    venue.mark(MARK, MARK, seconds=FOUR_HOURS)
    assert [indices(venue, market) for market in range(3)] == [(OWED, -OWED), (2 * OWED, -2 * OWED), (0, 0)]


def test_rounds_of_any_length_accrue_the_same() -> None:
    """The worked day of the specification: 2,880 rounds in 8 hours, of which each is no whole unit."""
    market = open_market(replace(PLAIN, quote_per_tick_lot=100), 600_000)
    for number in range(1, 2_881):
        time = START + 10 * number
        market = replace(accrued(market, 100, time), oracle_time=time)
        assert market.long_index == -market.short_index == 60_000_000_000 * number
    assert market.long_index == 6_000 * c.INDEX_UNIT


# ---- What an account pays.


@pytest.mark.parametrize(
    ("seconds", "paid", "received"),
    [(1, 1, 0), (720, 4, 3), (1_440, 7, 7), (1_441, 8, 7), (FOUR_HOURS, 70, 70)],
    ids=["hardly anything", "3.5", "7", "a bit more", "70"],
)
def test_a_charge_is_rounded_against_the_account(
    setting: Setting, seconds: int, paid: int, received: int
) -> None:
    venue = venue_of(setting)
    venue.mark(MARK, seconds=seconds)
    touch(venue, "alice", "bob")
    assert venue.account("alice").collateral == RICH - paid
    assert venue.account("bob").collateral == RICH + received
    assert venue.seen.funding_pool == paid - received


def test_a_charge_is_rounded_once_an_account(setting: Setting) -> None:
    """Half a unit in each of two markets is one unit."""
    accounts = {"alice": {"positions": (1, 1, 0, 0)}, "bob": {"positions": (-1, -1, 0, 0)}}
    venue = setting(accounts=accounts, markets=(PLAIN, PLAIN), rates=(RATE, RATE))
    venue.mark(MARK, MARK, seconds=720)
    touch(venue, "alice", "bob")
    assert [venue.account(name).collateral - RICH for name in ("alice", "bob")] == [-1, 1]


def test_longs_and_shorts_of_one_account_cancel_out(setting: Setting) -> None:
    accounts = {"alice": {"positions": (3, -2, 0, 0)}, "bob": {"positions": (-3, 2, 0, 0)}}
    venue = setting(accounts=accounts, markets=(PLAIN, PLAIN), rates=(RATE, RATE))
    venue.mark(MARK, MARK, seconds=FOUR_HOURS)
    touch(venue, "alice")
    assert venue.account("alice").collateral == RICH - OWED
    assert settled_at(venue, "alice") == [OWED, -OWED, 0, 0]


def test_an_account_is_charged_once_a_batch(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.mark(MARK, seconds=FOUR_HOURS)
    touch(venue, "alice", "alice")
    venue.cancel_all("alice")
    assert venue.account("alice").collateral == RICH - OWED * LOTS


def test_the_pool_advances_what_the_other_side_has_not_paid_yet(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.mark(MARK, seconds=FOUR_HOURS)
    touch(venue, "bob")
    assert venue.seen.funding_pool == -OWED * LOTS
    venue.mark(MARK, seconds=FOUR_HOURS)
    touch(venue, "alice")
    assert venue.seen.funding_pool == OWED * LOTS
    touch(venue, "bob")
    assert venue.seen.funding_pool == 0


@pytest.mark.parametrize("rounds", [1, 9, 27], ids=["every round", "every 8 hours", "once a day"])
def test_the_worked_day(setting: Setting, rounds: int) -> None:
    """2 BTC in lots of 0.001 at 60,000.0 dollars: 36 dollars a day, up to one unit a settlement."""
    bitcoin = replace(PLAIN, quote_per_tick_lot=100, interest_ppm=100)
    rich = 10**12
    market = open_market(bitcoin, 600_000)
    venue = venue_of(setting, lots=2_000, markets=(market,), rate=100, collateral=rich)
    for number in range(1, 28):
        venue.mark(600_000, seconds=DAY // 27)
        if number % rounds == 0:
            touch(venue, "alice", "bob")
    paid, received = rich - venue.account("alice").collateral, venue.account("bob").collateral - RICH
    settlements = 27 // rounds
    assert 36_000_000 <= paid <= 36_000_000 + settlements
    assert 36_000_000 - settlements <= received <= 36_000_000
    assert venue.seen.funding_pool == paid - received


# ---- When it is settled.

Act = Callable[[Venue], object]
ACTS: dict[str, Act] = {
    "a deposit": lambda venue: venue.request(RequestKind.DEPOSIT, "alice", 0),
    "a withdrawal": lambda venue: venue.request(RequestKind.WITHDRAW, "alice", 0),
    "a new key": lambda venue: venue.request(RequestKind.REGISTER_KEY, "alice", data=c.DEFAULT_KEY),
    "a message": lambda venue: venue.cancel_all("alice"),
    "a refused message": lambda venue: venue.buy("alice", 1, 0),
    "a message of nobody": lambda venue: venue.buy("alice", 1, 990, key_epoch=0),
    "a replayed message": lambda venue: venue.buy("alice", 1, 990, nonce=0),
    "a forced message": lambda venue: venue.force("alice", size=1, price=990),
    "a liquidation": lambda venue: venue.liquidate("alice", SELL, 1),
    "a maker's fill": lambda venue: venue.buy("carol", 1, 1010),
    "a maker met in vain": lambda venue: venue.buy("carol", 1, 1010, post_only=True),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_account_is_settled_when_a_batch_loads_it(setting: Setting, act: Act) -> None:
    venue = venue_of(setting, "| alice 1 @ 1010")
    venue.mark(MARK, seconds=FOUR_HOURS)
    before = money(venue)
    act(venue)
    assert settled_at(venue, "alice") == [OWED, 0, 0, 0]
    assert venue.seen.funding_pool == OWED * LOTS
    assert settled_at(venue, "bob") == [0, 0, 0, 0]
    assert money(venue) == before


def test_an_order_that_is_not_reached_settles_nobody(setting: Setting) -> None:
    venue = venue_of(setting, "| alice 1 @ 1010")
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.buy("carol", 1, 1009)
    venue.buy("carol", 1, 1009, ioc=True)
    assert settled_at(venue, "alice") == [0, 0, 0, 0]
    assert venue.seen.funding_pool == 0


def test_a_stale_maker_is_settled_before_it_goes(setting: Setting) -> None:
    venue = venue_of(setting)
    venue.sell("alice", 1, 1010, expiry=START)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert removed(venue.buy("carol", 1, 1010)) == [("alice", Verdict.MAKER_EXPIRED)]
    assert settled_at(venue, "alice") == [OWED, 0, 0, 0]


def test_a_fifth_maker_is_settled_though_it_does_not_trade(setting: Setting) -> None:
    book = "| carol 1 @ 1001 \n | carol 1 @ 1002 \n | carol 1 @ 1003 \n | carol 1 @ 1004 \n | alice 1 @ 1005"
    venue = venue_of(setting, book)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert verdicts(venue.buy("dave", 5, 1005)) == [Verdict.FILL_LIMIT]
    assert settled_at(venue, "alice") == [OWED, 0, 0, 0]


def fund_and_alice(setting: Setting, book: str = "", equity: int = RICH) -> Venue:
    """Both long."""
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (3, 0, 0, 0)},
        "alice": {"positions": (LOTS, 0, 0, 0), "collateral": equity - LOTS * MARK},
        "bob": {"positions": (-3 - LOTS, 0, 0, 0)},
    }
    return setting(book, accounts=accounts, rates=(RATE,))


def test_a_liquidation_settles_the_fund_whatever_comes_of_it(setting: Setting) -> None:
    venue = fund_and_alice(setting)
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.NOT_DUE]
    assert settled_at(venue, "fund") == settled_at(venue, "alice") == [OWED, 0, 0, 0]
    assert venue.account("fund").collateral == -3 * OWED


def test_an_unwinding_settles_the_fund_and_its_makers(setting: Setting) -> None:
    venue = fund_and_alice(setting, "alice 2 @ 1000 |")
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert fills(venue.unwind(SELL, 1, MARK)) == [("alice", 1, MARK)]
    assert settled_at(venue, "fund") == settled_at(venue, "alice") == [OWED, 0, 0, 0]
    assert venue.account("fund").collateral == -3 * OWED + MARK


@pytest.mark.parametrize("equity", [0, RICH], ids=["trades", "is not due"])
def test_a_liquidation_settles_the_maker_that_it_meets(setting: Setting, equity: int) -> None:
    venue = fund_and_alice(setting, "bob 2 @ 1000 |", equity)
    venue.mark(MARK, seconds=FOUR_HOURS)
    events = venue.liquidate("alice", SELL, 1)
    assert (verdicts(events) == [Verdict.NOT_DUE]) == (equity == RICH)
    assert settled_at(venue, "bob") == [-OWED, 0, 0, 0]


def test_an_unwinding_settles_a_maker_that_it_meets_in_vain(setting: Setting) -> None:
    venue = fund_and_alice(setting, "| bob 2 @ 1000")
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert verdicts(venue.unwind(BUY, 1, MARK)) == [Verdict.REDUCE_ONLY]
    assert settled_at(venue, "bob") == [-OWED, 0, 0, 0]


def test_a_message_of_no_kind_leaves_the_fund_alone(setting: Setting) -> None:
    venue = fund_and_alice(setting)
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.liquidate("alice", SELL, 1, nonce=1)
    assert settled_at(venue, "fund") == [0, 0, 0, 0]
    assert settled_at(venue, "alice") == [OWED, 0, 0, 0]


# ---- Which index a position takes.


def test_a_new_position_owes_from_the_batch_on(setting: Setting) -> None:
    venue = venue_of(setting, "carol 2 @ 1000 |")
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.sell("dave", 2, MARK)
    assert settled_at(venue, "carol") == [OWED, 0, 0, 0]
    assert settled_at(venue, "dave") == [-OWED, 0, 0, 0]
    venue.mark(MARK, seconds=FOUR_HOURS)
    touch(venue, "carol", "dave")
    assert venue.account("carol").collateral == RICH - 2 * MARK - 2 * OWED
    assert venue.account("dave").collateral == RICH + 2 * MARK + 2 * OWED


def test_a_position_that_changes_sides_takes_the_index_of_the_other(setting: Setting) -> None:
    venue = venue_of(setting, "carol 10 @ 1000 |")
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.sell("alice", 10, MARK)
    assert venue.position("alice") == LOTS - 10 < 0
    assert settled_at(venue, "alice") == [-OWED, 0, 0, 0]
    collateral = venue.account("alice").collateral
    assert collateral == RICH - LOTS * OWED + 10 * MARK
    venue.mark(MARK, seconds=FOUR_HOURS)
    touch(venue, "alice")
    assert venue.account("alice").collateral == collateral + (10 - LOTS) * OWED


def test_no_position_has_no_index(setting: Setting) -> None:
    venue = venue_of(setting, "carol 10 @ 1000 |")
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.sell("alice", LOTS, MARK)
    assert venue.account("alice").positions == (0, 0, 0, 0)
    assert venue.account("alice").indices == (0, 0, 0, 0)


def test_a_position_that_was_closed_and_reopened_owes_nothing_of_before(setting: Setting) -> None:
    venue = venue_of(setting, "carol 20 @ 1000 |")
    venue.sell("alice", LOTS, MARK)
    venue.mark(MARK, seconds=FOUR_HOURS)
    venue.sell("alice", 1, MARK)
    assert venue.account("alice").collateral == RICH + (LOTS + 1) * MARK
    assert settled_at(venue, "alice") == [-OWED, 0, 0, 0]


# ---- Everything else sees the settled account.


def test_a_debt_of_funding_makes_an_account_liquidatable(setting: Setting) -> None:
    """An equity of 400 where 350 must be kept, until 70 are owed."""
    venue = venue_of(setting, "carol 9 @ 1000 |", collateral=400 - LOTS * MARK)
    venue.mark(MARK, seconds=1)
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.NOT_DUE]
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert fills(venue.liquidate("alice", SELL, 1)) == [("carol", 1, MARK)]


def test_what_is_received_saves_an_account_from_liquidation(setting: Setting) -> None:
    venue = setting(
        "| carol 9 @ 1000",
        accounts={
            "alice": {"positions": (-LOTS, 0, 0, 0), "collateral": 300 + LOTS * MARK},
            "bob": {"positions": (LOTS, 0, 0, 0)},
        },
        rates=(RATE,),
    )
    venue.mark(MARK, seconds=FOUR_HOURS)
    assert verdicts(venue.liquidate("alice", BUY, 1)) == [Verdict.NOT_DUE]


@pytest.mark.parametrize(("seconds", "owed"), [(0, 0), (720, 4), (FOUR_HOURS, 70)])
def test_a_withdrawal_pays_what_is_free_once_all_is_paid(setting: Setting, seconds: int, owed: int) -> None:
    venue = venue_of(setting, collateral=0)
    if seconds:
        venue.mark(MARK, seconds=seconds)
    event = venue.request(RequestKind.WITHDRAW, "alice", 10**6)
    free = LOTS * MARK - LOTS * 100 - owed
    assert (event.free, event.outcome.paid) == (free, free)
    assert venue.account("alice").collateral == -owed - free


@pytest.mark.parametrize(("seconds", "fits"), [(1, True), (FOUR_HOURS, False)])
def test_an_order_needs_the_margin_of_the_settled_account(setting: Setting, seconds: int, fits: bool) -> None:
    venue = venue_of(setting, collateral=-LOTS * MARK + LOTS * 100 + 99 + 1)
    venue.mark(MARK, seconds=seconds)
    assert verdicts(venue.buy("alice", 1, 990)) == ([] if fits else [Verdict.MARGIN])


@pytest.mark.parametrize(("seconds", "trades"), [(1, True), (FOUR_HOURS, False)])
def test_a_maker_needs_the_margin_of_the_settled_account(
    setting: Setting, seconds: int, trades: bool
) -> None:
    venue = venue_of(setting, "alice 1 @ 1000 |", collateral=-LOTS * MARK + (LOTS + 1) * 100 + 1)
    venue.mark(MARK, seconds=seconds)
    events = venue.sell("carol", 1, MARK, ioc=True)
    assert isinstance(events[0], Filled) == trades
    assert trades or verdicts(events)[0] == Verdict.MAKER_MARGIN


def test_a_cancelled_order_settles_its_owner_and_nobody_else(setting: Setting) -> None:
    venue = venue_of(setting, "| alice 1 @ 1010")
    venue.mark(MARK, seconds=FOUR_HOURS)
    (order,) = venue.orders("alice")
    assert isinstance(venue.cancel("alice", order)[0], Cancelled)
    assert settled_at(venue, "alice") == [OWED, 0, 0, 0]
    assert venue.seen.funding_pool == OWED * LOTS


# ---- The engine's own view.


def test_an_account_is_shown_settled_and_stored_as_it_was() -> None:
    state = venue_of(Setting(ENGINE)).state
    venue = Venue(ENGINE, state)
    venue.mark(MARK, seconds=FOUR_HOURS)
    stored, shown = state.accounts[NAMES["alice"]], state.account(NAMES["alice"])
    assert (stored.collateral, stored.indices) == (RICH, (0, 0, 0, 0))
    assert shown.collateral == RICH - OWED * LOTS
    assert shown.indices == (state.market(0).long_index, 0, 0, 0)
    assert unsettled(shown.positions, shown.indices, state.markets) == 0
    assert state.funding_pool == 0


def test_an_account_that_is_settled_is_shown_as_it_is_stored() -> None:
    state = venue_of(Setting(ENGINE)).state
    for number in NAMES.values():
        assert state.account(number) is state.accounts[number]
    token = state.checkpoint()
    state.settle(NAMES["alice"])
    state.settle(99)
    assert state.checkpoint() == token


def test_a_settlement_is_undone() -> None:
    state = venue_of(Setting(ENGINE)).state
    Venue(ENGINE, state).mark(MARK, seconds=FOUR_HOURS)
    before, token = state.accounts[NAMES["alice"]], state.checkpoint()
    state.settle(NAMES["alice"])
    assert state.funding_pool == OWED * LOTS
    state.rollback(token)
    assert (state.accounts[NAMES["alice"]], state.funding_pool) == (before, 0)


def test_a_put_account_takes_the_indices_of_its_sides_whatever_it_brings() -> None:
    state = venue_of(Setting(ENGINE)).state
    Venue(ENGINE, state).mark(MARK, seconds=FOUR_HOURS)
    account = replace(state.account(NAMES["alice"]), positions=(-1, 0, 0, 0), indices=(1, 2, 3, 4))
    state.put_account(NAMES["alice"], account)
    assert state.accounts[NAMES["alice"]].indices == (state.market(0).short_index, 0, 0, 0)
    assert state.funding_pool == OWED * LOTS
    state.put_account(NAMES["bob"], replace(state.account(NAMES["bob"]), indices=(1, 2, 3, 4)))
    assert state.accounts[NAMES["bob"]].indices == (state.market(0).short_index, 0, 0, 0)
    assert state.funding_pool == 0


def test_looking_for_a_liquidation_settles_nobody() -> None:
    venue = venue_of(Setting(ENGINE), "carol 9 @ 1000 |", collateral=400 - LOTS * MARK)
    venue.mark(MARK, seconds=FOUR_HOURS)
    before = venue.seen
    message = next_liquidation(venue.state, NAMES["alice"])
    assert message is not None
    assert venue.seen == before
