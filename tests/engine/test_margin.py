"""The margin rule of a fill, at its edges: marks are 1000, a lot needs 100 initially and 50 to be kept."""

from typing import Any

import pytest

from sequencer.engine.margin import Health, free_collateral, health, reduces
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import Market, MarketParameters
from tests.engine.venue import PLAIN, Setting, Venue, fills, verdicts
from tests.strategies import open_market


def holding(lots: int, equity: int) -> dict[str, Any]:
    """Account fields: a position and the collateral that makes its equity at a mark of 1000."""
    return {"positions": (lots, 0, 0, 0), "collateral": equity - lots * 1000}


def venue_of(setting: Setting, lots: int, equity: int, book: str) -> Venue:
    """Alice as described, Carol with the opposite position, everybody else rich."""
    return setting(book, accounts={"alice": holding(lots, equity), "carol": holding(-lots, 10**9)})


def trades(venue: Venue, side: Side, size: int, price: int) -> bool:
    events = venue.send("alice", side=side, size=size, price=price)
    assert verdicts(events) in ([], [Verdict.MARGIN])
    return fills(events) != []


@pytest.mark.parametrize(("equity", "passes"), [(500, True), (499, False)])
def test_opening_needs_initial_margin(setting: Setting, equity: int, passes: bool) -> None:
    venue = venue_of(setting, 0, equity, "| bob 5 @ 1000")
    assert trades(venue, Side.BUY, 5, 1000) == passes


@pytest.mark.parametrize(("equity", "passes"), [(500 + 50, True), (500 + 49, False)])
def test_a_price_worse_than_the_mark_costs_equity_at_once(
    setting: Setting, equity: int, passes: bool
) -> None:
    venue = venue_of(setting, 0, equity, "| bob 5 @ 1010")
    assert trades(venue, Side.BUY, 5, 1010) == passes


@pytest.mark.parametrize(("equity", "passes"), [(200, True), (199, False)])
def test_a_position_may_shrink_if_what_is_left_has_its_maintenance_margin(
    setting: Setting, equity: int, passes: bool
) -> None:
    venue = venue_of(setting, 5, equity, "bob 5 @ 1000 |")
    assert trades(venue, Side.SELL, 1, 1000) == passes


@pytest.mark.parametrize(("price", "passes"), [(910, True), (909, False)])
def test_a_position_may_not_shrink_at_a_price_that_lowers_the_equity_per_lot(
    setting: Setting, price: int, passes: bool
) -> None:
    """Five lots with 450 have 90 each; the four that are left must keep 360."""
    venue = venue_of(setting, 5, 450, f"bob 5 @ {price} |")
    assert trades(venue, Side.SELL, 1, price) == passes


def test_below_initial_margin_a_position_may_not_grow(setting: Setting) -> None:
    assert not trades(venue_of(setting, 5, 599, "| bob 5 @ 1000"), Side.BUY, 1, 1000)
    assert trades(venue_of(setting, 5, 600, "| bob 5 @ 1000"), Side.BUY, 1, 1000)


def test_a_flip_opens_and_needs_initial_margin(setting: Setting) -> None:
    assert not trades(venue_of(setting, 5, 99, "bob 6 @ 1000 |"), Side.SELL, 6, 1000)
    assert trades(venue_of(setting, 5, 100, "bob 6 @ 1000 |"), Side.SELL, 6, 1000)


def test_a_position_closed_with_nothing_left_may_close(setting: Setting) -> None:
    """Without a position there is no margin: any equity of at least zero will do."""
    assert trades(venue_of(setting, 5, 100, "bob 5 @ 980 |"), Side.SELL, 5, 980)
    assert not trades(venue_of(setting, 5, 99, "bob 5 @ 980 |"), Side.SELL, 5, 980)


def test_a_bankrupt_position_may_not_trade_at_a_loss(setting: Setting) -> None:
    assert not trades(venue_of(setting, 5, -1, "bob 5 @ 1000 |"), Side.SELL, 5, 1000)


def test_collateral_stays_below_its_upper_bound(setting: Setting) -> None:
    collateral = {"alice": c.COLLATERAL_BOUND - 1001, "bob": c.COLLATERAL_BOUND - 1000}
    accounts = {name: {"collateral": amount} for name, amount in collateral.items()}
    venue = setting("carol 2 @ 1000 |", accounts=accounts)
    assert verdicts(venue.sell("bob", 1, 1000)) == [Verdict.BOUNDS]
    assert fills(venue.sell("alice", 1, 1000)) == [("carol", 1, 1000)]
    assert venue.account("alice").collateral == c.COLLATERAL_BOUND - 1


@pytest.mark.parametrize(("above", "verdict"), [(1000, Verdict.MARGIN), (999, Verdict.BOUNDS)])
def test_collateral_stays_above_its_lower_bound(setting: Setting, above: int, verdict: Verdict) -> None:
    """No position is worth enough to pass the margin rule down there, but the verdict tells the bound."""
    venue = setting("| carol 1 @ 1000", accounts={"alice": {"collateral": above - c.COLLATERAL_BOUND}})
    assert verdicts(venue.buy("alice", 1, 1000)) == [verdict]


MARKETS = (
    open_market(PLAIN),
    open_market(MarketParameters(10, 200_000, 50_000, 1, 1, 9), 70),
    Market(),
    Market(),
)


def test_health_adds_up_over_markets() -> None:
    account = Account(owner=1, collateral=-500, positions=(2, -3, 0, 0))
    assert health(account, MARKETS) == Health(
        equity=-500 + 2 * 1000 - 3 * 700,
        initial=2 * 1000 * 100_000 + 3 * 700 * 200_000,
        maintenance=2 * 1000 * 50_000 + 3 * 700 * 50_000,
    )


@pytest.mark.parametrize(("collateral", "free"), [(500, 500 - 2), (0, -2), (1, -1)])
def test_free_collateral_rounds_down(collateral: int, free: int) -> None:
    """An open notional of 9 at the highest rate of 20 % binds 1.8."""
    account = Account(owner=1, collateral=collateral, open_notional=9)
    assert free_collateral(account, MARKETS) == free


@pytest.mark.parametrize(
    ("position", "side", "quantity", "expected"),
    [
        (5, Side.SELL, 5, True),
        (5, Side.SELL, 6, False),
        (5, Side.BUY, 1, False),
        (-5, Side.BUY, 5, True),
        (-5, Side.BUY, 6, False),
        (-5, Side.SELL, 1, False),
        (0, Side.BUY, 1, False),
    ],
)
def test_reducing_brings_a_position_closer_to_zero(
    position: int, side: Side, quantity: int, expected: bool
) -> None:
    assert reduces(position, side, quantity) == expected
