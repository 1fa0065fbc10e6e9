"""The venue's duty: orders first, then the book, then the fund, which unwinds near the mark once an epoch."""

import pytest

from sequencer.backtest.operator import reduce_risk
from sequencer.backtest.venue import Venue
from sequencer.engine.events import CancelledAll, Filled, TakenOver
from sequencer.engine.liquidation import is_liquidatable
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.replay.terms import MARKET
from tests.backtest.venues import MARK, TRADER, move, rest, trade, venue

# 100 dollars of collateral for 1,800 of position: 40 dollars below the mark, 88 are left and 45 are needed.
LOTS = 3_000
LOST = 570_000
# The fund trades at the mark less the liquidation fee or better; the mark is up to 20 ticks off.
LOWEST_BID = LOST * 995 // 1_000


@pytest.fixture
def long() -> Venue:
    made = venue(trader=100)
    trade(made, Side.BUY, MARK, LOTS)
    return made


@pytest.fixture
def taken(long: Venue) -> Venue:
    """A venue whose fund has taken over the long, in the epoch before."""
    move(long, LOST)
    assert set(kinds(long)) == {TakenOver}
    move(long, LOST)
    return long


def kinds(at: Venue) -> list[type]:
    return [type(events[-1]) for events in reduce_risk(at)]


def held(at: Venue) -> int:
    """What the fund holds."""
    return at.state.account(c.INSURANCE_ACCOUNT).positions[MARKET]


def test_the_healthy_are_left_alone(long: Venue) -> None:
    assert kinds(long) == []


def test_the_book_takes_what_is_due(long: Venue) -> None:
    move(long, 580_500)
    assert is_liquidatable(long.state, TRADER)
    rest(long, Side.BUY, 580_000, LOTS)
    done = list(reduce_risk(long))
    assert {type(events[-1]) for events in done} == {Filled}
    assert not is_liquidatable(long.state, TRADER)
    assert 0 < long.state.account(TRADER).positions[MARKET] < LOTS


def test_without_a_bid_it_waits_and_leaves_no_trace(long: Venue) -> None:
    move(long, 580_500)
    sequence = long.state.next_sequence
    assert kinds(long) == []
    assert is_liquidatable(long.state, TRADER)
    assert long.state.next_sequence == sequence


def test_the_fund_takes_all_once_half_of_the_margin_is_gone(long: Venue) -> None:
    move(long, LOST)
    assert set(kinds(long)) == {TakenOver}
    assert long.state.account(TRADER).positions[MARKET] == 0
    assert held(long) == LOTS


def test_orders_are_cancelled_first(long: Venue) -> None:
    rest(long, Side.BUY, 500_000, 10, account=TRADER)
    move(long, LOST)
    first, *others = kinds(long)
    assert first is CancelledAll
    assert set(others) == {TakenOver}


def test_a_short_is_bought_back() -> None:
    made = venue(trader=100)
    trade(made, Side.SELL, MARK, LOTS)
    move(made, 630_000)
    assert set(kinds(made)) == {TakenOver}
    assert held(made) == -LOTS


def test_the_fund_unwinds_as_far_as_there_are_bids_near_the_mark(taken: Venue) -> None:
    rest(taken, Side.BUY, LOST, 1_000)
    rest(taken, Side.BUY, LOWEST_BID - 100, LOTS)
    (events,) = reduce_risk(taken)
    assert [event.head.price for event in events if isinstance(event, Filled)] == [LOST]
    assert held(taken) == LOTS - 1_000


def test_bids_beyond_the_fee_get_nothing(taken: Venue) -> None:
    rest(taken, Side.BUY, LOWEST_BID - 100, LOTS)
    sequence = taken.state.next_sequence
    assert kinds(taken) == []
    assert held(taken) == LOTS
    assert taken.state.next_sequence == sequence


def test_it_unwinds_once_an_epoch(taken: Venue) -> None:
    rest(taken, Side.BUY, LOST, 1_000)
    assert len(kinds(taken)) == 1
    rest(taken, Side.BUY, LOST, 1_000)
    assert kinds(taken) == []
    move(taken, LOST)
    assert len(kinds(taken)) == 1
    assert held(taken) == LOTS - 2_000


def test_it_never_holds_the_other_side(taken: Venue) -> None:
    rest(taken, Side.BUY, LOST, 2 * LOTS)
    assert kinds(taken) == [Filled]
    assert held(taken) == 0
    move(taken, LOST)
    assert kinds(taken) == []
