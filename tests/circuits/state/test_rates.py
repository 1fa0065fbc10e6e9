"""What the margin rates in force make of a lot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL
from tests.circuits.step.accounts import MARKET, lot_value, markets

HALTED = replace(
    PERPETUAL, status=MarketStatus.HALTED, parameters=replace(PERPETUAL.parameters, initial_ppm=99_999)
)
SETTLED = replace(PERPETUAL, mark=7, status=MarketStatus.SETTLED, fund_since=c.SETTLED_SINCE)
HALTED_LARGEST = replace(MARKET, status=MarketStatus.HALTED)
FOUR = (PERPETUAL, Market(), HALTED, MARKET)


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("MarketRates")


def slots_of_any_status() -> st.SearchStrategy[Market]:
    halted = markets().map(lambda market: replace(market, status=MarketStatus.HALTED))
    return markets() | halted | st.just(Market())


def inputs(slots: tuple[Market, ...]) -> dict[str, Nested]:
    return {
        "lotValue": [lot_value(market) for market in slots],
        "initialPpm": [market.initial_ppm for market in slots],
        "heldPpm": [market.held_ppm for market in slots],
        "reservePpm": [market.reserve_ppm for market in slots],
        "maintenancePpm": [market.maintenance_ppm for market in slots],
    }


def check(circuit: CircuitTester, slots: tuple[Market, ...]) -> None:
    assert circuit.accepts(inputs(slots))
    assert circuit.witness(inputs(slots)) == {
        "lotInitial": [lot_value(market) * market.initial_ppm for market in slots],
        "lotMaintenance": [lot_value(market) * market.maintenance_ppm for market in slots],
        "lotHeld": [lot_value(market) * market.held_ppm for market in slots],
        "rateMax": max(market.reserve_ppm for market in slots),
    }


@given(slots=st.tuples(*[slots_of_any_status()] * c.MARKETS))
@settings(max_examples=30)
def test_rates_are_those_of_the_markets(rates: CircuitTester, slots: tuple[Market, ...]) -> None:
    check(rates, slots)


@pytest.mark.parametrize(
    "slots",
    [
        FOUR,
        FOUR[::-1],
        (SETTLED, *FOUR[:3]),
        (MARKET,) * c.MARKETS,
        (HALTED_LARGEST,) * c.MARKETS,
        (Market(),) * c.MARKETS,
    ],
)
def test_the_largest_and_those_that_are_not_open_are_no_exception(
    rates: CircuitTester, slots: tuple[Market, ...]
) -> None:
    check(rates, slots)


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("signal", ["lotInitial", "lotMaintenance", "lotHeld"])
def test_a_rate_cannot_be_lied_about(rates: CircuitTester, signal: str, slot: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {f"main.{signal}[{slot}]": 7})


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_the_largest_rate_is_of_those_that_orders_reserve(rates: CircuitTester, slot: int) -> None:
    """Initial, held and maintenance rates of any size leave it."""
    told = inputs((PERPETUAL,) * c.MARKETS)
    for name in ("initialPpm", "heldPpm", "maintenancePpm"):
        told |= {name: [(1 << c.PPM_BITS) - 1] * c.MARKETS}
    assert rates.witness(told)["rateMax"] == PERPETUAL.reserve_ppm
    reserves = [PERPETUAL.reserve_ppm + (place == slot) for place in range(c.MARKETS)]
    assert rates.witness(told | {"reservePpm": reserves})["rateMax"] == PERPETUAL.reserve_ppm + 1


@pytest.mark.parametrize("lie", [0, PERPETUAL.reserve_ppm, 1 << c.PPM_BITS])
def test_the_largest_rate_cannot_be_lied_about(rates: CircuitTester, lie: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {"main.rateMax": lie})
