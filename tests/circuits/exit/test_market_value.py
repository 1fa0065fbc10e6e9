"""What a lot is worth stands in the market's words, in one reading."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.market import Market, MarketParameters
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import INDICES, PERPETUAL

PPM = (1 << c.PPM_BITS) - 1
LARGEST = replace(
    PERPETUAL,
    status=15,
    mark=(1 << c.PRICE_BITS) - 1,
    oracle_time=(1 << c.TIME_BITS) - 1,
    bid_orders=(1 << c.ORDERS_BITS) - 1,
    ask_orders=(1 << c.ORDERS_BITS) - 1,
    long_index=(1 << c.INDEX_BITS) - 1,
    short_index=-(1 << c.INDEX_BITS),
    open_interest=(1 << c.SIZE_BITS) - 1,
    parameters=MarketParameters(
        PPM,
        PPM,
        PPM,
        PPM,
        (1 << c.SIZE_BITS) - 1,
        (1 << c.SIZE_BITS) - 1,
        PPM,
        PPM,
        PPM,
        (1 << c.INTEREST_BITS) - 1,
    ),
    halted_until=(1 << c.TIME_BITS) - 1,
    sampled_mark=(1 << c.PRICE_BITS) - 1,
    volatility_ppm=PPM,
    volatility_addon_ppm=PPM,
    open_interest_addon_ppm=PPM,
)
WORD_BITS = 250
WORDS = ("priceWord", "longIndex", "shortIndex", "parameterWord", "riskWord")


@pytest.fixture(scope="module")
def value() -> CircuitTester:
    return CircuitTester("MarketValue")


def inputs(market: Market) -> dict[str, Nested]:
    return dict(zip(WORDS, market.words(), strict=True))


def markets() -> st.SearchStrategy[Market]:
    price = st.integers(0, LARGEST.mark)
    parameters = st.builds(MarketParameters, *[st.integers(0, PPM)] * 4, *[st.integers(0, 1 << 40)] * 2)
    indices = {"long_index": INDICES, "short_index": INDICES}
    fields = {"mark": price, "oracle_time": price, "open_interest": price, "sampled_mark": price, **indices}
    return st.builds(replace, st.just(PERPETUAL), parameters=parameters, **fields)


def require_value(circuit: CircuitTester, market: Market) -> None:
    assert circuit.accepts(inputs(market))
    assert circuit.witness(inputs(market)) == {
        "leaf": market.leaf(),
        "lotValue": market.mark * market.parameters.quote_per_tick_lot,
    }


@given(market=markets())
@settings(max_examples=25)
def test_leaf_and_value_are_those_of_the_sequencer(value: CircuitTester, market: Market) -> None:
    require_value(value, market)


@pytest.mark.parametrize("market", [Market(), PERPETUAL, LARGEST, replace(PERPETUAL, mark=0)])
def test_every_market_of_a_state_has_a_value(value: CircuitTester, market: Market) -> None:
    require_value(value, market)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("lie", [2, LARGEST.mark << c.MARKET_MARK_AT])
def test_a_slot_without_a_market_has_no_words(value: CircuitTester, word: str, lie: int) -> None:
    """Its leaf is 0 whatever is hashed, so no root would refuse a mark and a lot made up for it."""
    assert value.rejects(inputs(Market()) | {word: lie})


def test_a_market_that_exists_cannot_be_hidden(value: CircuitTester) -> None:
    assert not value.accepts_witness_with(inputs(PERPETUAL), {"main.leaf": 0})
    assert value.rejects(inputs(PERPETUAL) | {"priceWord": PERPETUAL.price_word() - 1})


@pytest.mark.parametrize("word", ["priceWord", "parameterWord"])
def test_a_word_of_more_bits_than_have_one_reading_is_rejected(value: CircuitTester, word: str) -> None:
    assert value.accepts(inputs(LARGEST))
    honest = inputs(PERPETUAL)[word]
    assert isinstance(honest, int)
    assert value.accepts(inputs(PERPETUAL) | {word: honest + (1 << WORD_BITS - 1)})
    for lie in (honest + (1 << WORD_BITS), -honest):
        assert value.rejects(inputs(PERPETUAL) | {word: lie})


@pytest.mark.parametrize(("bits", "first"), [("price", c.MARKET_MARK_AT), ("parameter", 0)])
def test_no_second_decomposition_makes_a_lot_dearer(value: CircuitTester, bits: str, first: int) -> None:
    """A bit that is 2 stands for the next one; a bit more is worth a bit more."""
    held = PERPETUAL.mark if bits == "price" else PERPETUAL.parameters.quote_per_tick_lot
    low = next(place for place in range(32) if held >> place & 3 == 2)
    doubled = {f"main.{bits}[{first + low}]": 2, f"main.{bits}[{first + low + 1}]": 0}
    other = held + (1 << low)
    rest = PERPETUAL.parameters.quote_per_tick_lot if bits == "price" else PERPETUAL.mark
    dearer = {f"main.{bits}[{first + low}]": 1, "main.lotValue": other * rest}
    assert not value.accepts_witness_with(inputs(PERPETUAL), doubled)
    assert not value.accepts_witness_with(inputs(PERPETUAL), dearer)


@pytest.mark.parametrize("lie", [{"leaf": 5}, {"lotValue": 5}, {"leaf": 5, "hash": 5}])
def test_what_a_market_tells_cannot_be_lied_about(value: CircuitTester, lie: dict[str, int]) -> None:
    honest = value.witness(inputs(PERPETUAL))
    assert honest["leaf"] == poseidon(PERPETUAL.words())
    told = {f"main.{signal}": number for signal, number in lie.items()}
    assert not value.accepts_witness_with(inputs(PERPETUAL), told)
