"""An order rests under the conditions of the engine, at their very edge."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.margin import health, may_rest, reduces
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market
from tests.circuits.harness import CircuitTester
from tests.circuits.step.accounts import LARGEST_POSITION, MARKET, lot_value, markets, positions

SLOT = 2


# What a step asks of the templates when an order crosses nothing.
RULE = """
include "circuits/step/margin.circom";
include "circuits/step/party.circom";
include "circuits/step/resting.circom";

template RestRule() {
    signal input sign;
    signal input remaining;
    signal input notional;
    signal input ioc;
    signal input reduceOnly;
    signal input collateral;
    signal input position;
    signal input value;
    signal input initial;
    signal input maintenance;
    signal input lots[4];
    signal input maxPosition;
    signal input openNotional;
    signal input rateMax;
    signal input orders;
    signal input sideOrders;
    signal input fee;
    signal output out;
    signal output sizeChange;

    component party = PartyAfter();
    party.sign <== sign;
    party.quantity <== 0;
    party.notional <== 0;
    party.fee <== fee;
    party.rests <== 1;
    party.resting <== remaining;
    party.openNotional <== openNotional + notional;
    party.reserveRate <== rateMax;
    party.reduceOnly <== reduceOnly;
    party.collateral <== collateral;
    party.position <== position;
    party.value <== value;
    party.initial <== initial;
    party.maintenance <== maintenance;
    party.lotValue <== lots[0];
    party.lotInitial <== lots[1];
    party.lotMaintenance <== lots[2];
    party.lotTier <== lots[3];
    party.maxPosition <== maxPosition;
    sizeChange <== party.sizeChange;
    signal covered <== MarginAllows()(party.health);
    signal allowed <== party.lawful * covered;
    out <== MayRest()(ioc, allowed, orders, sideOrders);
}
"""


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester(RULE)


@pytest.fixture(scope="module")
def may_rest_circuit() -> CircuitTester:
    return CircuitTester("MayRest")


class Rest(Struct, frozen=True):
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


def inputs(rest: Rest) -> dict[str, Nested]:
    account, worth = rest.account, health(rest.account, rest.slots)
    market, lot = rest.slots[SLOT], lot_value(rest.slots[SLOT])
    return {
        "sign": 1 - 2 * rest.side,
        "remaining": rest.remaining,
        "notional": rest.notional,
        "ioc": int(rest.ioc),
        "reduceOnly": int(rest.reduce_only),
        "position": account.positions[SLOT],
        "collateral": account.collateral,
        "value": worth.equity - account.collateral,
        "initial": worth.initial,
        "maintenance": worth.maintenance,
        "lots": [lot, lot * market.initial_ppm, market.maintenance_margin(1), market.tier_step],
        "maxPosition": market.parameters.max_position,
        "openNotional": account.open_notional,
        "rateMax": max(slot.reserve_ppm for slot in rest.slots),
        "orders": account.orders,
        "sideOrders": rest.side_orders,
        "fee": 0,
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
    assert circuit.witness(inputs(rest)) == {"out": int(allowed), "sizeChange": 0}
    return allowed


@st.composite
def rests(draw: st.DrawFn) -> Rest:
    """Mostly one condition away from resting, with the equity near what the margins need."""
    slots = draw(st.tuples(*[markets()] * c.MARKETS))
    largest = slots[SLOT].parameters.max_position
    account = Account(
        owner=1,
        positions=draw(positions(slots)),
        orders=draw(st.sampled_from([0, 62, 63, 64])),
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
        side_orders=draw(st.sampled_from([0, 478, 479, 480])),
    )
    worth = health(account, slots)
    rate = max(market.reserve_ppm for market in slots)
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


TERMS = replace(MARKET.parameters, initial_ppm=100_000, maintenance_ppm=50_000)
SMALL = Market(MARKET.kind, MARKET.status, 10, parameters=TERMS)
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


@pytest.mark.parametrize(("collateral", "allowed"), [(-451, False), (-450, False), (550, True), (549, False)])
def test_a_reduce_only_order_that_rests_is_given_no_relief(
    circuit: CircuitTester, collateral: int, allowed: bool
) -> None:
    # 50 lots at 10 are worth 500 and require 50, or 25 to trade out of; the order itself reserves 1,000.
    account = Account(owner=1, collateral=collateral, positions=(0, 0, 50, 0))
    assert check(circuit, replace(SOUND, account=account, side=Side.SELL, reduce_only=True)) == allowed


@pytest.mark.parametrize("side", Side)
def test_an_order_rests_although_its_fill_would_exceed_the_largest_position(
    circuit: CircuitTester, side: Side
) -> None:
    largest = replace(SMALL, parameters=replace(TERMS, max_position=50))
    account = Account(owner=1, collateral=1 << 50, positions=(0, 0, 50 - 100 * side, 0))
    assert check(circuit, replace(SOUND, slots=(largest,) * c.MARKETS, account=account, side=side))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("size", [LARGEST_POSITION, -LARGEST_POSITION])
@pytest.mark.parametrize("collateral", [-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1])
@pytest.mark.parametrize("open_notional", [0, c.OPEN_NOTIONAL_BOUND - 1])
def test_the_largest_orders_do_not_wrap(
    circuit: CircuitTester, side: Side, size: int, collateral: int, open_notional: int
) -> None:
    account = Account(1, collateral, (size,) * c.MARKETS, open_notional=open_notional, orders=63)
    rest = Rest((MARKET,) * c.MARKETS, account, side, LARGEST_POSITION, c.RANK_MAX)
    check(circuit, replace(rest, reduce_only=True, side_orders=479))


def test_the_verdict_cannot_be_lied_about(circuit: CircuitTester) -> None:
    assert not circuit.accepts_witness_with(inputs(SOUND), {"main.out": 0})


@pytest.mark.parametrize("fee", [1, -1])
def test_an_order_that_rests_pays_no_fee_that_is_an_integer(circuit: CircuitTester, fee: int) -> None:
    # The bounds of open notional bound the fee, and FeeCeil leaves 0 of the integers.
    assert circuit.accepts(inputs(SOUND) | {"fee": fee})
    assert circuit.rejects(inputs(SOUND) | {"fee": fee * pow(c.PPM_UNIT, -1, c.FIELD_MODULUS)})


PLACEABLE = {"ioc": 0, "allowed": 1, "orders": 63, "sideOrders": 479}


@pytest.mark.parametrize(
    "change", [{}, {"ioc": 1}, {"allowed": 0}, {"orders": 64}, {"sideOrders": 480}], ids=str
)
def test_no_condition_of_resting_can_be_lied_about(
    may_rest_circuit: CircuitTester, change: dict[str, int]
) -> None:
    told = PLACEABLE | change
    out = int(not change)
    assert may_rest_circuit.witness(told) == {"out": out}
    for signal in ("accountFull", "sideFull", "placeable", "patient"):
        for value in (0, 1):
            lie = {"main.out": 1 - out, f"main.{signal}": value}
            assert not may_rest_circuit.accepts_witness_with(told, lie)
