"""Each party of a fill ends where the engine has it end, within bounds that are the engine's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from sequencer.engine.fees import fee_ceil
from sequencer.engine.margin import health, judge_fill, reduces
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import Market, MarketParameters
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.step.accounts import LARGEST_POSITION, MARKET, held, lot_value, markets, positions

SLOT = 1


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("PartyAfter")


class Fill(Struct, frozen=True):
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
        "rests": 0,
        "resting": 0,
        "openNotional": 0,
        "reserveRate": 0,
        "reduceOnly": int(fill.reduce_only),
        "collateral": fill.collateral,
        "position": fill.positions[SLOT],
        "value": worth.value,
        "initial": worth.initial,
        "maintenance": worth.maintenance,
        "lotValue": value,
        "lotInitial": value * market.initial_ppm,
        "lotMaintenance": value * market.maintenance_ppm,
        "lotTier": market.tier_step,
        "maxPosition": market.parameters.max_position,
    }


def check(circuit: CircuitTester, fill: Fill) -> Verdict | None:
    """The engine's verdict on a party; the circuit sees the same but for the margin rule."""
    reducing = reduces(fill.positions[SLOT], fill.side, fill.quantity)
    verdict = judge_fill(fill.before, fill.after, fill.slots, SLOT, reducing=reducing)
    if fill.reduce_only and not reducing:
        verdict = Verdict.REDUCE_ONLY
    assert circuit.accepts(inputs(fill))
    before, after = health(fill.before, fill.slots), health(fill.after, fill.slots)
    assert circuit.witness(inputs(fill)) == {
        "lawful": int(verdict in (None, Verdict.MARGIN)),
        "collateralChange": to_field(fill.after.collateral - fill.collateral),
        "sizeChange": to_field(abs(fill.after.positions[SLOT]) - abs(fill.positions[SLOT])),
        "initialChange": to_field(after.initial - before.initial),
        "maintenanceChange": to_field(after.maintenance - before.maintenance),
        "health.equity": to_field(before.equity),
        "health.maintenance": before.maintenance,
        "health.equityAfter": to_field(after.equity),
        "health.initialAfter": after.initial,
        "health.maintenanceAfter": after.maintenance,
        "health.reduces": int(reducing),
        "health.reserved": 0,
    }
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
    fill = largest(side, position, collateral)
    check(circuit, fill)
    assert health(fill.after, fill.slots).initial < 1 << 87


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


@pytest.mark.parametrize("quarter", range(-4, 4))
@pytest.mark.parametrize("within", [0, 1, (1 << 62) - 1])
def test_only_the_middle_of_what_a_sum_can_be_is_within_bounds(
    circuit: CircuitTester, quarter: int, within: int
) -> None:
    """Where the insurance fund takes a debt over, a collateral may end far beyond them."""
    idle = inputs(Fill((MARKET,) * c.MARKETS, (0,) * c.MARKETS, 0, Side.BUY, quantity=0, price=0))
    told = idle | {"collateral": quarter * (1 << 62) + within}
    assert circuit.witness(told)["lawful"] == int(quarter in (-1, 0))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("position", "quantity", "verdict"),
    # No order is larger than the largest position, so no flip ends beyond it.
    [(0, 50, None), (-10, 50, None), (10, 40, None), (10, 41, Verdict.BOUNDS), (1, 50, Verdict.BOUNDS)],
)
def test_a_position_stays_within_its_market(
    circuit: CircuitTester, sign: int, position: int, quantity: int, verdict: Verdict | None
) -> None:
    market = replace(MARKET, mark=10, parameters=replace(MARKET.parameters, max_position=50))
    side = Side.BUY if sign > 0 else Side.SELL
    fill = Fill((market,) * c.MARKETS, (0, sign * position, 0, 0), 1 << 50, side, quantity, 10)
    assert check(circuit, fill) == verdict


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("reduce_only", [False, True])
@pytest.mark.parametrize(
    ("position", "quantity", "verdict"),
    [
        (51, 1, Verdict.BOUNDS),
        (LARGEST_POSITION, 50, Verdict.BOUNDS),
        (-51, 1, None),
        (-LARGEST_POSITION, 1, None),
        (-LARGEST_POSITION, 50, None),
    ],
)
def test_a_position_that_a_change_left_too_large_may_shrink_and_not_grow(
    circuit: CircuitTester,
    sign: int,
    reduce_only: bool,
    position: int,
    quantity: int,
    verdict: Verdict | None,
) -> None:
    """Even where it stays beyond the largest position."""
    market = replace(MARKET, mark=1, parameters=replace(MARKET.parameters, max_position=50))
    side = Side.BUY if sign > 0 else Side.SELL
    sizes = (0, sign * position, 0, 0)
    fill = Fill((market,) * c.MARKETS, sizes, 1 << 50, side, quantity, 1, reduce_only=reduce_only)
    if verdict and reduce_only:
        verdict = Verdict.REDUCE_ONLY
    assert check(circuit, fill) == verdict


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("equity", "quantity", "verdict"),
    [(700, 5, None), (700, 3, None), (700, 2, Verdict.MARGIN), (700, 11, None), (700, 12, Verdict.MARGIN)],
)
def test_a_party_short_of_margin_may_do_with_less_of_it(
    circuit: CircuitTester, sign: int, equity: int, quantity: int, verdict: Verdict | None
) -> None:
    """Ten lots require 5,000, and 1,000 to stay; what is traded at the mark leaves the equity."""
    market = Market(
        MARKET.kind, MARKET.status, 1_000, parameters=MarketParameters(1, 500_000, 100_000, 1, 1, 50)
    )
    side = Side.SELL if sign > 0 else Side.BUY
    sizes = (0, sign * 10, 0, 0)
    fill = Fill((market,) * c.MARKETS, sizes, equity - sign * 10_000, side, quantity, 1_000)
    assert check(circuit, fill) == verdict


