"""An order rests under the conditions of the engine, at their very edge."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.engine.margin import health, may_rest, reduces
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market
from tests.circuits.harness import CircuitTester
from tests.circuits.step.accounts import LARGEST_POSITION, MARKET, markets, positions

SLOT = 2
LARGEST_COUNT = (1 << c.ORDERS_BITS) - 1


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("MayRest")


@dataclass(frozen=True)
class Rest:
    """An order of an account that wants to rest in market SLOT."""

    slots: tuple[Market, ...]
    account: Account
    side: Side = Side.BUY
    remaining: int = 1
    price: int = 1
    ioc: bool = False
    reduce_only: bool = False
    side_orders: int = 0

    @property
    def notional(self) -> int:
        return self.remaining * self.price * self.slots[SLOT].parameters.quote_per_tick_lot


def inputs(rest: Rest) -> dict[str, int]:
    account, worth = rest.account, health(rest.account, rest.slots)
    return {
        "sign": 1 - 2 * rest.side,
        "remaining": rest.remaining,
        "notional": rest.notional,
        "ioc": int(rest.ioc),
        "reduceOnly": int(rest.reduce_only),
        "position": account.positions[SLOT],
        "equity": worth.equity,
        "initial": worth.initial,
        "openNotional": account.open_notional,
        "rateMax": max(market.parameters.initial_ppm for market in rest.slots),
        "orders": account.orders,
        "sideOrders": rest.side_orders,
    }


def check(circuit: CircuitTester, rest: Rest) -> bool:
    """Whether the order may rest; the circuit says so too."""
    account = rest.account
    placed = replace(account, open_notional=account.open_notional + rest.notional)
    allowed = (
        not rest.ioc
        and (not rest.reduce_only or reduces(account.positions[SLOT], rest.side, rest.remaining))
        and account.orders < c.ACCOUNT_ORDERS_MAX
        and rest.side_orders < c.SIDE_ORDERS_MAX
        and placed.open_notional < c.OPEN_NOTIONAL_BOUND
        and may_rest(placed, rest.slots)
    )
    assert circuit.accepts(inputs(rest))
    assert circuit.witness(inputs(rest)) == {"out": int(allowed)}
    return allowed


@st.composite
def rests(draw: st.DrawFn) -> Rest:
    """Mostly one condition away from resting, with the equity near what the margins need."""
    slots = draw(st.tuples(*[markets()] * c.MARKETS))
    largest = slots[SLOT].parameters.max_position
    account = Account(
        owner=1,
        positions=draw(positions(slots)),
        orders=draw(st.sampled_from([0, 62, 63, 64, LARGEST_COUNT])),
        open_notional=draw(st.just(0) | st.integers(0, c.OPEN_NOTIONAL_BOUND - 1)),
    )
    rest = Rest(
        slots=slots,
        account=account,
        side=draw(st.sampled_from(Side)),
        remaining=draw(st.integers(1, min(4, largest)) | st.integers(1, largest)),
        price=draw(st.integers(1, c.RANK_MAX)),
        ioc=draw(st.sampled_from([False, False, False, True])),
        reduce_only=draw(st.booleans()),
        side_orders=draw(st.sampled_from([0, 478, 479, 480, LARGEST_COUNT])),
    )
    worth = health(account, slots)
    rate = max(market.parameters.initial_ppm for market in slots)
    needed = worth.initial + rate * (account.open_notional + rest.notional)
    collateral = (
        needed // c.PPM_UNIT - worth.equity + draw(st.integers(-1, 2) | st.integers(-(1 << 61), 1 << 61))
    )
    bounded = max(-c.COLLATERAL_BOUND, min(collateral, c.COLLATERAL_BOUND - 1))
    return replace(rest, account=replace(account, collateral=bounded))


@given(rest=rests())
@settings(max_examples=150)
def test_an_order_rests_where_it_rests_in_the_engine(circuit: CircuitTester, rest: Rest) -> None:
    check(circuit, rest)


SMALL = replace(MARKET, mark=10, parameters=replace(MARKET.parameters, initial_ppm=100_000))
SOUND = Rest((SMALL,) * c.MARKETS, Account(owner=1, collateral=1_000), remaining=50, price=200)


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"price": 201}, False),
        ({"ioc": True}, False),
        ({"reduce_only": True}, False),
        ({"side_orders": 479}, True),
        ({"side_orders": 480}, False),
        ({"side_orders": LARGEST_COUNT}, False),
    ],
    ids=str,
)
def test_what_keeps_an_order_from_resting(
    circuit: CircuitTester, change: dict[str, Any], allowed: bool
) -> None:
    assert check(circuit, replace(SOUND, **change)) == allowed


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"orders": 63}, True),
        ({"orders": 64}, False),
        ({"orders": LARGEST_COUNT}, False),
        ({"collateral": 999}, False),
        ({"open_notional": 1}, False),
        ({"open_notional": 10, "collateral": 1_001}, True),
        ({"positions": (0, 0, 1, 0)}, True),
        ({"positions": (1, 0, 0, 0), "collateral": 991}, True),
        ({"positions": (1, 0, 0, 0), "collateral": 990}, False),
        ({"positions": (0, -1, 0, 0), "collateral": 1_011}, True),
        ({"positions": (0, -1, 0, 0), "collateral": 1_010}, False),
        ({"open_notional": c.OPEN_NOTIONAL_BOUND - 10_001, "collateral": c.COLLATERAL_BOUND - 1}, True),
        ({"open_notional": c.OPEN_NOTIONAL_BOUND - 10_000, "collateral": c.COLLATERAL_BOUND - 1}, False),
    ],
    ids=str,
)
def test_what_keeps_an_account_from_resting_an_order(
    circuit: CircuitTester, change: dict[str, Any], allowed: bool
) -> None:
    rest = replace(SOUND, account=replace(SOUND.account, **change))
    assert check(circuit, rest) == allowed


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("against", "allowed"), [(49, False), (50, True), (51, True), (-50, False)])
def test_a_reduce_only_order_rests_against_a_position(
    circuit: CircuitTester, side: Side, against: int, allowed: bool
) -> None:
    position = against if side == Side.SELL else -against
    account = Account(owner=1, collateral=1 << 50, positions=(0, 0, position, 0))
    assert check(circuit, replace(SOUND, account=account, side=side, reduce_only=True)) == allowed


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("size", [LARGEST_POSITION, -LARGEST_POSITION])
@pytest.mark.parametrize("collateral", [-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1])
@pytest.mark.parametrize("open_notional", [0, c.OPEN_NOTIONAL_BOUND - 1])
def test_the_largest_orders_do_not_wrap(
    circuit: CircuitTester, side: Side, size: int, collateral: int, open_notional: int
) -> None:
    account = Account(1, collateral, (size,) * c.MARKETS, open_notional=open_notional, orders=LARGEST_COUNT)
    rest = Rest((MARKET,) * c.MARKETS, account, side, LARGEST_POSITION, c.RANK_MAX)
    check(circuit, replace(rest, reduce_only=True, side_orders=LARGEST_COUNT))


def test_the_verdict_cannot_be_lied_about(circuit: CircuitTester) -> None:
    assert not circuit.accepts_witness_with(inputs(SOUND), {"main.out": 0})
