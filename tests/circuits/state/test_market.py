"""The leaf of a market, and what the loader demands of one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind
from sequencer.model.market import Market, MarketParameters
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import INDICES, PERPETUAL, market_bus

WIDTHS = {
    "status": c.STATUS_BITS,
    "mark": c.PRICE_BITS,
    "haltedUntil": c.TIME_BITS,
    "reducedUntil": c.TIME_BITS,
    "openInterest": c.SIZE_BITS,
    "sampledMark": c.PRICE_BITS,
    "volatility": c.PPM_BITS,
    "volatilityAddon": c.PPM_BITS,
    "openInterestAddon": c.PPM_BITS,
    "congestionAddon": c.PPM_BITS,
    "tierPpm": c.PPM_BITS,
    "fundSince": c.TIME_BITS,
}
RISKS = {
    "openInterest": 0,
    "sampledMark": c.RISK_SAMPLED_MARK_AT,
    "volatility": c.RISK_VOLATILITY_AT,
    "volatilityAddon": c.RISK_VOLATILITY_ADDON_AT,
    "openInterestAddon": c.RISK_OPEN_INTEREST_ADDON_AT,
    "congestionAddon": c.RISK_CONGESTION_ADDON_AT,
    "tierPpm": c.RISK_TIER_AT,
    "fundSince": c.RISK_FUND_SINCE_AT,
}


@pytest.fixture(scope="module")
def leaf() -> CircuitTester:
    return CircuitTester("MarketLeaf")


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedMarket")


def unsigned(bits: int) -> st.SearchStrategy[int]:
    return st.sampled_from((0, (1 << bits) - 1)) | st.integers(0, (1 << bits) - 1)


def markets() -> st.SearchStrategy[Market]:
    parameters = st.builds(
        MarketParameters,
        *[unsigned(c.PPM_BITS)] * 4,
        *[unsigned(c.SIZE_BITS)] * 2,
        unsigned(c.PPM_BITS),
        unsigned(c.HALT_BITS),
        unsigned(c.PPM_BITS),
        unsigned(c.INTEREST_BITS),
    )
    return st.builds(
        Market,
        st.sampled_from(MarketKind),
        unsigned(c.STATUS_BITS),
        unsigned(c.PRICE_BITS),
        unsigned(c.TIME_BITS),
        unsigned(c.ORDERS_BITS),
        unsigned(c.ORDERS_BITS),
        INDICES,
        INDICES,
        unsigned(c.SIZE_BITS),
        parameters,
        unsigned(c.TIME_BITS),
        unsigned(c.TIME_BITS),
        unsigned(c.PRICE_BITS),
        *[unsigned(c.PPM_BITS)] * 5,
        unsigned(c.TIME_BITS),
    )


def loaded_inputs(market: Market, lies: dict[str, int]) -> dict[str, Nested]:
    """Lies are about fields of the bus; the words of fields stay those of `market`."""
    return {
        "market": market_bus(market) | lies,
        "priceWord": market.price_word(),
        "riskWord": market.risk_word(),
    }


@given(market=markets())
@settings(max_examples=25)
def test_the_leaf_is_that_of_the_sequencer(leaf: CircuitTester, market: Market) -> None:
    inputs: dict[str, Nested] = {"market": market_bus(market)}
    assert leaf.accepts(inputs)
    assert leaf.witness(inputs) == {
        "priceWord": market.price_word(),
        "riskWord": market.risk_word(),
        "leaf": market.leaf(),
    }


@pytest.mark.parametrize("signal", ["priceWord", "riskWord", "leaf"])
def test_what_the_leaf_tells_cannot_be_lied_about(leaf: CircuitTester, signal: str) -> None:
    assert not leaf.accepts_witness_with({"market": market_bus(PERPETUAL)}, {f"main.{signal}": 0})


def test_a_slot_without_a_market_has_no_other_leaf(leaf: CircuitTester) -> None:
    inputs: dict[str, Nested] = {"market": market_bus(Market())}
    assert leaf.witness(inputs)["leaf"] == 0
    assert not leaf.accepts_witness_with(inputs, {"main.leaf": PERPETUAL.leaf()})


@pytest.mark.parametrize("market", [PERPETUAL, Market(), Market(kind=MarketKind.PERPETUAL)])
def test_any_market_of_the_state_can_be_loaded(loaded: CircuitTester, market: Market) -> None:
    assert loaded.accepts(loaded_inputs(market, {}))


@pytest.mark.parametrize(("field", "bits"), list(WIDTHS.items()))
def test_a_field_fills_its_width_and_no_more(loaded: CircuitTester, field: str, bits: int) -> None:
    assert loaded.accepts(loaded_inputs(PERPETUAL, {field: (1 << bits) - 1}))
    assert loaded.rejects(loaded_inputs(PERPETUAL, {field: 1 << bits}))
    assert loaded.rejects(loaded_inputs(PERPETUAL, {field: -1}))


@pytest.mark.parametrize("time", [1 << c.TIME_BITS, -1])
def test_the_oracle_time_is_ranged_where_the_round_is_loaded(loaded: CircuitTester, time: int) -> None:
    """It is one for all markets."""
    assert loaded.accepts(loaded_inputs(PERPETUAL, {"oracleTime": time}))


@pytest.mark.parametrize("side", ["bidOrders", "askOrders"])
def test_a_loaded_side_has_no_more_orders_than_it_may_have(loaded: CircuitTester, side: str) -> None:
    assert loaded.accepts(loaded_inputs(PERPETUAL, {side: c.SIDE_ORDERS_MAX}))
    assert loaded.rejects(loaded_inputs(PERPETUAL, {side: c.SIDE_ORDERS_MAX + 1}))
    assert loaded.rejects(loaded_inputs(PERPETUAL, {side: -1}))


@pytest.mark.parametrize("kind", [2, -1])
def test_a_kind_is_0_or_1(loaded: CircuitTester, kind: int) -> None:
    assert loaded.rejects(loaded_inputs(Market(), {"kind": kind}))


@pytest.mark.parametrize("index", ["longIndex", "shortIndex"])
@pytest.mark.parametrize("value", [(1 << c.INDEX_BITS) - 1, 0, -1, -(1 << c.INDEX_BITS)])
def test_an_index_has_a_sign(loaded: CircuitTester, leaf: CircuitTester, index: str, value: int) -> None:
    is_long = index == "longIndex"
    market = replace(PERPETUAL, long_index=value) if is_long else replace(PERPETUAL, short_index=value)
    assert loaded.accepts(loaded_inputs(PERPETUAL, {index: value}))
    told: dict[str, Nested] = {"market": market_bus(PERPETUAL) | {index: value}}
    assert leaf.witness(told)["leaf"] == market.leaf()


@pytest.mark.parametrize("value", [16, -1])
def test_a_slot_without_a_market_holds_nothing(loaded: CircuitTester, value: int) -> None:
    for word in ("priceWord", "riskWord"):
        assert loaded.rejects(loaded_inputs(Market(), {}) | {word: value})


@pytest.mark.parametrize("word", ["longIndex", "shortIndex", "parameterWord"])
@pytest.mark.parametrize("value", [1, -1, PERPETUAL.parameters.word()])
def test_a_slot_without_a_market_has_no_other_word(loaded: CircuitTester, word: str, value: int) -> None:
    assert loaded.accepts(loaded_inputs(Market(), {}))
    assert loaded.rejects(loaded_inputs(Market(), {word: value}))


def test_a_risk_word_has_one_reading(loaded: CircuitTester, leaf: CircuitTester) -> None:
    """What one field has more, the field above it has less: the word is the same."""
    fields = market_bus(PERPETUAL)
    for (low, at), (high, above) in pairwise(RISKS.items()):
        one, other = fields[low], fields[high]
        assert isinstance(one, int)
        assert isinstance(other, int)
        for sign in (1, -1):
            spilled = {low: one + sign * (1 << (above - at)), high: other - sign}
            told: dict[str, Nested] = {"market": fields | spilled}
            assert leaf.witness(told) == leaf.witness({"market": fields})
            assert loaded.rejects(loaded_inputs(PERPETUAL, spilled))