@pytest.mark.parametrize("position", [-1, 0, 4, 5, 6])
def test_a_reduce_only_order_neither_opens_nor_flips(circuit: CircuitTester, position: int) -> None:
    market = replace(MARKET, mark=10)
    fill = Fill((market,) * c.MARKETS, (0, position, 0, 0), 1 << 50, Side.SELL, 5, 10, reduce_only=True)
    assert check(circuit, fill) == (None if position >= 5 else Verdict.REDUCE_ONLY)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("position", range(-6, 7))
@pytest.mark.parametrize("quantity", range(1, 7))
def test_every_way_to_pass_zero(circuit: CircuitTester, sign: int, position: int, quantity: int) -> None:
    market = replace(MARKET, mark=10, parameters=replace(MARKET.parameters, max_position=6))
    side = Side.BUY if sign > 0 else Side.SELL
    check(circuit, Fill((market,) * c.MARKETS, (0, position, 0, 0), 1 << 50, side, quantity, 10))


# Lots that need 100 to be opened and 50 to be kept, and a step of 7 for their square.
TIERED = {"lotInitial": 100, "lotMaintenance": 50, "lotTier": 7, "initial": 10_000, "maintenance": 5_000}
PATHS = {
    "opens": (0, 4),
    "grows": (3, 2),
    "grows by one": (3, 1),
    "shrinks": (5, -2),
    "closes": (5, -5),
    "flips to less": (3, -5),
    "flips to as much": (3, -6),
    "flips to more": (3, -8),
}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("position", "traded"), PATHS.values(), ids=PATHS)
def test_the_initial_margin_moves_with_the_square_of_the_size(
    circuit: CircuitTester, sign: int, position: int, traded: int
) -> None:
    """And the maintenance margin with the size alone."""
    side = Side.BUY if sign * traded > 0 else Side.SELL
    market = replace(MARKET, mark=10)
    fill = Fill((market,) * c.MARKETS, (0, sign * position, 0, 0), 1 << 50, side, abs(traded), 10)
    size, after = abs(position), abs(position + traded)
    initial = 100 * (after - size) + 7 * (after**2 - size**2)
    maintenance = 50 * (after - size)
    told = inputs(fill) | TIERED
    assert circuit.accepts(told)
    seen = circuit.witness(told)
    expected = {
        "sizeChange": to_field(after - size),
        "initialChange": to_field(initial),
        "maintenanceChange": to_field(maintenance),
        "health.initialAfter": 10_000 + initial,
        "health.maintenanceAfter": 5_000 + maintenance,
    }
    assert {name: seen[name] for name in expected} == expected
    # All that follows from a lie is as it would be.
    slope = 7 * (after + size)
    for lie in (0, slope - 1, slope + 1):
        moved = (after - size) * (100 + lie)
        lies = {"slope": lie, "initialChange": moved, "health.initialAfter": 10_000 + moved}
        assert refused(circuit, told, lies)
    for lie in {0, initial - 1, initial + 1, maintenance} - {initial}:
        assert refused(circuit, told, {"initialChange": lie, "health.initialAfter": 10_000 + lie})
    for lie in {0, maintenance - 1, maintenance + 1, initial} - {maintenance}:
        assert refused(circuit, told, {"maintenanceChange": lie, "health.maintenanceAfter": 5_000 + lie})


def refused(circuit: CircuitTester, told: dict[str, int], lies: dict[str, int]) -> bool:
    overrides = {f"main.{name}": to_field(lie) for name, lie in lies.items()}
    return not circuit.accepts_witness_with(told, overrides)


