"""Which side lost what the insurance fund is short of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.shortfall import losing_side
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL
from tests.strategies import DOMAIN, configuration

SLOTS = 2
MARKETS = range(c.MARKETS)
TRADES = [(market, side) for market in MARKETS for side in Side]
LARGEST = 1 << 28
MOST = LARGEST // PERPETUAL.parameters.quote_per_tick_lot
Four = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def losing() -> CircuitTester:
    return CircuitTester("LosingSide", (SLOTS,))


def code(trade: tuple[int, int] | None) -> int:
    return 0 if trade is None else 8 + 2 * trade[0] + trade[1]


def outputs(
    positions: Four, losing: tuple[int, int] | None, *, traded: bool = True, held: bool = True
) -> dict[str, Nested]:
    """What the circuit tells of a fund whose account the batch holds, or does not."""
    return {
        "code": code(losing),
        "lots": [size % c.FIELD_MODULUS if held else 0 for size in positions],
        "traded": int(traded),
    }


def inputs(
    trade: tuple[int, int] | None,
    positions: Four,
    lot_value: Four = (10, 10, 10, 10),
    slot: int | None = 1,
    settled: Four = (0, 0, 0, 0),
) -> dict[str, Nested]:
    """What the circuit is told; the other slot holds far more."""
    held = [slot == place for place in range(SLOTS)]
    return {
        "fundTrade": code(trade),
        "isFund": [int(each) for each in held],
        "position": [
            [size % c.FIELD_MODULUS for size in positions] if each else [9_999] * 4 for each in held
        ],
        "lotValue": lot_value,
        "settled": settled,
    }


LAST = (3, Side.BUY)


@pytest.mark.parametrize(
    ("positions", "lot_value", "expected"),
    [
        ((0, 0, 0, 0), (10, 10, 10, 10), LAST),
        ((1, 0, 0, 0), (10, 10, 10, 10), (0, Side.SELL)),
        ((-1, 0, 0, 0), (10, 10, 10, 10), (0, Side.BUY)),
        ((0, -1, 0, 0), (10, 10, 10, 10), (1, Side.BUY)),
        ((0, 0, 1, 0), (10, 10, 10, 10), (2, Side.SELL)),
        ((0, 0, 0, 1), (10, 10, 10, 10), (3, Side.SELL)),
        ((5, -5, 5, -5), (10, 10, 10, 10), (0, Side.SELL)),
        ((4, -5, 5, -5), (10, 10, 10, 10), (1, Side.BUY)),
        ((4, -5, 6, 6), (10, 10, 10, 10), (2, Side.SELL)),
        ((4, -5, 6, -7), (10, 10, 10, 10), (3, Side.BUY)),
        ((9, 1, 0, 0), (10, 100, 10, 10), (1, Side.SELL)),
        ((9, 1, 0, 0), (10, 90, 10, 10), (0, Side.SELL)),
        ((9, 1, 0, 0), (10, 91, 10, 10), (1, Side.SELL)),
        ((0, 0, 9, -1), (10, 10, 10, 91), (3, Side.BUY)),
        ((1, 0, 0, LARGEST), (10, 10, 10, (1 << 32) - 1), (3, Side.SELL)),
        ((0, -LARGEST, 0, 0), (10, (1 << 32) - 1, 10, 10), (1, Side.BUY)),
    ],
)
def test_the_largest_value_counts_and_of_several_the_first(
    losing: CircuitTester, positions: Four, lot_value: Four, expected: tuple[int, int]
) -> None:
    told = inputs(LAST, positions, lot_value)
    assert losing.accepts(told)
    assert losing.witness(told) == outputs(positions, expected)


@pytest.mark.parametrize(
    ("positions", "settled", "expected"),
    [
        ((4, -5, 6, -7), (0, 0, 0, 0), (3, Side.BUY)),
        ((4, -5, 6, -7), (0, 0, 0, 1), (2, Side.SELL)),
        ((4, -5, 6, -7), (0, 0, 1, 1), (1, Side.BUY)),
        ((4, -5, 6, -7), (0, 1, 1, 1), (0, Side.SELL)),
        ((4, -5, 6, -7), (0, 1, 1, 0), (3, Side.BUY)),
        ((4, -5, 6, -7), (1, 0, 1, 1), (1, Side.BUY)),
        ((4, -5, 6, -7), (1, 1, 1, 1), (3, Side.BUY)),
        ((0, 0, 6, -7), (0, 0, 0, 1), (2, Side.SELL)),
        ((0, 0, 6, -7), (0, 0, 1, 1), (3, Side.BUY)),
        ((7, 0, 6, 0), (1, 0, 1, 0), (0, Side.SELL)),
        ((9, -1, 0, 0), (1, 0, 0, 0), (1, Side.BUY)),
        ((-1, 9, 0, 0), (0, 1, 0, 0), (0, Side.BUY)),
        ((5, -5, 5, -5), (1, 1, 0, 0), (2, Side.SELL)),
        ((5, -5, 5, -5), (1, 1, 1, 1), (0, Side.SELL)),
        ((0, 0, 0, 0), (1, 0, 1, 0), (1, Side.SELL)),
        ((0, 0, 0, 0), (1, 1, 1, 1), (1, Side.SELL)),
    ],
)
def test_a_position_in_a_settled_market_counts_last(
    losing: CircuitTester, positions: Four, settled: Four, expected: tuple[int, int]
) -> None:
    """However much it is worth; and before the last trade, which counts where nothing is held."""
    told = inputs((1, Side.SELL), positions, settled=settled)
    assert losing.accepts(told)
    assert losing.witness(told) == outputs(positions, expected)


def test_the_most_that_is_settled_is_less_than_a_unit_that_is_not(losing: CircuitTester) -> None:
    most = (1 << 60) // LARGEST
    for slot in range(1, c.MARKETS):
        positions = tuple(LARGEST if place == 0 else -(place == slot) for place in range(c.MARKETS))
        told = inputs(LAST, positions, (most, 1, 1, 1), settled=(1, 0, 0, 0))  # type: ignore[arg-type]
        assert losing.witness(told)["code"] == code((slot, Side.BUY))


@pytest.mark.parametrize("trade", TRADES)
def test_who_holds_nothing_has_lost_by_its_last_trade(losing: CircuitTester, trade: tuple[int, int]) -> None:
    assert losing.witness(inputs(trade, (0, 0, 0, 0))) == outputs((0, 0, 0, 0), trade)


@pytest.mark.parametrize("positions", [(0, 0, 0, 0), (3, -4, 5, -6)])
def test_without_a_trade_nobody_has(losing: CircuitTester, positions: Four) -> None:
    """What the fund holds is told all the same."""
    assert losing.witness(inputs(None, positions)) == outputs(positions, None, traded=False)


@pytest.mark.parametrize("slot", range(SLOTS))
def test_the_fund_is_in_whichever_slot_is_its_own(losing: CircuitTester, slot: int) -> None:
    told = inputs(LAST, (3, -4, 5, -6), slot=slot)
    assert losing.witness(told) == outputs((3, -4, 5, -6), (3, Side.BUY))


def test_without_a_fund_nothing_is_held(losing: CircuitTester) -> None:
    told = losing.witness(inputs(LAST, (3, -4, 5, -6), slot=None))
    assert told == outputs((3, -4, 5, -6), LAST, held=False)


@given(
    positions=st.tuples(*[st.integers(-3, 3) | st.integers(-MOST, MOST)] * c.MARKETS),
    marks=st.tuples(*[st.integers(1, 5) | st.integers(1, c.RANK_MAX)] * c.MARKETS),
    trade=st.sampled_from(TRADES) | st.none(),
    settled=st.just((0, 0, 0, 0)) | st.tuples(*[st.integers(0, 1)] * c.MARKETS),
)
@settings(max_examples=60)
def test_it_is_the_engines(
    losing: CircuitTester, positions: Four, marks: Four, trade: tuple[int, int] | None, settled: Four
) -> None:
    markets = [
        replace(PERPETUAL, mark=mark, long_index=0, short_index=0, fund_since=flag)
        for mark, flag in zip(marks, settled, strict=True)
    ]
    fund = Account(c.INSURANCE_OWNER, 0, positions)
    terms = configuration(tuple(market.parameters for market in markets))
    state = State(terms, DOMAIN, {c.INSURANCE_ACCOUNT: fund}, markets)
    if trade is not None:
        state.note_fund_trade(*trade)
    values = tuple(market.value(1) for market in markets)
    told = inputs(trade, positions, values, settled=settled)  # type: ignore[arg-type]
    assert losing.witness(told) == outputs(positions, losing_side(state), traded=trade is not None)


@pytest.mark.parametrize("position", [1 << 29, -(1 << 29) - 1])
def test_a_position_has_29_bits_and_a_sign(losing: CircuitTester, position: int) -> None:
    assert losing.rejects(inputs(LAST, (position, 0, 0, 0), (1, 1, 1, 1)))


def test_a_difference_of_ranks_has_62_bits_and_a_sign(losing: CircuitTester) -> None:
    assert losing.accepts(inputs(LAST, (0, 0, 0, 1), (1, 1, 1, 1 << 61)))
    assert losing.rejects(inputs(LAST, (0, 0, 0, 1), (1, 1, 1, (1 << 61) + 1)))


HELD, EMPTY = inputs(LAST, (4, -5, 6, -7)), inputs(LAST, (0, 0, 0, 0))
AT_REST = inputs(LAST, (4, -5, 6, -7), settled=(1, 1, 1, 1))


@pytest.mark.parametrize(
    ("told", "lie"),
    [
        *((HELD, {f"held[1][{market}]": 1}) for market in MARKETS),
        *((HELD, {f"held[0][{market}]": 1}) for market in MARKETS),
        # That of the first market is its place.
        (HELD, {"place[0]": 0}),
        *((HELD, {f"isLong[{market}].out": 1 - (market == 2)}) for market in MARKETS[1:]),
        *((HELD, {f"size[{market}]": 1}) for market in MARKETS),
        *((HELD, {f"worth[{market}]": 1}) for market in MARKETS),
        *((HELD, {f"holdsNone[{market}].out": 1}) for market in MARKETS),
        *((EMPTY, {f"holdsNone[{market}].out": 0}) for market in MARKETS),
        *((HELD, {f"atRisk[{market}]": 0}) for market in MARKETS),
        *((EMPTY, {f"atRisk[{market}]": 1}) for market in MARKETS),
        *((AT_REST, {f"atRisk[{market}]": 1}) for market in MARKETS),
        *((HELD, {f"ranked[{market}]": 1}) for market in MARKETS[1:]),
        *((HELD, {f"larger[{place}].out": 0}) for place in range(3)),
        *((inputs(LAST, (9, 1, 1, 1)), {f"larger[{place}].out": 1}) for place in range(3)),
        *((HELD, {f"largest[{place}]": 1}) for place in range(1, 4)),
        *((HELD, {f"place[{place}]": 1}) for place in range(1, 4)),
        (HELD, {"none": 1}),
        (EMPTY, {"none": 0}),
        (HELD, {"held[0][1]": 1, "held[1][1]": c.FIELD_MODULUS - 6}),
        (inputs(LAST, (0, 5, 0, 0)), {"place[0]": 0}),
        (inputs(LAST, (0, 5, 0, 0), (0, 10, 10, 10)), {"size[0]": 7}),
        (EMPTY, {"larger[0].out": 1, "place[1]": 3, "place[2]": 3, "place[3]": 3}),
        *((HELD, {f"lots[{market}]": 1}) for market in MARKETS),
        *((EMPTY, {f"lots[{market}]": 1}) for market in MARKETS),
        (HELD, {"idle": 1}),
        (HELD, {"idle": 1, "traded": 0, "code": 0}),
        (HELD, {"traded": 0, "code": 0}),
        (HELD, {"traded": 0}),
        (HELD, {"losing": 8, "code": 8}),
        (inputs(None, (4, -5, 6, -7)), {"idle": 0}),
        (inputs(None, (4, -5, 6, -7)), {"idle": 0, "traded": 1, "code": code(LAST)}),
        (inputs(None, (4, -5, 6, -7)), {"traded": 1, "code": code(LAST)}),
        (inputs(None, (0, 0, 0, 0)), {"traded": 1}),
        (HELD, {"losing": 8}),
        (HELD, {"code": 8}),
    ],
)
def test_no_value_on_the_way_is_free(
    losing: CircuitTester, told: dict[str, Nested], lie: dict[str, int]
) -> None:
    overrides = {f"main.{signal}": value for signal, value in lie.items()}
    assert not losing.accepts_witness_with(told, overrides)
