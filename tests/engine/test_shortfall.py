"""Who pays what the insurance fund is short of: docs/spec/funding.md at its edges.

Alice loses 200 on each of ten lots, 1000 more than she has. The fund takes them over for what she owes, and
is short of 1000.
"""

from typing import Any

import pytest

from sequencer.engine.commands import CloseEpoch
from sequencer.engine.events import Event, Filled, ShortfallCharged, TakenOver
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side, Verdict
from tests.engine.venue import ENGINE, PLAIN, RICH, Setting, Venue, removed, verdicts
from tests.strategies import MARK, START

BUY, SELL = Side.BUY, Side.SELL
LOTS, DEBT = 10, 1_000
UNIT = c.INDEX_UNIT


def holding(lots: int, equity: int, market: int = 0) -> dict[str, Any]:
    """An account with so many lots of a market, and with this equity at the mark of 1000."""
    positions = tuple(lots if slot == market else 0 for slot in range(c.MARKETS))
    return {"positions": positions, "collateral": equity - lots * MARK}


def side_of(lots: int) -> Side:
    """On which a position is traded away."""
    return SELL if lots > 0 else BUY


def mark_against(lots: int) -> int:
    return MARK - 200 if lots > 0 else MARK + 200


def lost(
    setting: Setting,
    lots: int = LOTS,
    *,
    fund: int = 0,
    fund_collateral: int = 0,
    book: str = "",
    carol: int = 0,
) -> Venue:
    """Alice has lost these lots, Bob has won; the fund and Carol may hold some too."""
    accounts = {
        "alice": holding(lots, DEBT),
        "fund": {"positions": (fund, 0, 0, 0), "collateral": fund_collateral},
        "bob": holding(-lots - fund - carol, RICH),
        "carol": {"positions": (carol, 0, 0, 0)},
    }
    venue = setting(book, accounts=accounts)
    venue.mark(mark_against(lots))
    return venue


def taken_over(venue: Venue, name: str = "alice", market: int = 0) -> Venue:
    lots = venue.position(name, market)
    events = venue.liquidate(name, side_of(lots), abs(lots), market)
    assert isinstance(events[-1], TakenOver)
    return venue


def close(venue: Venue) -> list[Event]:
    return venue.apply(CloseEpoch())


def equity(venue: Venue, name: str = "fund") -> int:
    """At the marks, as the batch leaves it."""
    account, markets = venue.account(name), venue.seen.markets
    return account.collateral + sum(
        size * market.mark for size, market in zip(account.positions, markets, strict=True)
    )


def touch(venue: Venue, *names: str) -> None:
    for name in names:
        venue.request(RequestKind.DEPOSIT, name, 0)


def money(venue: Venue) -> int:
    seen = venue.seen
    return sum(account.collateral for account in seen.accounts.values()) + seen.fee_pool + seen.funding_pool


def indices(venue: Venue, market: int = 0) -> tuple[int, int]:
    return venue.seen.markets[market].long_index, venue.seen.markets[market].short_index


# ---- The charge.


@pytest.mark.parametrize("lots", [LOTS, -LOTS], ids=["longs lose", "shorts lose"])
def test_the_winning_side_is_charged_what_a_takeover_left(setting: Setting, lots: int) -> None:
    venue = taken_over(lost(setting, lots))
    assert equity(venue) == -DEBT
    before = money(venue)
    assert close(venue) == [ShortfallCharged(0, side_of(lots), DEBT, 100 * UNIT)]
    assert indices(venue) == ((0, 100 * UNIT) if lots > 0 else (100 * UNIT, 0))
    assert equity(venue) == 0
    assert venue.seen.funding_pool == -DEBT
    assert money(venue) == before


@pytest.mark.parametrize("lots", [LOTS, -LOTS], ids=["longs lose", "shorts lose"])
def test_the_winners_pay_when_they_are_next_settled(setting: Setting, lots: int) -> None:
    venue = taken_over(lost(setting, lots))
    close(venue)
    won = venue.account("bob").collateral
    venue.mark(mark_against(lots))
    assert venue.account("bob").collateral == won
    touch(venue, "bob")
    assert venue.account("bob").collateral == won - DEBT
    assert venue.seen.funding_pool == 0


