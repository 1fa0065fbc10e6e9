"""What marks and parameters make of a lot, and which markets trade."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL, parameters_bus
from tests.circuits.step.accounts import MARKET, lot_value, markets

CLOSED = replace(PERPETUAL, status=2, parameters=replace(PERPETUAL.parameters, initial_ppm=99_999))
FOUR = (PERPETUAL, Market(), CLOSED, MARKET)


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("MarketRates")


def inputs(slots: tuple[Market, ...]) -> dict[str, Nested]:
    return {
        "kind": [int(market.kind) for market in slots],
        "status": [int(market.status) for market in slots],
        "mark": [market.mark for market in slots],
        "parameters": [parameters_bus(market.parameters) for market in slots],
    }


def check(circuit: CircuitTester, slots: tuple[Market, ...]) -> None:
    assert circuit.accepts(inputs(slots))
    assert circuit.witness(inputs(slots)) == {
        "tradable": [int(market.tradable) for market in slots],
        "lotValue": [lot_value(market) for market in slots],
        "lotInitial": [lot_value(market) * market.parameters.initial_ppm for market in slots],
        "lotMaintenance": [lot_value(market) * market.parameters.maintenance_ppm for market in slots],
        "rateMax": max(market.parameters.initial_ppm for market in slots),
    }


@given(slots=st.tuples(*[markets() | st.just(Market())] * c.MARKETS))
@settings(max_examples=30)
def test_rates_are_those_of_the_markets(rates: CircuitTester, slots: tuple[Market, ...]) -> None:
    check(rates, slots)


@pytest.mark.parametrize("slots", [FOUR, FOUR[::-1], (MARKET,) * c.MARKETS, (Market(),) * c.MARKETS])
def test_the_largest_and_those_that_do_not_trade_are_no_exception(
    rates: CircuitTester, slots: tuple[Market, ...]
) -> None:
    check(rates, slots)


@pytest.mark.parametrize("status", range(1 << c.STATUS_BITS))
def test_only_an_open_market_trades(rates: CircuitTester, status: int) -> None:
    told = rates.witness(inputs((replace(PERPETUAL, status=status),) * c.MARKETS))
    assert told["tradable"] == [int(status == MarketStatus.OPEN)] * c.MARKETS


def test_a_slot_without_a_market_does_not_trade(rates: CircuitTester) -> None:
    told = rates.witness(inputs((replace(PERPETUAL, kind=0),) * c.MARKETS))
    assert told["tradable"] == [0] * c.MARKETS


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("signal", ["isOpen", "tradable", "lotValue", "lotInitial", "lotMaintenance"])
def test_a_rate_cannot_be_lied_about(rates: CircuitTester, signal: str, slot: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {f"main.{signal}[{slot}]": 7})


@pytest.mark.parametrize("lie", [0, PERPETUAL.parameters.initial_ppm, 1 << c.PPM_BITS])
def test_the_largest_rate_cannot_be_lied_about(rates: CircuitTester, lie: int) -> None:
    assert not rates.accepts_witness_with(inputs(FOUR), {"main.rateMax": lie})
