"""What the margin rates in force make of a lot, and what a halt does to its margin."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
HALTED_LARGEST = replace(MARKET, status=MarketStatus.HALTED)
FOUR = (PERPETUAL, Market(), HALTED, MARKET)


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("MarketRates")


def slots_of_any_status() -> st.SearchStrategy[Market]:
    halted = markets().map(lambda market: replace(market, status=MarketStatus.HALTED))
    return markets() | halted | st.just(Market())


def held_ppm(market: Market) -> int:
    return market.initial_ppm if market.is_open else (1 << c.PPM_BITS) - 1


def inputs(slots: tuple[Market, ...]) -> dict[str, Nested]:
    return {
        "open": [int(market.is_open) for market in slots],
        "lotValue": [lot_value(market) for market in slots],
        "initialPpm": [market.initial_ppm for market in slots],
        "reservePpm": [market.reserve_ppm for market in slots],
        "maintenancePpm": [market.maintenance_ppm for market in slots],
    }


def check(circuit: CircuitTester, slots: tuple[Market, ...]) -> None:
    assert circuit.accepts(inputs(slots))
    assert circuit.witness(inputs(slots)) == {
        "lotInitial": [lot_value(market) * market.initial_ppm for market in slots],
        "lotMaintenance": [lot_value(market) * market.maintenance_ppm for market in slots],
        "lotHeld": [lot_value(market) * held_ppm(market) for market in slots],
        "rateMax": max(market.reserve_ppm for market in slots),
    }


@given(slots=st.tuples(*[slots_of_any_status()] * c.MARKETS))
@settings(max_examples=30)
def test_rates_are_those_of_the_markets(rates: CircuitTester, slots: tuple[Market, ...]) -> None:
    check(rates, slots)


@pytest.mark.parametrize(
    "slots", [FOUR, FOUR[::-1], (MARKET,) * c.MARKETS, (HALTED_LARGEST,) * c.MARKETS, (Market(),) * c.MARKETS]
)
def test_the_largest_and_those_that_are_halted_are_no_exception(
    rates: CircuitTester, slots: tuple[Market, ...]
) -> None:
    check(rates, slots)


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_only_a_halted_market_binds_the_full_value(rates: CircuitTester, slot: int) -> None:
    slots = tuple(HALTED if place == slot else PERPETUAL for place in range(c.MARKETS))
    told = rates.witness(inputs(slots))
    initial, full = PERPETUAL.initial_ppm, (1 << c.PPM_BITS) - 1
    assert told["lotHeld"] == [
        lot_value(PERPETUAL) * (full if place == slot else initial) for place in range(c.MARKETS)
    ]
    assert told["lotInitial"] == [lot_value(each) * each.initial_ppm for each in slots]


def test_a_halted_market_cannot_be_held_as_an_open_one(rates: CircuitTester) -> None:
    initial = HALTED.initial_ppm
    lies = {"main.heldPpm[2]": initial, "main.lotHeld[2]": lot_value(HALTED) * initial}
    assert not rates.accepts_witness_with(inputs(FOUR), lies)


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("signal", ["lotInitial", "lotMaintenance", "heldPpm", "lotHeld"])
def test_a_rate_cannot_be_lied_about(rates: CircuitTester, signal: str, slot: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {f"main.{signal}[{slot}]": 7})


@pytest.mark.parametrize("lie", [0, PERPETUAL.reserve_ppm, 1 << c.PPM_BITS])
def test_the_largest_rate_cannot_be_lied_about(rates: CircuitTester, lie: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {"main.rateMax": lie})
