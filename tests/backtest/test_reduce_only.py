"""What agents send to a market as it takes it: nothing in a halt, after a charge only what reduces."""

import pytest
from msgspec.structs import replace

from sequencer.backtest.venue import Venue
from sequencer.engine.events import Filled, Rested
from sequencer.model.codes import MarketStatus, Side
from sequencer.replay.strategy import as_taken
from sequencer.replay.terms import MARKET, PERPETUAL
from tests.backtest.venues import MARK, TRADER, order, rest, trade, venue, view

LOTS = 1_000


@pytest.fixture
def long() -> Venue:
    """A venue with a long, and bids and asks of the maker; its market is as after a charge."""
    made = venue()
    trade(made, Side.BUY, MARK, LOTS)
    for side, price in ((Side.BUY, MARK - 100), (Side.SELL, MARK + 100)):
        rest(made, side, price, LOTS)
    set_status(made, MarketStatus.REDUCE_ONLY)
    return made


def set_status(at: Venue, status: MarketStatus) -> None:
    at.state.put_market(MARKET, replace(at.state.market(MARKET), status=status))


def test_an_open_market_takes_an_order_as_it_is(long: Venue) -> None:
    set_status(long, MarketStatus.OPEN)
    message = order(TRADER, Side.SELL, MARK, 3 * LOTS)
    assert as_taken(message, long.state) is message


@pytest.mark.parametrize("status", [MarketStatus.HALTED, MarketStatus.REDUCE_ONLY])
def test_who_would_add_stays_away(long: Venue, status: MarketStatus) -> None:
    set_status(long, status)
    assert as_taken(order(TRADER, Side.BUY, MARK, LOTS), long.state) is None


def test_nobody_sends_an_order_to_a_halted_market(long: Venue) -> None:
    set_status(long, MarketStatus.HALTED)
    assert as_taken(order(TRADER, Side.SELL, MARK, LOTS, reduce_only=True), long.state) is None


@pytest.mark.parametrize("status", [MarketStatus.HALTED, MarketStatus.REDUCE_ONLY])
def test_cancels_go_on(long: Venue, status: MarketStatus) -> None:
    set_status(long, status)
    cancel = view(long, TRADER).cancel_all()
    assert as_taken(cancel, long.state) is cancel


@pytest.mark.parametrize(("price", "ending"), [(MARK + 300, Rested), (MARK - 100, Filled)])
def test_what_reduces_is_flagged_and_no_more_than_the_position(long: Venue, price: int, ending: type) -> None:
    taken = as_taken(order(TRADER, Side.SELL, price, 3 * LOTS), long.state)
    assert taken == order(TRADER, Side.SELL, price, LOTS, reduce_only=True)
    assert isinstance(long.send(taken)[-1], ending)


def test_what_is_less_than_the_smallest_order_stays(long: Venue) -> None:
    account = long.state.account(TRADER)
    least = replace(account, positions=(PERPETUAL.min_size - 1, 0, 0, 0))
    long.state.put_account(TRADER, least)
    assert as_taken(order(TRADER, Side.SELL, MARK, LOTS), long.state) is None


def test_who_has_no_position_stays_away(long: Venue) -> None:
    long.state.put_account(TRADER, replace(long.state.account(TRADER), positions=(0, 0, 0, 0)))
    for side in Side:
        assert as_taken(order(TRADER, side, MARK, LOTS), long.state) is None
