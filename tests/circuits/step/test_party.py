"""Each party of a fill is judged as the engine judges it."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.engine.fees import fee_ceil
from sequencer.engine.margin import health, judge_fill, reduces
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import Market
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.step.accounts import LARGEST_POSITION, MARKET, held, lot_value, markets, positions

SLOT = 1


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("JudgeParty")


@dataclass(frozen=True)
class Fill:
    """A candidate fill in market SLOT, for one of its parties."""

    slots: tuple[Market, ...]
    positions: tuple[int, ...]
    collateral: int
    side: Side
    quantity: int
    price: int
    rate: int = 0
    reduce_only: bool = False

    @property
    def sign(self) -> int:
        return 1 - 2 * self.side

    @property
    def notional(self) -> int:
        return self.quantity * self.price * self.slots[SLOT].parameters.quote_per_tick_lot

    @property
    def fee(self) -> int:
        return fee_ceil(self.notional, self.rate)

    @property
    def before(self) -> Account:
        return Account(owner=1, collateral=self.collateral, positions=self.positions)

    @property
    def after(self) -> Account:
        sizes = list(self.positions)
        sizes[SLOT] += self.sign * self.quantity
        collateral = self.collateral - self.sign * self.notional - self.fee
        return replace(self.before, positions=tuple(sizes), collateral=collateral)


def inputs(fill: Fill) -> dict[str, int]:
    market, worth = fill.slots[SLOT], held(fill.before, fill.slots)
    value = lot_value(market)
    return {
        "sign": fill.sign,
        "quantity": fill.quantity,
        "notional": fill.notional,
        "fee": fill.fee,
        "reduceOnly": int(fill.reduce_only),
        "collateral": fill.collateral,
        "position": fill.positions[SLOT],
        "positionValue": worth.value,
        "initial": worth.initial,
        "maintenance": worth.maintenance,
        "lotValue": value,
        "lotInitial": value * market.parameters.initial_ppm,
        "lotMaintenance": value * market.parameters.maintenance_ppm,
        "maxPosition": market.parameters.max_position,
    }


def check(circuit: CircuitTester, fill: Fill) -> Verdict | None:
    """The engine's verdict on a party; the circuit's is the same, and so is what it leaves."""
    reducing = reduces(fill.positions[SLOT], fill.side, fill.quantity)
    verdict = judge_fill(fill.before, fill.after, fill.slots, SLOT, reducing=reducing)
    now, then = fill.positions[SLOT], fill.after.positions[SLOT]
    margin = health(fill.after, fill.slots)
    seen = circuit.witness(inputs(fill))
    assert circuit.accepts(inputs(fill))
    assert seen["reduceOk"] == int(reducing or not fill.reduce_only)
    assert seen["boundsOk"] == int(verdict != Verdict.BOUNDS)
    if verdict != Verdict.BOUNDS:
        assert seen["marginOk"] == int(verdict is None)
    assert seen["collateralAfter"] == to_field(fill.after.collateral)
    assert seen["positionAfter"] == to_field(then)
    assert seen["sizeChange"] == to_field(abs(then) - abs(now))
    assert (seen["initialAfter"], seen["maintenanceAfter"]) == (margin.initial, margin.maintenance)
    return verdict


@st.composite
def fills(draw: st.DrawFn) -> Fill:
    """A fill whose equity afterwards lies near one of the thresholds, or anywhere."""
    slots = draw(st.tuples(*[markets()] * c.MARKETS))
    largest = slots[SLOT].parameters.max_position
    fill = Fill(
        slots=slots,
        positions=draw(positions(slots)),
        collateral=0,
        side=draw(st.sampled_from(Side)),
        quantity=draw(st.integers(1, min(4, largest)) | st.integers(1, largest)),
        price=draw(st.integers(1, c.RANK_MAX) | st.just(slots[SLOT].mark)),
        rate=draw(st.integers(-500, 500)),
        reduce_only=draw(st.booleans()),
    )
    margin = health(fill.after, slots)
    threshold = draw(st.sampled_from([margin.initial, margin.maintenance, 0]))
    distance = draw(st.integers(-2, 2) | st.integers(-(1 << 61), 1 << 61))
    collateral = threshold // c.PPM_UNIT - margin.equity + distance
    return replace(fill, collateral=max(-c.COLLATERAL_BOUND, min(collateral, c.COLLATERAL_BOUND - 1)))


@given(fill=fills())
@settings(max_examples=150)
def test_a_party_is_judged_as_by_the_engine(circuit: CircuitTester, fill: Fill) -> None:
    check(circuit, fill)


def largest(side: Side, position: int, collateral: int) -> Fill:
    """A fill of the largest notional: every lot of the largest market at the highest price."""
    sizes = (-LARGEST_POSITION, position, LARGEST_POSITION, -LARGEST_POSITION)
    return Fill((MARKET,) * c.MARKETS, sizes, collateral, side, LARGEST_POSITION, c.RANK_MAX, (1 << 20) - 1)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("position", [0, LARGEST_POSITION, -LARGEST_POSITION])
@pytest.mark.parametrize("collateral", [-c.COLLATERAL_BOUND, 0, c.COLLATERAL_BOUND - 1])
def test_the_largest_fills_do_not_wrap(
    circuit: CircuitTester, side: Side, position: int, collateral: int
) -> None:
    check(circuit, largest(side, position, collateral))


@pytest.mark.parametrize(
    ("side", "collateral", "verdict"),
    [
        (Side.SELL, c.COLLATERAL_BOUND - 1_001, None),
        (Side.SELL, c.COLLATERAL_BOUND - 1_000, Verdict.BOUNDS),
        (Side.BUY, 1_000 - c.COLLATERAL_BOUND, Verdict.MARGIN),
        (Side.BUY, 999 - c.COLLATERAL_BOUND, Verdict.BOUNDS),
    ],
)
def test_collateral_stays_within_its_bounds(
    circuit: CircuitTester, side: Side, collateral: int, verdict: Verdict | None
) -> None:
    slots = (replace(MARKET, mark=1_000),) * c.MARKETS
    assert check(circuit, Fill(slots, (0, 0, 0, 0), collateral, side, 1, 1_000)) == verdict


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("position", "quantity", "verdict"),
    [(0, 50, None), (-10, 60, None), (0, 51, Verdict.BOUNDS), (-10, 61, Verdict.BOUNDS)],
)
def test_a_position_stays_within_its_market(
    circuit: CircuitTester, sign: int, position: int, quantity: int, verdict: Verdict | None
) -> None:
    market = replace(MARKET, mark=10, parameters=replace(MARKET.parameters, max_position=50))
    side = Side.BUY if sign > 0 else Side.SELL
    fill = Fill((market,) * c.MARKETS, (0, sign * position, 0, 0), 1 << 50, side, quantity, 10)
    assert check(circuit, fill) == verdict


@pytest.mark.parametrize("position", [-1, 0, 4, 5, 6])
def test_a_reduce_only_order_neither_opens_nor_flips(circuit: CircuitTester, position: int) -> None:
    market = replace(MARKET, mark=10)
    fill = Fill((market,) * c.MARKETS, (0, position, 0, 0), 1 << 50, Side.SELL, 5, 10, reduce_only=True)
    check(circuit, fill)
    assert circuit.witness(inputs(fill))["reduceOk"] == int(position >= 5)


@pytest.mark.parametrize("signal", ["reduceOk", "boundsOk", "marginOk", "collateralAfter", "positionAfter"])
def test_a_verdict_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    fill = largest(Side.BUY, 0, 0)
    assert not circuit.accepts_witness_with(inputs(fill), {f"main.{signal}": 7})