def test_an_account_of_the_batch_is_left_with_the_indices_of_its_opening(setting: Setting) -> None:
    venue = lost(setting)
    touch(venue, "bob")
    won = venue.account("bob").collateral
    close(taken_over(venue))
    assert venue.account("fund").indices == venue.account("bob").indices == (0, 0, 0, 0)
    venue.mark(MARK)
    touch(venue, "bob")
    assert venue.account("bob").collateral == won - DEBT


def test_the_winners_share_it_by_their_lots(setting: Setting) -> None:
    venue = taken_over(lost(setting, carol=-3))
    close(venue)
    won = [venue.account(name).collateral for name in ("bob", "carol")]
    venue.mark(MARK)
    touch(venue, "bob", "carol")
    assert [venue.account(name).collateral for name in ("bob", "carol")] == [won[0] - 700, won[1] - 300]


def test_the_loser_and_who_holds_nothing_pay_nothing(setting: Setting) -> None:
    venue = taken_over(lost(setting, carol=2))
    close(venue)
    before = [venue.account(name).collateral for name in ("alice", "carol", "dave", "fund")]
    venue.mark(MARK)
    touch(venue, "alice", "carol", "dave")
    venue.unwind(SELL, 1, MARK)
    assert [venue.account(name).collateral for name in ("alice", "carol", "dave", "fund")] == before


def test_who_enters_after_the_batch_pays_nothing(setting: Setting) -> None:
    venue = taken_over(lost(setting))
    close(venue)
    venue.mark(MARK - 200)
    venue.buy("dave", 3, 800)
    venue.sell("erin", 3, 800)
    venue.mark(MARK - 200)
    touch(venue, "dave", "erin")
    assert equity(venue, "dave") == equity(venue, "erin") == RICH


