"""The parameters of a market: their bounds, their word, and the unit in which its positions are counted."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.market import MarketParameters
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL, parameters_bus

PARAMETERS = PERPETUAL.parameters
PPM = (1 << c.PPM_BITS) - 1
LONGEST_HALT = (1 << c.HALT_BITS) - 1
MOST_INTEREST = (1 << c.INTEREST_BITS) - 1
LARGEST = c.NOTIONAL_BOUND >> c.PRICE_BITS
"""The largest max_position x quote_per_tick_lot."""
WIDEST = MarketParameters(
    PPM, PPM, PPM, PPM, (1 << 48) - 1, (1 << 48) - 1, PPM, LONGEST_HALT, PPM, MOST_INTEREST
)
"""Every field at the end of its width."""
REST_BITS = c.MARKET_PARAMETER_BITS - c.MARKET_INITIAL_AT


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedParameters")


@pytest.fixture(scope="module")
def unit() -> CircuitTester:
    return CircuitTester("UnitOf")


def inputs(
    parameters: MarketParameters, lies: Mapping[str, int] | None = None, live: int = 1
) -> dict[str, Nested]:
    return {"parameters": parameters_bus(parameters) | dict(lies or {}), "live": live}


def unit_inputs(word: int, unit: int, rest: int) -> dict[str, Nested]:
    return {"word": word, "rest": rest, "quotePerTickLot": unit}


@st.composite
def allowed(draw: st.DrawFn) -> MarketParameters:
    """Parameters of a live market; each at an end of its range or anywhere."""
    unit = draw(st.integers(1, 3) | st.integers(1, PPM))
    largest = draw(st.just(LARGEST // unit) | st.integers(1, LARGEST // unit))
    initial = draw(st.just(PPM) | st.integers(1, PPM))
    return MarketParameters(
        quote_per_tick_lot=unit,
        initial_ppm=initial,
        maintenance_ppm=draw(st.sampled_from((1, initial)) | st.integers(1, initial)),
        band_ppm=draw(st.just(PPM) | st.integers(1, PPM)),
        min_size=draw(st.sampled_from((1, largest)) | st.integers(1, largest)),
        max_position=largest,
        max_move_ppm=draw(st.just(PPM) | st.integers(1, PPM)),
        halt_seconds=draw(st.just(LONGEST_HALT) | st.integers(1, LONGEST_HALT)),
        liquidation_fee_ppm=draw(st.just(PPM) | st.integers(0, PPM)),
        interest_ppm=draw(st.just(MOST_INTEREST) | st.integers(0, MOST_INTEREST)),
    )


@given(parameters=allowed())
@settings(max_examples=40)
def test_what_a_configuration_may_hold_is_accepted(
    loaded: CircuitTester, parameters: MarketParameters
) -> None:
    parameters.check()
    assert loaded.accepts(inputs(parameters))
    assert loaded.witness(inputs(parameters)) == {"word": parameters.word()}


def test_the_word_cannot_be_lied_about(loaded: CircuitTester) -> None:
    word = PARAMETERS.word()
    assert not loaded.accepts_witness_with(inputs(PARAMETERS), {"main.word": word + 1})


@pytest.mark.parametrize(
    ("field", "smallest", "largest"),
    [
        ("quotePerTickLot", 0, PPM),
        ("initialPpm", PARAMETERS.maintenance_ppm, PPM),
        ("maintenancePpm", 1, PARAMETERS.initial_ppm),
        ("bandPpm", 0, PPM),
        ("minSize", 1, PARAMETERS.max_position),
        ("maxPosition", PARAMETERS.min_size, LARGEST // PARAMETERS.quote_per_tick_lot),
        ("maxMovePpm", 0, PPM),
        ("haltSeconds", 0, LONGEST_HALT),
        ("liquidationFeePpm", 0, PPM),
        ("interestPpm", 0, MOST_INTEREST),
    ],
)
def test_a_parameter_lies_within_its_bounds(
    loaded: CircuitTester, field: str, smallest: int, largest: int
) -> None:
    """The unit of a live market is not 0 because it was not 0 before."""
    for value in (smallest, largest):
        assert loaded.accepts(inputs(PARAMETERS, {field: value}))
    for value in (smallest - 1, largest + 1):
        assert loaded.rejects(inputs(PARAMETERS, {field: value}))


@pytest.mark.parametrize("field", list(parameters_bus(PARAMETERS)))
def test_no_parameter_is_negative(loaded: CircuitTester, field: str) -> None:
    """Nor is the field one that wraps: a half, a third and a millionth are numbers of the field."""
    for value in (-1, *(pow(each, -1, c.FIELD_MODULUS) for each in (2, 3, c.PPM_UNIT))):
        assert loaded.rejects(inputs(PARAMETERS, {field: value}))


@pytest.mark.parametrize(
    "lies",
    [
        {"minSize": 0},
        {"minSize": PARAMETERS.max_position + 1},
        {"minSize": -1, "maxPosition": -1},
        {"minSize": 0, "maxPosition": 0},
        {"maintenancePpm": 0},
        {"maintenancePpm": 0, "initialPpm": 0},
        {"maintenancePpm": PARAMETERS.initial_ppm + 1},
        {"maintenancePpm": PPM + 1, "initialPpm": PPM + 1},
    ],
)
def test_bounds_hold_together(loaded: CircuitTester, lies: dict[str, int]) -> None:
    assert loaded.rejects(inputs(PARAMETERS, lies))


@pytest.mark.parametrize("unit", [1, 2, 1 << 19])
def test_the_largest_position_has_a_bounded_value(loaded: CircuitTester, unit: int) -> None:
    """Bounded by 2^60 at the highest price, whatever a lot is worth."""
    last = replace(PARAMETERS, quote_per_tick_lot=unit, max_position=LARGEST // unit)
    assert loaded.accepts(inputs(last))
    assert loaded.rejects(inputs(last, {"maxPosition": LARGEST // unit + 1}))


def test_a_largest_position_has_30_bits(loaded: CircuitTester) -> None:
    """Even at a unit of 0, which no market has, so that no largest value wraps."""
    last = 1 << 29
    worthless = {"quotePerTickLot": 0, "minSize": last}
    assert loaded.accepts(inputs(PARAMETERS, worthless | {"maxPosition": 2 * last - 1}))
    assert loaded.rejects(inputs(PARAMETERS, worthless | {"maxPosition": 2 * last}))
    assert loaded.rejects(inputs(PARAMETERS, worthless | {"minSize": last + 1, "maxPosition": last + 1}))


def test_a_largest_position_whose_value_wraps_is_rejected(loaded: CircuitTester) -> None:
    """1 / 3 lots at a unit of 3 are worth 1, and (p + 1) / 2 lots at a unit of 2."""
    for unit in (2, 3):
        lots = pow(unit, -1, c.FIELD_MODULUS)
        assert loaded.rejects(inputs(PARAMETERS, {"quotePerTickLot": unit, "maxPosition": lots}))
        assert loaded.rejects(inputs(PARAMETERS, {"quotePerTickLot": lots, "maxPosition": unit}))


def test_the_largest_value_is_that_of_the_parameters(loaded: CircuitTester) -> None:
    """With a unit of 2 the position is worth 2^29."""
    honest = inputs(replace(PARAMETERS, quote_per_tick_lot=1, max_position=LARGEST))
    assert not loaded.accepts_witness_with(honest, {"main.largest": 0})


@pytest.mark.parametrize("field", list(parameters_bus(PARAMETERS)))
def test_a_slot_without_a_market_has_no_parameters(loaded: CircuitTester, field: str) -> None:
    assert loaded.accepts(inputs(MarketParameters(), live=0))
    assert loaded.witness(inputs(MarketParameters(), live=0)) == {"word": 0}
    assert loaded.rejects(inputs(MarketParameters(), {field: 1}, live=0))


def test_parameters_that_no_bound_refuses_need_a_market(loaded: CircuitTester) -> None:
    assert loaded.accepts(inputs(PARAMETERS))
    assert loaded.rejects(inputs(PARAMETERS, live=0))


def test_a_live_market_has_parameters(loaded: CircuitTester) -> None:
    assert loaded.rejects(inputs(MarketParameters()))


def test_a_word_has_one_reading(loaded: CircuitTester) -> None:
    """What one field has more, the field above it has less: the word is the same."""
    fields = parameters_bus(PARAMETERS)
    places = {
        "quotePerTickLot": 0,
        "initialPpm": c.MARKET_INITIAL_AT,
        "maintenancePpm": c.MARKET_MAINTENANCE_AT,
        "bandPpm": c.MARKET_BAND_AT,
        "minSize": c.MARKET_MIN_SIZE_AT,
        "maxPosition": c.MARKET_MAX_POSITION_AT,
        "maxMovePpm": c.MARKET_MAX_MOVE_AT,
        "haltSeconds": c.MARKET_HALT_SECONDS_AT,
        "liquidationFeePpm": c.MARKET_LIQUIDATION_FEE_AT,
        "interestPpm": c.MARKET_INTEREST_AT,
    }
    for (low, at), (high, above) in pairwise(places.items()):
        for sign in (1, -1):
            spilled = {
                low: fields[low] + sign * (1 << (above - at)),
                high: fields[high] - sign,
            }
            assert loaded.rejects(inputs(PARAMETERS, spilled))


# ---- The unit.


@pytest.mark.parametrize(
    "parameters",
    [PARAMETERS, MarketParameters(), WIDEST],
)
def test_the_unit_is_the_lowest_field_of_the_word(unit: CircuitTester, parameters: MarketParameters) -> None:
    word = parameters.word()
    told = unit_inputs(word, parameters.quote_per_tick_lot, word >> c.MARKET_INITIAL_AT)
    assert unit.accepts(told)
    assert unit.rejects(told | {"quotePerTickLot": parameters.quote_per_tick_lot + 1})


def test_another_unit_is_not_that_of_the_word(unit: CircuitTester) -> None:
    """No rest within its range makes up for it: not one less with a unit of 2^20 more, not a fraction."""
    word, own = PARAMETERS.word(), PARAMETERS.quote_per_tick_lot
    for other in (own - 1, own + 1, 0, PPM):
        for rest in (word >> c.MARKET_INITIAL_AT, _quotient(word - other)):
            assert unit.rejects(unit_inputs(word, other, rest))


def test_what_stands_above_the_unit_has_its_width(unit: CircuitTester) -> None:
    last = (1 << REST_BITS) - 1
    assert unit.accepts(unit_inputs(100 + (last << c.MARKET_INITIAL_AT), 100, last))
    for rest in (last + 1, -1):
        assert unit.rejects(unit_inputs(100 + (rest << c.MARKET_INITIAL_AT), 100, rest))


def _quotient(number: int) -> int:
    """Return number / 2^20 in the field."""
    return number * pow(1 << c.MARKET_INITIAL_AT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
