"""A unit or a lot too much is an error with a stable code."""

import pytest
from msgspec.structs import replace

from sequencer.backtest.conservation import require_conserved
from sequencer.backtest.errors import ConservationError
from sequencer.backtest.venue import Venue, owner_of
from sequencer.cli.exits import exit_code
from sequencer.model.codes import RequestKind, Side
from sequencer.model.request import Request
from sequencer.replay.terms import MARKET
from tests.backtest.venues import MARK, TRADER, trade, venue


@pytest.fixture
def traded() -> Venue:
    made = venue()
    trade(made, Side.BUY, MARK, 1_000)
    require_conserved(made.state, made.net_deposits)
    return made


def test_a_unit_too_much_is_found(traded: Venue) -> None:
    account = traded.state.account(TRADER)
    traded.state.put_account(TRADER, replace(account, collateral=account.collateral + 1))
    with pytest.raises(ConservationError, match="are not the 3000000000000 paid in") as caught:
        require_conserved(traded.state, traded.net_deposits)
    assert caught.value.code == "conservation"
    assert exit_code(caught.value) == 1


def test_a_unit_too_little_paid_in_is_found(traded: Venue) -> None:
    with pytest.raises(ConservationError):
        require_conserved(traded.state, traded.net_deposits - 1)


def test_a_lot_too_much_is_found(traded: Venue) -> None:
    account = traded.state.account(TRADER)
    traded.state.put_account(TRADER, replace(account, positions=(1_001, 0, 0, 0)))
    with pytest.raises(ConservationError, match="sizes of market 0 sum to 1"):
        require_conserved(traded.state, traded.net_deposits)


def test_open_interest_that_nobody_has_is_found(traded: Venue) -> None:
    market = traded.state.market(MARKET)
    traded.state.put_market(MARKET, replace(market, open_interest=999))
    with pytest.raises(ConservationError, match="1000 lots, its open interest is 999"):
        require_conserved(traded.state, traded.net_deposits)


def test_withdrawals_count(traded: Venue) -> None:
    traded.request(Request(RequestKind.WITHDRAW, TRADER, owner_of(TRADER), 5_000_000))
    assert traded.withdrawn[TRADER] == 5_000_000
    require_conserved(traded.state, traded.net_deposits)
