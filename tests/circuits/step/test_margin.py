"""The margin rule, exact at both of its thresholds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.model.constants import PPM_UNIT
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

EQUITY = 1 << 63
EQUITY_AFTER = (1 << 64) - 1
MARGIN = (1 << 82) - 1
MARGIN_AFTER = (1 << 83) - 1
INITIAL_AFTER = (1 << 87) - 1
SLACK_BITS = 88
RESERVED = (1 << 82) - 1
MARGINS = st.integers(0, 5 * PPM_UNIT) | st.integers(0, MARGIN_AFTER)
INITIALS = MARGINS | st.integers(0, INITIAL_AFTER)


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("MarginAllows")


def check(
    circuit: CircuitTester,
    before: tuple[int, int],
    after: tuple[int, int, int],
    reduces: bool,
    reserved: int = 0,
) -> bool:
    """Whether a fill from (E, MM) to (E', IM', MM') is allowed; the circuit says so too."""
    (equity, maintenance), (equity_after, initial_after, maintenance_after) = before, after
    orderly = (
        equity_after * PPM_UNIT >= maintenance_after
        and equity_after * maintenance >= equity * maintenance_after
    )
    allowed = equity_after * PPM_UNIT >= initial_after + reserved or (reduces and orderly)
    health = {
        "equity": equity,
        "maintenance": maintenance,
        "equityAfter": equity_after,
        "initialAfter": initial_after,
        "maintenanceAfter": maintenance_after,
        "reduces": int(reduces),
        "reserved": reserved,
    }
    inputs = {"health": health}
    assert circuit.accepts(inputs)
    assert circuit.witness(inputs) == {"out": int(allowed)}
    return allowed


@given(
    equity=st.integers(-5, 5) | st.integers(-EQUITY, EQUITY - 1),
    maintenance=st.integers(0, 5 * PPM_UNIT) | st.integers(0, MARGIN),
    equity_after=st.integers(-5, 5) | st.integers(-EQUITY_AFTER, EQUITY_AFTER),
    margins_after=st.tuples(INITIALS, MARGINS),
    reduces=st.booleans(),
)
@settings(max_examples=80)
def test_a_fill_is_allowed_by_the_rule_alone(
    circuit: CircuitTester,
    equity: int,
    maintenance: int,
    equity_after: int,
    margins_after: tuple[int, int],
    reduces: bool,
) -> None:
    # The margins of a position are in the order of their rates: maintenance is at most initial.
    initial_after, maintenance_after = max(margins_after), min(*margins_after, MARGIN_AFTER)
    check(circuit, (equity, maintenance), (equity_after, initial_after, maintenance_after), reduces)


@pytest.mark.parametrize(
    ("before", "after", "reduces", "allowed"),
    [
        ((0, 0), (7, 7_000_000, 0), False, True),
        ((0, 0), (7, 7_000_001, 0), False, False),
        ((0, 0), (7, 7_000_001, 0), True, True),
        ((6, 8_000_000), (3, 9_000_000, 3_000_000), True, True),
        ((6, 8_000_000), (3, 9_000_000, 3_000_001), True, False),
        ((6, 8_000_000), (3, 9_000_000, 3_000_000), False, False),
        ((6, 6_000_000), (4, 9_000_000, 4_000_000), True, True),
        ((6, 5_999_999), (4, 9_000_000, 4_000_000), True, False),
        ((-6, 6_000_000), (0, 1, 0), True, True),
        ((-6, 6_000_000), (-1, 1, 0), True, False),
    ],
)
def test_both_thresholds_belong_to_the_allowed_side(
    circuit: CircuitTester, before: tuple[int, int], after: tuple[int, int, int], reduces: bool, allowed: bool
) -> None:
    assert check(circuit, before, after, reduces) == allowed


@pytest.mark.parametrize(("reserved", "allowed"), [(0, True), (1_000_000, True), (1_000_001, False)])
def test_open_orders_reserve_initial_margin(circuit: CircuitTester, reserved: int, allowed: bool) -> None:
    assert check(circuit, (7, 3_000_000), (7, 6_000_000, 3_000_000), False, reserved) == allowed


def test_the_largest_reserve_does_not_wrap(circuit: CircuitTester) -> None:
    assert not check(circuit, (-EQUITY, MARGIN), (-EQUITY_AFTER, INITIAL_AFTER, 0), False, RESERVED)


@pytest.mark.parametrize("equity", [EQUITY - 1, -EQUITY])
@pytest.mark.parametrize("equity_after", [EQUITY_AFTER, -EQUITY_AFTER])
@pytest.mark.parametrize("maintenance", [0, MARGIN])
@pytest.mark.parametrize("maintenance_after", [0, MARGIN_AFTER])
def test_the_largest_accounts_do_not_wrap(
    circuit: CircuitTester, equity: int, equity_after: int, maintenance: int, maintenance_after: int
) -> None:
    check(circuit, (equity, maintenance), (equity_after, INITIAL_AFTER, maintenance_after), True)


@pytest.mark.parametrize("health", [(9, 6, 3, 2), (-9, 6, 3, 2), (9, 0, -3, 7), (0, 1, 0, 1)])
def test_the_change_of_health_is_a_product(health: tuple[int, int, int, int]) -> None:
    equity, maintenance, equity_after, maintenance_after = health
    names = ("equity", "maintenance", "equityAfter", "maintenanceAfter")
    told = dict(zip(names, health, strict=True)) | {"initialAfter": 0, "reduces": 0, "reserved": 0}
    change = equity_after * maintenance - equity * maintenance_after
    circuit = CircuitTester("HealthChange")
    assert circuit.witness({"health": told}) == {"change": to_field(change)}
    for signal in ("change", "healthBefore"):
        assert not circuit.accepts_witness_with({"health": told}, {f"main.{signal}": 12345})


def test_the_verdict_cannot_be_lied_about(circuit: CircuitTester) -> None:
    short = {"equity": 0, "maintenance": 0, "equityAfter": -1, "initialAfter": 1, "maintenanceAfter": 1}
    told = {"health": short | {"reduces": 0, "reserved": 0}}
    assert not circuit.accepts_witness_with(told, {"main.out": 1})


@pytest.mark.parametrize("signal", ["notWorse", "rule.relieved", "rule.required"])
def test_relief_cannot_be_claimed(circuit: CircuitTester, signal: str) -> None:
    # Health gets worse, so the initial margin is required; the maintenance margin would be there.
    health = {"equity": 9, "maintenance": 6_000_000, "equityAfter": 3, "initialAfter": 9_000_000}
    told = {"health": health | {"maintenanceAfter": 3_000_000, "reduces": 1, "reserved": 0}}
    assert circuit.witness(told) == {"out": 0}
    value = 3_000_000 if signal.endswith("required") else 1
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": value})
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": value, "main.out": 1})


@pytest.mark.parametrize(
    ("name", "change", "first"),
    [("equityAfter", {"maintenance": 1 << 100}, 1 << 47), ("reserved", {}, -(1 << SLACK_BITS))],
    ids=["health", "slack"],
)
def test_neither_comparison_takes_what_would_wrap(
    circuit: CircuitTester, name: str, change: dict[str, int], first: int
) -> None:
    nothing = dict.fromkeys(("equity", "maintenance", "equityAfter", "initialAfter", "maintenanceAfter"), 0)
    told = nothing | {"reduces": 0, "reserved": 0} | change
    last = first - 1 if first > 0 else first + 1
    assert circuit.accepts({"health": told | {name: last}})
    assert circuit.rejects({"health": told | {name: first}})