def test_a_charge_is_rounded_against_the_winners(setting: Setting) -> None:
    """1000 of seven lots; the pool keeps the unit."""
    venue = setting(accounts={"alice": holding(7, 400), "bob": holding(-7, RICH)})
    venue.mark(MARK - 200)
    (event,) = close(taken_over(venue))
    assert event == ShortfallCharged(0, SELL, 1_000, -(-1_000 * UNIT // 7))
    venue.mark(MARK - 200)
    won = venue.account("bob").collateral
    touch(venue, "bob")
    assert venue.account("bob").collateral == won - 1_001
    assert venue.seen.funding_pool == 1


def test_what_the_fund_owns_comes_first(setting: Setting) -> None:
    (event,) = close(taken_over(lost(setting, fund_collateral=999)))
    assert event == ShortfallCharged(0, SELL, 1, UNIT // LOTS)


@pytest.mark.parametrize("more", [0, 1, 500])
def test_a_fund_that_can_pay_charges_nobody(setting: Setting, more: int) -> None:
    venue = taken_over(lost(setting, fund_collateral=DEBT + more))
    before = venue.seen
    assert close(venue) == []
    assert venue.seen.accounts == before.accounts
    assert venue.seen.funding_pool == before.funding_pool
    assert venue.seen.markets[0].reduced_until == 0


def test_nobody_is_charged_more_than_the_value_of_its_position(setting: Setting) -> None:
    """A fund that was 20,000 below zero before: ten lots are worth 8000."""
    venue = taken_over(lost(setting, fund_collateral=-20_000))
    assert close(venue) == [ShortfallCharged(0, SELL, 8_000, 800 * UNIT)]
    assert equity(venue) == -21_000 + 8_000
    venue.mark(MARK - 200)
    won = venue.account("bob").collateral
    touch(venue, "bob")
    assert venue.account("bob").collateral == won - 8_000
    assert equity(venue, "bob") == RICH + 2_000 - 8_000


def test_without_open_interest_nobody_is_charged(setting: Setting) -> None:
    """The fund was short of all that Alice was long of."""
    venue = lost(setting, fund=-LOTS, fund_collateral=5_000)
    taken_over(venue)
    assert venue.seen.markets[0].open_interest == 0
    assert equity(venue) == 5_000 - LOTS * MARK + DEBT < 0
    assert close(venue) == []
    assert equity(venue) < 0
    assert indices(venue) == (0, 0)


def test_the_side_is_that_of_what_the_fund_still_holds(setting: Setting) -> None:
    """It stays short of five lots, whatever it took over: the longs pay, and it is not among them."""
    venue = taken_over(lost(setting, fund=-15, fund_collateral=15 * MARK - 200 * 15 - 1, carol=5))
    short = -equity(venue)
    assert short == DEBT + 1
    assert close(venue) == [ShortfallCharged(0, BUY, short, -(-short * UNIT // 5))]
    assert venue.account("fund").positions[0] == -5
    venue.mark(MARK - 200)
    venue.unwind(BUY, 1, MARK - 200)
    assert equity(venue) == 0
    assert close(venue) == []


# ---- When there is none.


def test_a_fund_that_has_not_traded_charges_nobody(setting: Setting) -> None:
    venue = lost(setting, fund_collateral=-5_000)
    touch(venue, "bob")
    assert close(venue) == []
    assert equity(venue) == -5_000


def test_a_trade_of_an_earlier_batch_does_not_count(setting: Setting) -> None:
    venue = taken_over(lost(setting))
    close(venue)
    venue.mark(700)
    assert equity(venue) == -LOTS * 100
    assert close(venue) == []


def test_a_liquidation_through_the_book_is_no_trade_of_the_fund(setting: Setting) -> None:
    venue = lost(setting, book="dave 10 @ 950 |", fund_collateral=-5_000)
    events = venue.liquidate("alice", SELL, LOTS)
    assert isinstance(events[-1], Filled)
    assert close(venue) == []


def test_a_takeover_that_was_refused_is_no_trade(setting: Setting) -> None:
    venue = lost(setting, fund_collateral=-5_000)
    assert verdicts(venue.liquidate("alice", SELL, LOTS + 1)) == [Verdict.REDUCE_ONLY]
    assert close(venue) == []


# ---- Unwinding.


def holding_fund(setting: Setting, lots: int, book: str) -> Venue:
    """The fund holds lots, and is 1000 below zero."""
    accounts = {"fund": holding(lots, -DEBT), "bob": holding(-lots, RICH)}
    return setting(book, accounts=accounts)


@pytest.mark.parametrize(
    ("lots", "book", "index"),
    [(LOTS, "dave 4 @ 1000 |", (0, 100 * UNIT)), (-LOTS, "| dave 4 @ 1000", (100 * UNIT, 0))],
    ids=["long", "short"],
)
def test_a_fund_that_unwinds_below_zero_charges_those_who_won_against_it(
    setting: Setting, lots: int, book: str, index: tuple[int, int]
) -> None:
    venue = holding_fund(setting, lots, book)
    venue.mark(MARK)
    assert isinstance(venue.unwind(side_of(lots), 4, MARK)[0], Filled)
    assert close(venue) == [ShortfallCharged(0, side_of(lots), DEBT, 100 * UNIT)]
    assert indices(venue) == index
    assert equity(venue) == 0


@pytest.mark.parametrize("lots", [LOTS, -LOTS])
def test_an_unwinding_that_meets_nobody_is_no_trade(setting: Setting, lots: int) -> None:
    venue = holding_fund(setting, lots, "")
    venue.mark(MARK)
    assert verdicts(venue.unwind(side_of(lots), 4, MARK)) == [Verdict.IOC_REMAINDER]
    assert close(venue) == []


def test_an_unwinding_whose_maker_is_removed_is_no_trade(setting: Setting) -> None:
    venue = holding_fund(setting, LOTS, "")
    venue.buy("dave", 4, MARK, expiry=START)
    venue.mark(MARK)
    assert removed(venue.unwind(SELL, 4, MARK)) == [("dave", Verdict.MAKER_EXPIRED)]
    assert close(venue) == []


# ---- Which market and which side.


def two_losers(setting: Setting) -> Venue:
    """Alice is long in market 0 and Erin short in market 1; each has lost 1000 more than she has."""
    accounts = {
        "alice": holding(LOTS, DEBT, 0),
        "bob": holding(-LOTS, RICH, 0),
        "erin": holding(-2 * LOTS, 3 * DEBT, 1),
        "dave": holding(2 * LOTS, RICH, 1),
    }
    venue = setting(accounts=accounts, markets=(PLAIN, PLAIN))
    venue.mark(MARK - 200, MARK + 200)
    return venue


@pytest.mark.parametrize("first", ["alice", "erin"])
def test_what_the_fund_holds_most_of_names_them_whatever_it_took_last(setting: Setting, first: str) -> None:
    venue, losers = two_losers(setting), {"alice": 0, "erin": 1}
    taken_over(venue, first, losers.pop(first))
    taken_over(venue, *losers.popitem())
    assert close(venue) == [ShortfallCharged(1, BUY, 2 * DEBT, 100 * UNIT)]
    assert (indices(venue, 0), indices(venue, 1)) == ((0, 0), (100 * UNIT, 0))


@pytest.mark.parametrize(("lots", "market"), [(9, 0), (10, 0), (11, 1)])
def test_of_equal_values_the_first_market_counts(setting: Setting, lots: int, market: int) -> None:
    accounts = {
        "alice": holding(LOTS, DEBT, 0),
        "bob": holding(-LOTS, RICH, 0),
        "fund": {"positions": (0, lots, 0, 0), "collateral": -800 * lots},
        "dave": holding(-lots, RICH, 1),
    }
    venue = setting(accounts=accounts, markets=(PLAIN, PLAIN))
    venue.mark(MARK - 200, MARK - 200)
    (event,) = close(taken_over(venue))
    assert isinstance(event, ShortfallCharged)
    assert (event.market, event.side, event.amount) == (market, SELL, DEBT)


def test_a_fund_that_holds_nothing_names_its_last_trade(setting: Setting) -> None:
    accounts = {"alice": holding(LOTS, DEBT), "bob": holding(-LOTS, RICH), "fund": holding(-LOTS, -2 * DEBT)}
    accounts |= {"carol": holding(LOTS, RICH)}
    venue = setting(accounts=accounts)
    venue.mark(MARK - 200)
    taken_over(venue)
    assert venue.account("fund").positions == (0,) * c.MARKETS
    (event,) = close(venue)
    assert isinstance(event, ShortfallCharged)
    assert (event.market, event.side) == (0, SELL)


def test_charges_of_several_batches_add_up(setting: Setting) -> None:
    venue = two_losers(setting)
    before = money(venue)
    assert close(taken_over(venue)) == [ShortfallCharged(0, SELL, DEBT, 100 * UNIT)]
    venue.mark(MARK - 200, MARK + 200)
    assert close(taken_over(venue, "erin", 1)) == [ShortfallCharged(1, BUY, DEBT, 50 * UNIT)]
    venue.mark(MARK - 200, MARK + 200)
    touch(venue, "bob", "dave")
    assert venue.seen.funding_pool == 0
    assert equity(venue) == 0
    assert money(venue) == before


# ---- The engine's own view.


def test_a_charge_is_undone() -> None:
    venue = taken_over(lost(Setting(ENGINE)))
    before, token = venue.seen, venue.state.checkpoint()
    assert close(venue) != []
    assert venue.seen != before
    venue.state.rollback(token)
    assert venue.seen == before
    assert close(venue) != []


def test_a_trade_that_is_undone_charges_nobody() -> None:
    venue = lost(Setting(ENGINE), fund_collateral=-5_000)
    token = venue.state.checkpoint()
    taken_over(venue)
    venue.state.rollback(token)
    assert close(venue) == []
