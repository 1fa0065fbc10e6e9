"""The price at which the insurance fund takes over, against the numbers of other exchanges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.engine.liquidation import bankruptcy_quote, lots_due
from sequencer.engine.margin import Health, health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from tests.strategies import open_market

# One lot is 0.0001 of a coin, one tick a cent: a quote unit each.
CENTS = 100
COIN = 10_000
DOLLAR = 1_000_000
TENTH = COIN // 10
TERMS = MarketParameters(1, 200_000, 100_000, 500_000, min_size=1, max_position=1 << 20)
BITCOIN, ETHER = open_market(TERMS, 50_000 * CENTS), open_market(TERMS, 3_000 * CENTS)
MARKETS = [BITCOIN, ETHER, Market(), Market()]


def account(dollars: int, *positions: int) -> Account:
    padded = (*positions, *(0,) * (c.MARKETS - len(positions)))
    return Account(owner=1, collateral=dollars * DOLLAR, positions=padded)


@pytest.mark.parametrize(
    ("holder", "slot", "lots", "gets"),
    [
        (account(-4_501, TENTH), 0, -TENTH, 4_501),
        (account(5_499, -TENTH), 0, TENTH, -5_499),
        (account(-5_000, TENTH), 0, -TENTH, 5_000),
        (account(-5_000, TENTH), 0, -TENTH // 2, 2_500),
        (account(5_000, -TENTH), 0, TENTH // 2, -2_500),
        (account(-5_100, TENTH), 0, -TENTH, 5_100),
        (account(4_900, -TENTH), 0, TENTH, -4_900),
        (account(-490, COIN * 4 // 1_000, TENTH), 1, -TENTH, 294),
        (account(510, -COIN * 4 // 1_000, -TENTH), 1, TENTH, -306),
        (account(110, COIN * 4 // 1_000, -TENTH), 1, TENTH, -306),
        (account(1, COIN), 0, -COIN, -1),
    ],
)
def test_the_quote_is_that_of_dydx(holder: Account, slot: int, lots: int, gets: int) -> None:
    """A bitcoin at 50,000 dollars, an ether at 3,000, each with a maintenance margin of 10 %.

    dYdX v4-chain, protocol/x/clob/keeper/liquidations_test.go, `TestGetBankruptcyPriceInQuoteQuantums`: what
    the quote balance of a subaccount moves by when so much of its position goes at its bankruptcy price.
    """
    assert -bankruptcy_quote(holder, MARKETS, slot, lots) == gets * DOLLAR


@pytest.mark.parametrize(
    ("dollars", "position", "lots", "gets"), [(-13, 10**8, -21_347, 2_775), (13, -(10**8), 21_347, -2_776)]
)
def test_a_fraction_of_a_unit_is_the_accounts_loss_where_dydx_gives_it_to_the_account(
    dollars: int, position: int, lots: int, gets: int
) -> None:
    """The same source, in lots of 10^-8 bitcoin: 2,775.11 units, which are 2,776 and -2,775 there."""
    market = open_market(TERMS, 500)
    holder = account(dollars, position)
    assert -bankruptcy_quote(holder, [market, *MARKETS[1:]], 0, lots) == gets


@pytest.mark.parametrize(("position", "zero_price"), [(TENTH, 45_010), (-TENTH, 54_990)])
def test_all_of_a_position_goes_at_the_price_at_which_nothing_is_left(position: int, zero_price: int) -> None:
    holder = account(499 - position * 50_000 // COIN, position)
    paid = bankruptcy_quote(holder, MARKETS, 0, -position)
    assert -paid == zero_price * CENTS * position
    assert holder.collateral - paid == 0


@pytest.mark.parametrize("share", [1, 2, 4, 10])
def test_a_part_goes_at_the_zero_price_of_lighter(share: int) -> None:
    """An account long of bitcoin and short of ether closes a part of the ether.

    Lighter's documentation, liquidations and insurance fund: at the zero price of a position the ratio of
    account value to maintenance margin stays the same.
    """
    # 5,000 dollars of bitcoin with a maintenance of 500, and 3,000 of ether with one of 150.
    ether = replace(ETHER, parameters=replace(TERMS, maintenance_ppm=50_000))
    markets = [BITCOIN, ether, *MARKETS[2:]]
    equity, maintenance = 325, 500 + 150
    holder = account(equity - 5_000 + 3_000, TENTH, -COIN)
    assert health(holder, markets)[::2] == (equity * DOLLAR, maintenance * DOLLAR * c.PPM_UNIT)

    lots = COIN // share
    # Half of the maintenance margin is left, so each ether may cost half of its own 150 dollars more.
    zero_price = 3_075 * CENTS
    paid = bankruptcy_quote(holder, markets, 1, lots)
    assert paid == zero_price * lots
    rest = replace(
        holder, collateral=holder.collateral - paid, positions=(TENTH, -COIN + lots, *holder.positions[2:])
    )
    left, _, left_maintenance = health(rest, markets)
    assert left * maintenance * c.PPM_UNIT == equity * left_maintenance


@pytest.mark.parametrize(("equity", "left"), [(7, 4), (-7, -5), (1, 0), (-1, -1), (0, 0)])
def test_a_fraction_is_the_accounts_loss(equity: int, left: int) -> None:
    """Two of five lots go; three fifths of the equity stay, rounded down."""
    market = open_market(MarketParameters(1, 100_000, 50_000, 500_000, 1, 1_000), 1_000)
    holder = Account(owner=1, collateral=equity - 5_000, positions=(5, 0, 0, 0))
    paid = bankruptcy_quote(holder, [market, *MARKETS[1:]], 0, -2)
    assert holder.collateral - paid + 3_000 == left


@given(
    collateral=st.integers(-(10**12), 10**12),
    positions=st.tuples(st.integers(-5_000, 5_000), st.integers(-5_000, 5_000)),
    slot=st.integers(0, 1),
    lots=st.integers(1, 5_000),
)
def test_equity_per_maintenance_margin_stays_to_the_last_unit(
    collateral: int, positions: tuple[int, int], slot: int, lots: int
) -> None:
    holder = Account(owner=1, collateral=collateral, positions=(*positions, 0, 0))
    lots = min(lots, abs(positions[slot]))
    if lots == 0:
        return
    signed = -lots if positions[slot] > 0 else lots
    paid = bankruptcy_quote(holder, MARKETS, slot, signed)
    sizes = [*positions, 0, 0]
    sizes[slot] += signed
    before = health(holder, MARKETS)
    after = health(Account(owner=1, collateral=collateral - paid, positions=tuple(sizes)), MARKETS)
    assert after.equity * before.maintenance <= before.equity * after.maintenance
    assert (after.equity + 1) * before.maintenance > before.equity * after.maintenance


@given(equity=st.integers(-(10**9), 10**9), lots=st.integers(1, 10**4))
def test_the_lots_that_are_due_make_an_account_healthy_and_one_less_does_not(equity: int, lots: int) -> None:
    _, _, a_lot = health(account(0, 1), MARKETS)
    now = Health(equity, 0, lots * a_lot)
    due = lots_due(now, BITCOIN)
    assert equity * c.PPM_UNIT >= (lots - due) * a_lot
    assert equity * c.PPM_UNIT < (lots - due + 1) * a_lot
