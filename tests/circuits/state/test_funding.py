"""What accrues, what an account owes of it, and what it has paid when it leaves a batch."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.funding import accrued, with_current_indices
from sequencer.model import constants as c
from sequencer.model.account import Account, position_word
from sequencer.model.funding import unsettled
from sequencer.model.market import Market, MarketParameters
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import INDICES, PERPETUAL

SIZE_BITS = 29
"""As in a batch, where a position has 2^28 lots at most."""
LARGEST = 1 << 28
LOWEST, HIGHEST = -(1 << c.INDEX_BITS), (1 << c.INDEX_BITS) - 1
POOREST, RICHEST = -c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1
UNIT = c.INDEX_UNIT
STEEPEST = (1 << c.PPM_BITS) - 1
SLOTS = range(c.MARKETS)
SIZES = st.integers(-3, 3) | st.integers(-LARGEST, LARGEST)
NOTHING = (0,) * c.MARKETS
Four = Sequence[int]


@pytest.fixture(scope="module")
def accrual() -> CircuitTester:
    return CircuitTester("Accrual")


@pytest.fixture(scope="module")
def side() -> CircuitTester:
    return CircuitTester("PositionSide", (SIZE_BITS,))


@pytest.fixture(scope="module")
def settlement() -> CircuitTester:
    return CircuitTester("Settlement", (SIZE_BITS,))


@pytest.fixture(scope="module")
def indices() -> CircuitTester:
    return CircuitTester("SettledIndices", (SIZE_BITS,))


def markets_of(longs: Four, shorts: Four) -> tuple[Market, ...]:
    return tuple(
        replace(PERPETUAL, long_index=long, short_index=short)
        for long, short in zip(longs, shorts, strict=True)
    )


def in_slot(slot: int, value: int) -> tuple[int, ...]:
    return tuple(value if place == slot else 0 for place in SLOTS)


# ---- What accrues.


def accrual_inputs(market: Market, rate: int, seconds: int) -> dict[str, Nested]:
    return {
        "longBefore": market.long_index,
        "shortBefore": market.short_index,
        "markBefore": market.mark,
        "quotePerTickLot": market.parameters.quote_per_tick_lot,
        "rate": rate,
        "elapsed": seconds,
    }


def check_accrual(circuit: CircuitTester, before: Market, rate: int, seconds: int) -> None:
    after = accrued(before, rate, before.oracle_time + seconds)
    assert circuit.accepts(accrual_inputs(before, rate, seconds))
    assert circuit.witness(accrual_inputs(before, rate, seconds)) == {
        "long": to_field(after.long_index),
        "short": to_field(after.short_index),
    }


@given(
    mark=st.integers(0, c.RANK_MAX),
    unit=st.integers(1, (1 << c.PPM_BITS) - 1),
    rate=st.integers(-3, 3) | st.integers(-STEEPEST, STEEPEST),
    before=st.tuples(INDICES, INDICES),
    seconds=st.integers(0, 100) | st.integers(0, (1 << c.TIME_BITS) - 1),
)
@settings(max_examples=40)
def test_indices_accrue_as_in_the_engine(
    accrual: CircuitTester, mark: int, unit: int, rate: int, before: tuple[int, int], seconds: int
) -> None:
    parameters = MarketParameters(unit)
    market = replace(PERPETUAL, mark=mark, long_index=before[0], short_index=before[1], parameters=parameters)
    check_accrual(accrual, market, rate, seconds)


@pytest.mark.parametrize("rate", [STEEPEST, -STEEPEST])
@pytest.mark.parametrize("seconds", [1, 10, 28_800, (1 << c.TIME_BITS) - 1])
def test_the_largest_rate_of_all_time_accrues(accrual: CircuitTester, rate: int, seconds: int) -> None:
    unit = MarketParameters((1 << c.PPM_BITS) - 1)
    dear = replace(PERPETUAL, mark=c.RANK_MAX, long_index=-5, short_index=7, parameters=unit)
    check_accrual(accrual, dear, rate, seconds)


def test_the_first_round_and_a_slot_without_a_market_accrue_nothing(accrual: CircuitTester) -> None:
    first = accrual_inputs(replace(PERPETUAL, mark=0), STEEPEST, 1_600_000_000)
    nothing = accrual_inputs(Market(), 0, 1_600_000_000)
    assert accrual.witness(first) == {"long": PERPETUAL.long_index, "short": to_field(PERPETUAL.short_index)}
    assert accrual.witness(nothing) == {"long": 0, "short": 0}


@pytest.mark.parametrize("rate", [100, -100])
def test_what_accrues_cannot_be_lied_about(accrual: CircuitTester, rate: int) -> None:
    """Every product is followed up to the indices, so that nothing else is wrong."""
    market, seconds = replace(PERPETUAL, mark=3), 10
    told = accrual_inputs(market, rate, seconds)

    def leading_to(amount: int) -> dict[str, int]:
        long, short = market.long_index + amount, market.short_index - amount
        return {"main.accrued": to_field(amount), "main.long": to_field(long), "main.short": to_field(short)}

    assert accrual.accepts_witness_with(told, leading_to(rate * 300 * seconds))
    dearer = {"main.lotValue": 400, "main.perSecond": to_field(rate * 400)}
    assert not accrual.accepts_witness_with(told, dearer | leading_to(rate * 400 * seconds))
    turned = {"main.perSecond": to_field(-rate * 300)}
    assert not accrual.accepts_witness_with(told, turned | leading_to(-rate * 300 * seconds))
    assert not accrual.accepts_witness_with(told, {"main.perSecond": 0} | leading_to(0))
    assert not accrual.accepts_witness_with(told, leading_to(0))
    for signal in ("long", "short"):
        assert not accrual.accepts_witness_with(told, {f"main.{signal}": 5})


# ---- The side of a position.


def side_inputs(position: int) -> dict[str, Nested]:
    return {"position": position, "longIndex": 11, "shortIndex": -13}


@pytest.mark.parametrize("position", [1, 5, LARGEST, (1 << SIZE_BITS) - 1])
def test_a_position_is_of_the_side_of_its_sign(side: CircuitTester, position: int) -> None:
    for told, size, index in ((position, position, 11), (-position, position, -13), (0, 0, 11)):
        assert side.accepts(side_inputs(told))
        assert side.witness(side_inputs(told)) == {"size": size, "index": to_field(index)}


@pytest.mark.parametrize("position", [1 << SIZE_BITS, -(1 << SIZE_BITS) - 1, 1 << 64, -(1 << 64)])
def test_a_position_without_a_sign_is_rejected(side: CircuitTester, position: int) -> None:
    assert side.accepts(side_inputs(-(1 << SIZE_BITS)))
    assert side.rejects(side_inputs(position))


def test_a_short_does_not_pass_as_a_long(side: CircuitTester) -> None:
    """With a negative size it would be owed what it owes, and lower the margins."""
    short = side_inputs(-5)
    for lie in (
        {"main.isLong": 1},
        {"main.isLong": 1, "main.size": to_field(-5), "main.index": 11},
        {"main.size": to_field(-5)},
        {"main.size": 4},
        {"main.index": 11},
        {"main.index": 0},
    ):
        assert not side.accepts_witness_with(short, lie)


def test_a_long_does_not_pass_as_a_short(side: CircuitTester) -> None:
    for position in (0, 5):
        lie = {"main.isLong": 0, "main.size": to_field(-position), "main.index": to_field(-13)}
        assert not side.accepts_witness_with(side_inputs(position), lie)


# ---- Settlement.


def settlement_inputs(
    positions: Four, held: Four, longs: Four, shorts: Four, collateral: int = 0
) -> dict[str, Nested]:
    charge = unsettled(positions, held, markets_of(longs, shorts))
    return {
        "collateral": collateral,
        "settled": collateral - charge,
        "position": positions,
        "index": held,
        "longIndex": longs,
        "shortIndex": shorts,
    }


def owing(owed: int, collateral: int = 0, position: int = 1) -> dict[str, Nested]:
    """An account with lots of the first market, each of which owes so much of an index."""
    indices = in_slot(0, owed)
    return settlement_inputs(in_slot(0, position), NOTHING, indices, indices, collateral)


@st.composite
def unsettled_accounts(draw: st.DrawFn) -> dict[str, Nested]:
    """Accounts that owe, or are owed, what leaves any collateral within its bounds."""
    sizes, distance = draw(st.sampled_from([(SIZES, 2), (SIZES, 1 << 65), (st.integers(-2, 2), 1 << 92)]))
    positions, longs, shorts = (draw(st.tuples(*[each] * c.MARKETS)) for each in (sizes, INDICES, INDICES))
    held = []
    for size, market in zip(positions, markets_of(longs, shorts), strict=True):
        index = market.index(size) + draw(st.integers(-distance, distance))
        held.append(min(HIGHEST, max(LOWEST, index)))
    return settlement_inputs(positions, held, longs, shorts, draw(st.integers(-(1 << 61), 1 << 61)))


@given(told=unsettled_accounts())
@settings(max_examples=60)
def test_an_account_is_charged_what_the_engine_charges(
    settlement: CircuitTester, told: dict[str, Any]
) -> None:
    assert settlement.accepts(told)
    assert settlement.witness(told) == {"size": [abs(size) for size in told["position"]]}
    for lie in (told["settled"] - 1, told["settled"] + 1):
        assert settlement.rejects(told | {"settled": lie})


@pytest.mark.parametrize("position", [1, -1])
@pytest.mark.parametrize(
    ("owed", "charge"),
    [
        (0, 0),
        (1, 1),
        (-1, 0),
        (UNIT - 1, 1),
        (UNIT, 1),
        (UNIT + 1, 2),
        (1 - UNIT, 0),
        (-UNIT, -1),
        (-UNIT - 1, -1),
        (7 * UNIT, 7),
        (-7 * UNIT, -7),
    ],
)
def test_a_charge_is_rounded_against_the_account(
    settlement: CircuitTester, position: int, owed: int, charge: int
) -> None:
    told = owing(owed, 5, position)
    assert told["settled"] == 5 - charge
    assert settlement.accepts(told)


@pytest.mark.parametrize("rest", [0, 1, 1 << 32, (1 << 35) - UNIT - 1, UNIT // 2, 24 * 10**9, UNIT - 1])
def test_an_account_is_charged_neither_less_nor_more(settlement: CircuitTester, rest: int) -> None:
    """A rest of a unit more may have as few bits as one in range, and so may what is missing to a unit."""
    told = owing(-rest)
    assert told["settled"] == 0
    assert settlement.accepts(told)
    for lie in (1, -1, 2, -2, 1 << 61, -(1 << 61)):
        assert settlement.rejects(told | {"settled": lie})


@pytest.mark.parametrize("rest", [0, 1, 12_345])
def test_a_charge_is_no_fraction(settlement: CircuitTester, rest: int) -> None:
    """Any rest is that of some field element; of the one that is honest it is 2."""
    told = owing(3 * UNIT - 2, 1_000)
    assert told["settled"] == 997
    share = (3 * UNIT - 2 + rest) * pow(UNIT, -1, c.FIELD_MODULUS)
    assert settlement.rejects(told | {"settled": (1_000 - share) % c.FIELD_MODULUS})


@pytest.mark.parametrize("owed", [0, UNIT, -UNIT])
@pytest.mark.parametrize(
    ("settled", "fits"), [(POOREST, True), (POOREST - 1, False), (RICHEST, True), (RICHEST + 1, False)]
)
def test_a_settled_collateral_is_within_its_bounds(
    settlement: CircuitTester, owed: int, settled: int, fits: bool
) -> None:
    told = owing(owed, settled + owed // UNIT)
    assert told["settled"] == settled
    assert settlement.rejects(told) != fits
    assert settlement.accepts(told) == fits


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("index", [LOWEST, HIGHEST])
@pytest.mark.parametrize("size", [1, -1, LARGEST, -LARGEST])
def test_the_largest_positions_are_settled_at_the_ends_of_the_indices(
    settlement: CircuitTester, slot: int, index: int, size: int
) -> None:
    """The largest that an account owes for one market is a charge that its collateral can hold."""
    ends = in_slot(slot, index)
    assert settlement.accepts(settlement_inputs(in_slot(slot, size), ends, ends, ends))
    inwards = 1 if index == LOWEST else -1
    for away in (UNIT, RICHEST // abs(size) * UNIT):
        now = in_slot(slot, index + inwards * away)
        assert settlement.accepts(settlement_inputs(in_slot(slot, size), ends, now, now))


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("index", [LOWEST - 1, HIGHEST + 1])
def test_an_index_without_a_sign_is_rejected(settlement: CircuitTester, slot: int, index: int) -> None:
    """Even where nobody has a position, which would owe nothing."""
    assert settlement.rejects(settlement_inputs(NOTHING, in_slot(slot, index), NOTHING, NOTHING))
    inner = min(HIGHEST, max(LOWEST, index))
    assert settlement.accepts(settlement_inputs(NOTHING, in_slot(slot, inner), NOTHING, NOTHING))


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("size", [1 << SIZE_BITS, -(1 << SIZE_BITS) - 1])
def test_a_position_is_within_its_bounds(settlement: CircuitTester, slot: int, size: int) -> None:
    assert settlement.rejects(settlement_inputs(in_slot(slot, size), NOTHING, NOTHING, NOTHING))
    inner = min((1 << SIZE_BITS) - 1, max(-(1 << SIZE_BITS), size))
    assert settlement.accepts(settlement_inputs(in_slot(slot, inner), NOTHING, NOTHING, NOTHING))


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("size", [5, -5])
@pytest.mark.parametrize("lots", [1, -1, 4, -4, 5, 6, LARGEST, 1 << 64, -(1 << 64), 1 << 128, 3 << 64])
def test_a_word_of_a_position_has_one_reading(
    settlement: CircuitTester, slot: int, size: int, lots: int
) -> None:
    """Lots more, and an index less by a share of 2^64, modulo p: whatever it would owe, it is refused."""
    index = 9 * UNIT
    share = lots * pow(1 << c.POSITION_INDEX_AT, -1, c.FIELD_MODULUS)
    position, held = size + lots, (index - share) % c.FIELD_MODULUS
    word = (position + (held << c.POSITION_INDEX_AT)) % c.FIELD_MODULUS
    assert word == position_word(size, index)
    # At the indices that it says it was settled at, it owes nothing.
    there = in_slot(slot, held)
    assert settlement.rejects(settlement_inputs(in_slot(slot, position), there, there, there))
    told = settlement_inputs(in_slot(slot, size), in_slot(slot, index), NOTHING, NOTHING)
    assert settlement.accepts(told)
    other = {"position": in_slot(slot, position), "index": there}
    assert settlement.rejects(told | other)


def test_a_sum_of_markets_is_rounded_once(settlement: CircuitTester) -> None:
    third = (UNIT // 3,) * c.MARKETS
    told = settlement_inputs((1, -1, 1, 0), NOTHING, third, third)
    assert told["settled"] == -1
    assert settlement.accepts(told)
    assert settlement.rejects(told | {"settled": -3})


def test_what_settlement_computes_cannot_be_lied_about(settlement: CircuitTester) -> None:
    told = settlement_inputs((3, -4, 0, 0), (1, 2, 0, 0), (UNIT, 0, 0, 0), (0, UNIT, 0, 0), 77)
    first, second = 3 * (UNIT - 1), 4 * (UNIT - 2)
    assert settlement.accepts_witness_with(told, {"main.owed[0]": first, "main.owed[1]": second})
    # Of the two together nothing follows that would be wrong.
    assert not settlement.accepts_witness_with(told, {"main.owed[0]": first + 1, "main.owed[1]": second - 1})
    for signal in ("collateral", "settled", "rest", "size[0]", "side[1].index", "side[1].isLong", "owed[2]"):
        assert not settlement.accepts_witness_with(told, {f"main.{signal}": 1})


# ---- With what indices an account leaves.


def indices_inputs(position: Four) -> dict[str, Nested]:
    return {"position": position, "longIndex": (11, 12, 13, 14), "shortIndex": (-1, -2, -3, -4)}


@given(
    position=st.tuples(*[SIZES] * c.MARKETS),
    longs=st.tuples(*[INDICES] * 4),
    shorts=st.tuples(*[INDICES] * 4),
)
@settings(max_examples=40)
def test_an_account_leaves_with_the_index_of_each_side(
    indices: CircuitTester, position: Four, longs: Four, shorts: Four
) -> None:
    told: dict[str, Nested] = {"position": position, "longIndex": longs, "shortIndex": shorts}
    account = with_current_indices(Account(1, positions=tuple(position)), markets_of(longs, shorts))
    assert indices.accepts(told)
    assert indices.witness(told) == {"index": [to_field(index) for index in account.indices]}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_closed_position_has_no_index(indices: CircuitTester, slot: int) -> None:
    """It would not be the word 0 of no position."""
    told = indices_inputs(in_slot((slot + 1) % c.MARKETS, 5))
    index = 11 + slot
    for lie in ({f"main.none[{slot}].out": 0}, {}):
        assert not indices.accepts_witness_with(told, lie | {f"main.index[{slot}]": index})


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("size", [5, -5])
def test_an_open_position_has_the_index_of_its_side(indices: CircuitTester, slot: int, size: int) -> None:
    told = indices_inputs(in_slot(slot, size))
    long, short = 11 + slot, -1 - slot
    for index in (0, short if size > 0 else long, 99):
        assert not indices.accepts_witness_with(told, {f"main.index[{slot}]": to_field(index)})
    assert not indices.accepts_witness_with(told, {f"main.none[{slot}].out": 1, f"main.index[{slot}]": 0})


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("size", [1 << SIZE_BITS, -(1 << SIZE_BITS) - 1])
def test_a_position_that_is_left_is_within_its_bounds(indices: CircuitTester, slot: int, size: int) -> None:
    assert indices.rejects(indices_inputs(in_slot(slot, size)))