def test_what_rests_moves_no_margin(circuit: CircuitTester) -> None:
    idle = inputs(replace(CROSSED, quantity=0)) | TIERED | {"rests": 1, "resting": 3}
    seen = circuit.witness(idle)
    assert (seen["initialChange"], seen["maintenanceChange"]) == (0, 0)
    assert (seen["health.initialAfter"], seen["health.maintenanceAfter"]) == (10_000, 5_000)


OUTPUTS = ["lawful", "collateralChange", "sizeChange", "initialChange", "maintenanceChange"]
OF_HEALTH = ("equity", "equityAfter", "initialAfter", "maintenanceAfter", "reduces", "reserved")
OUTPUTS += [f"health.{name}" for name in OF_HEALTH]


@pytest.mark.parametrize("signal", OUTPUTS)
def test_a_verdict_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    fill = largest(Side.BUY, 0, 0)
    assert not circuit.accepts_witness_with(inputs(fill), {f"main.{signal}": 7})


CROSSED = Fill((replace(MARKET, mark=10),) * c.MARKETS, (0, -3, 0, 0), 1 << 50, Side.BUY, 5, 10)
INTERMEDIATE = ["exposure", "aligned", "room", "within", "size", "sizeAfter", "reduceOk", "spent", "bounded"]
INTERMEDIATE += [
    "both",
    "inside",
    "sizeFits",
    "boundsOk",
    "bought",
    "gained",
    "slope",
    "lawful",
]


@pytest.mark.parametrize("signal", INTERMEDIATE)
@pytest.mark.parametrize("position", [-7, -3, 4])
def test_nothing_on_the_way_to_a_verdict_can_be_lied_about(
    circuit: CircuitTester, signal: str, position: int
) -> None:
    told = inputs(replace(CROSSED, positions=(0, position, 0, 0)))
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": 123_456_789})


@pytest.mark.parametrize(
    ("open_notional", "lawful"), [(c.OPEN_NOTIONAL_BOUND - 1, 1), (c.OPEN_NOTIONAL_BOUND, 0)]
)
def test_open_notional_stays_below_its_bound(circuit: CircuitTester, open_notional: int, lawful: int) -> None:
    told = inputs(replace(CROSSED, quantity=0)) | {"rests": 1, "openNotional": open_notional}
    assert circuit.witness(told)["lawful"] == lawful


@pytest.mark.parametrize(("resting", "lawful"), [(2, 1), (3, 1), (4, 0)])
def test_a_reduce_only_order_rests_with_no_more_than_it_reduces(
    circuit: CircuitTester, resting: int, lawful: int
) -> None:
    told = inputs(replace(CROSSED, quantity=0, reduce_only=True)) | {"rests": 1, "resting": resting}
    assert circuit.witness(told)["lawful"] == lawful


@pytest.mark.parametrize("rests", [0, 1])
def test_what_rests_reserves_margin_and_reduces_nothing(circuit: CircuitTester, rests: int) -> None:
    told = inputs(replace(CROSSED, quantity=3 - 3 * rests)) | {"rests": rests, "resting": 3 * rests}
    seen = circuit.witness(told | {"openNotional": 30 * rests, "reserveRate": 7 * rests})
    assert (seen["health.reduces"], seen["health.reserved"]) == (1 - rests, 210 * rests)
    assert seen["sizeChange"] == (0 if rests else to_field(-3))


INVERSE = pow(c.PPM_UNIT, -1, c.FIELD_MODULUS)


@pytest.mark.parametrize("rests", [0, 1])
@pytest.mark.parametrize("fee", [INVERSE, -INVERSE, 999_999 * INVERSE, 1 << 65, -(1 << 65)])
def test_a_fee_beyond_all_means_is_refused_whatever_the_verdict(
    circuit: CircuitTester, rests: int, fee: int
) -> None:
    # FeeCeil takes k / 10^6 for a fee of nothing.
    idle = inputs(replace(CROSSED, quantity=0)) | {"rests": rests}
    assert circuit.accepts(idle | {"fee": 0})
    assert circuit.rejects(idle | {"fee": fee % c.FIELD_MODULUS})


@pytest.mark.parametrize(
    ("name", "first"),
    [("position", 1 << 29), ("maxPosition", 1 << 29), ("collateral", 1 << 64)],
    ids=["exposure", "room", "bounds"],
)
def test_no_comparison_takes_what_would_wrap(circuit: CircuitTester, name: str, first: int) -> None:
    nothing = inputs(Fill((Market(),) * c.MARKETS, (0,) * c.MARKETS, 0, Side.BUY, quantity=0, price=0))
    told = nothing | {"maxPosition": 1 << 28}
    assert circuit.accepts(told | {name: first - 1})
    assert circuit.rejects(told | {name: first})
