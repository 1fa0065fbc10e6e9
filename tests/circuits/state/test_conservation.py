"""Money and positions only change hands."""

from typing import Any

import pytest

from sequencer.model import constants as c
from tests.circuits.book.lies import with_lies
from tests.circuits.harness import CircuitTester

ACCOUNTS = 3
TRADE: dict[str, Any] = {
    "collateralBefore": [1_000, -50, 0],
    "collateralAfter": [890, 47, 13],
    "positionBefore": [[5, 0, -7, 1], [-5, 2, 7, 0], [9, 0, 4, -6]],
    "positionAfter": [[8, 1, -7, 0], [-9, 0, 5, 0], [10, 1, 6, -5]],
    "feePoolBefore": 20,
    "feePoolAfter": 31,
    "fundingPoolBefore": 5,
    "fundingPoolAfter": -2,
    "deposited": 15,
    "paid": 11,
}
"""The first paid 110, the others got 110; the fee pool got 11, 7 from the funding pool and 4 from L1."""


@pytest.fixture(scope="module")
def conservation() -> CircuitTester:
    return CircuitTester("Conservation", (ACCOUNTS,))


def test_a_trade_with_a_deposit_and_a_withdrawal_balances(conservation: CircuitTester) -> None:
    assert conservation.accepts(TRADE)


def test_the_largest_numbers_balance(conservation: CircuitTester) -> None:
    largest = c.COLLATERAL_BOUND - 1
    full = {"collateralBefore": [largest] * ACCOUNTS, "collateralAfter": [-largest - 1] * ACCOUNTS}
    taken = ACCOUNTS * (2 * largest + 1)
    assert conservation.accepts(TRADE | full | {"feePoolAfter": 20 + taken, "paid": 22})
    assert conservation.accepts(TRADE | full | {"fundingPoolAfter": 5 + taken, "paid": 4})


def test_one_pool_does_not_gain_what_the_other_keeps(conservation: CircuitTester) -> None:
    assert conservation.accepts(TRADE | {"feePoolAfter": 24, "fundingPoolAfter": 5})
    assert conservation.rejects(TRADE | {"feePoolAfter": 24})
    assert conservation.rejects(TRADE | {"fundingPoolAfter": 5})


@pytest.mark.parametrize("change", [1, -1, 1 << 64, c.FIELD_MODULUS // 2])
@pytest.mark.parametrize(
    "place",
    [
        *(f"collateral{when}.{slot}" for when in ("Before", "After") for slot in range(ACCOUNTS)),
        "feePoolBefore",
        "feePoolAfter",
        "fundingPoolBefore",
        "fundingPoolAfter",
        "deposited",
        "paid",
    ],
)
def test_no_money_is_created_or_lost(conservation: CircuitTester, place: str, change: int) -> None:
    assert conservation.rejects(with_lies(TRADE, {place: _at(place) + change}))


@pytest.mark.parametrize("market", range(c.MARKETS))
@pytest.mark.parametrize("slot", range(ACCOUNTS))
@pytest.mark.parametrize("when", ["Before", "After"])
def test_no_position_is_created_or_lost(
    conservation: CircuitTester, when: str, slot: int, market: int
) -> None:
    place = f"position{when}.{slot}.{market}"
    for change in (1, -1):
        assert conservation.rejects(with_lies(TRADE, {place: _at(place) + change}))


@pytest.mark.parametrize("market", range(c.MARKETS))
def test_a_position_of_one_market_does_not_make_up_for_that_of_another(
    conservation: CircuitTester, market: int
) -> None:
    one, other = f"positionAfter.0.{market}", f"positionAfter.0.{(market + 1) % c.MARKETS}"
    assert conservation.rejects(with_lies(TRADE, {one: _at(one) + 1, other: _at(other) - 1}))


@pytest.mark.parametrize("market", range(c.MARKETS))
def test_a_position_may_change_hands(conservation: CircuitTester, market: int) -> None:
    one, other = f"positionAfter.0.{market}", f"positionAfter.2.{market}"
    assert conservation.accepts(with_lies(TRADE, {one: _at(one) + 4, other: _at(other) - 4}))


def _at(path: str) -> int:
    value: Any = TRADE
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    assert isinstance(value, int)
    return value
