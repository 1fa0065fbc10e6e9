"""What the positions of an account are worth and require."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.engine.margin import free_collateral, health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

LARGEST_SIZE = (1 << c.SIZE_BITS) - 1
PPM = (1 << c.PPM_BITS) - 1
WIDEST = Market(
    MarketKind.PERPETUAL,
    MarketStatus.OPEN,
    mark=(1 << c.PRICE_BITS) - 1,
    parameters=MarketParameters(PPM, PPM, PPM),
)
HALF = replace(WIDEST, parameters=MarketParameters(PPM, PPM // 2, PPM // 4))
HALTED = replace(HALF, status=MarketStatus.HALTED)
SIZES = st.integers(-3, 3) | st.integers(-LARGEST_SIZE, LARGEST_SIZE)


@pytest.fixture(scope="module")
def margins() -> CircuitTester:
    return CircuitTester("PositionMargins")


def markets() -> st.SearchStrategy[Market]:
    ppm = st.integers(0, PPM)
    parameters = st.builds(MarketParameters, ppm, ppm, ppm)
    live = st.builds(
        Market,
        kind=st.just(MarketKind.PERPETUAL),
        status=st.sampled_from((MarketStatus.OPEN, MarketStatus.HALTED)),
        mark=st.integers(1, WIDEST.mark),
        parameters=parameters,
    )
    return live | st.just(Market())


def inputs(positions: tuple[int, ...], slots: tuple[Market, ...]) -> dict[str, Nested]:
    values = [market.mark * market.parameters.quote_per_tick_lot for market in slots]
    return {
        "position": positions,
        "size": [abs(size) for size in positions],
        "lotValue": values,
        "lotInitial": [v * m.initial_ppm for v, m in zip(values, slots, strict=True)],
        "lotMaintenance": [v * m.maintenance_ppm for v, m in zip(values, slots, strict=True)],
        "lotHeld": [v * _held_ppm(m) for v, m in zip(values, slots, strict=True)],
    }


def held_margin(positions: tuple[int, ...], slots: tuple[Market, ...]) -> int:
    """What a withdrawal leaves behind: the initial margin, or the full value while the market is halted."""
    return sum(
        abs(size) * market.mark * market.parameters.quote_per_tick_lot * _held_ppm(market)
        for size, market in zip(positions, slots, strict=True)
    )


def _held_ppm(market: Market) -> int:
    return market.initial_ppm if market.is_open else PPM


def check(circuit: CircuitTester, positions: tuple[int, ...], slots: tuple[Market, ...]) -> None:
    account = Account(owner=1, positions=positions)
    expected, held = health(account, slots), held_margin(positions, slots)
    assert (expected.equity * c.PPM_UNIT - held) // c.PPM_UNIT == free_collateral(account, slots)
    assert circuit.accepts(inputs(positions, slots))
    assert circuit.witness(inputs(positions, slots)) == {
        "value": to_field(expected.equity),
        "initial": expected.initial,
        "maintenance": expected.maintenance,
        "held": held,
    }


@given(positions=st.tuples(*[SIZES] * c.MARKETS), slots=st.tuples(*[markets()] * c.MARKETS))
@settings(max_examples=50)
def test_margins_are_those_of_the_engine(
    margins: CircuitTester, positions: tuple[int, ...], slots: tuple[Market, ...]
) -> None:
    check(margins, positions, slots)


@pytest.mark.parametrize("sizes", [(LARGEST_SIZE,) * 4, (-LARGEST_SIZE,) * 4, (0,) * 4, (1, -1, 1, -1)])
def test_the_largest_positions_at_the_largest_marks_do_not_wrap(
    margins: CircuitTester, sizes: tuple[int, ...]
) -> None:
    check(margins, sizes, (WIDEST,) * c.MARKETS)


@pytest.mark.parametrize("signal", ["value", "initial", "maintenance", "held"])
def test_what_positions_are_worth_cannot_be_lied_about(margins: CircuitTester, signal: str) -> None:
    honest = inputs((5, 0, -7, 0), (WIDEST,) * c.MARKETS)
    assert not margins.accepts_witness_with(honest, {f"main.{signal}": 0})


def test_a_short_requires_margin_and_is_worth_less_than_nothing(margins: CircuitTester) -> None:
    """With what the sign makes of it, either would be lower or higher."""
    honest = inputs((-5, 0, 0, 0), (WIDEST,) * c.MARKETS)
    initial, value = 5 * WIDEST.mark * PPM * PPM, -5 * WIDEST.mark * PPM
    requires = {f"main.required[0][{place}]": -initial for place in range(3)}
    totals = dict.fromkeys(("main.initial", "main.maintenance", "main.held"), -initial)
    assert margins.witness(honest)["initial"] == initial
    assert not margins.accepts_witness_with(honest, requires | totals)
    assert not margins.accepts_witness_with(honest, {"main.worth[0]": -value, "main.value": -value})


def test_no_margin_can_be_left_out(margins: CircuitTester) -> None:
    """The long is left out of the sums, of one or of all."""
    honest = inputs((5, 0, -7, 0), (WIDEST,) * c.MARKETS)
    short = health(Account(owner=1, positions=(0, 0, -7, 0)), (WIDEST,) * c.MARKETS)
    initial = {"main.required[0][0]": 0, "main.initial": short.initial}
    maintenance = {"main.required[0][1]": 0, "main.maintenance": short.maintenance}
    held = {"main.required[0][2]": 0, "main.held": short.initial}
    for lie in (initial, maintenance, held, initial | maintenance | held):
        assert not margins.accepts_witness_with(honest, lie)


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_only_positions_in_halted_markets_hold_their_full_value(margins: CircuitTester, slot: int) -> None:
    slots = tuple(HALTED if place == slot else HALF for place in range(c.MARKETS))
    value = HALF.mark * HALF.parameters.quote_per_tick_lot
    told = margins.witness(inputs((2, -2, 2, -2), slots))
    assert told["held"] == 2 * value * (PPM + 3 * (PPM // 2))
    assert told["initial"] == 8 * value * (PPM // 2)


def test_a_halted_position_is_not_held_at_the_initial_margin(margins: CircuitTester) -> None:
    honest = inputs((5, 0, 0, 0), (HALTED,) * c.MARKETS)
    initial = health(Account(owner=1, positions=(5, 0, 0, 0)), (HALTED,) * c.MARKETS).initial
    assert not margins.accepts_witness_with(honest, {"main.held": initial})
    assert not margins.accepts_witness_with(honest, {"main.held": initial, "main.required[0][2]": initial})


def test_no_worth_can_be_made_up(margins: CircuitTester) -> None:
    honest = inputs((5, 0, -7, 0), (WIDEST,) * c.MARKETS)
    worth = 5 * WIDEST.mark * PPM + 1
    value = -2 * WIDEST.mark * PPM + 1
    assert not margins.accepts_witness_with(honest, {"main.worth[0]": worth, "main.value": value})
