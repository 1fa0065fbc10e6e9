"""What the positions of an account are worth and require."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.margin import free_collateral, health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

PPM = (1 << c.PPM_BITS) - 1
WIDEST = Market(
    MarketKind.PERPETUAL,
    MarketStatus.OPEN,
    mark=(1 << c.PRICE_BITS) - 1,
    parameters=MarketParameters(1, c.PPM_UNIT, c.PPM_UNIT),
    congestion_addon_ppm=PPM,
    tier_ppm=PPM,
)
"""With that of the largest size, every margin is the largest."""
LARGEST_SIZE = c.NOTIONAL_BOUND >> c.PRICE_BITS
HALF = replace(WIDEST, parameters=MarketParameters(3, PPM // 2, PPM // 4), congestion_addon_ppm=5)
HALTED = replace(HALF, status=MarketStatus.HALTED)
SETTLED = replace(HALF, mark=1_001, status=MarketStatus.SETTLED, fund_since=c.SETTLED_SINCE)
FOUR = (replace(HALF, mark=77, tier_ppm=1 << 18), WIDEST, SETTLED, HALTED)
SIZES = st.integers(-3, 3) | st.integers(-LARGEST_SIZE, LARGEST_SIZE)


@pytest.fixture(scope="module")
def margins() -> CircuitTester:
    return CircuitTester("PositionMargins")


def markets() -> st.SearchStrategy[Market]:
    ppm = st.integers(0, PPM)
    live = st.builds(
        Market,
        kind=st.just(MarketKind.PERPETUAL),
        status=st.sampled_from((MarketStatus.OPEN, MarketStatus.HALTED)),
        mark=st.integers(1, WIDEST.mark),
        parameters=st.builds(MarketParameters, ppm, ppm, ppm),
        congestion_addon_ppm=ppm,
        tier_ppm=st.just(0) | ppm,
        fund_since=st.sampled_from((0, 0, c.SETTLED_SINCE)),
    )
    return live | st.just(Market())


def inputs(positions: tuple[int, ...], slots: tuple[Market, ...]) -> dict[str, Nested]:
    return {
        "position": positions,
        "size": [abs(size) for size in positions],
        "lotValue": [market.value(1) for market in slots],
        "lotInitial": [market.value(1) * market.initial_ppm for market in slots],
        "lotMaintenance": [market.maintenance_margin(1) for market in slots],
        "lotHeld": [market.value(1) * market.held_ppm for market in slots],
        "lotTier": [market.tier_step for market in slots],
    }


def check(circuit: CircuitTester, positions: tuple[int, ...], slots: tuple[Market, ...]) -> None:
    account = Account(owner=1, positions=positions)
    expected = health(account, slots)
    held = sum(market.held_margin(size) for size, market in zip(positions, slots, strict=True))
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
    told = margins.witness(inputs(sizes, (WIDEST,) * c.MARKETS))
    for name, bits in (("initial", 87), ("maintenance", 82), ("held", 87)):
        assert 0 <= told[name] < 1 << bits  # type: ignore[operator]


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("size", [1, 3, -3, LARGEST_SIZE // 7])
def test_each_market_has_its_own_margins(margins: CircuitTester, slot: int, size: int) -> None:
    """Of four that differ in all."""
    alone = tuple(size if place == slot else 0 for place in range(c.MARKETS))
    check(margins, alone, FOUR)
    check(margins, tuple(5 * each or 2 for each in alone), FOUR)


def test_the_margin_of_a_position_grows_with_its_square(margins: CircuitTester) -> None:
    """A step of 7 for each lot squared: 63 for three lots, of either side, and nothing of the maintenance."""
    told = inputs((3, 0, -2, 0), (Market(),) * c.MARKETS) | {"lotTier": [7, 1_000, 11, 1_000]}
    told |= {"lotInitial": [100, 0, 10, 0], "lotHeld": [90, 0, 9, 0], "lotMaintenance": [50, 0, 5, 0]}
    assert margins.accepts(told)
    assert margins.witness(told) == {
        "value": 0,
        "initial": 3 * 100 + 9 * 7 + 2 * 10 + 4 * 11,
        "maintenance": 3 * 50 + 2 * 5,
        "held": 3 * 90 + 9 * 7 + 2 * 9 + 4 * 11,
    }


POSITIONS = (5, 0, -7, 9)
HONEST = inputs(POSITIONS, FOUR)
TERMS: dict[str, tuple[str, Callable[[Market, int], int]]] = {
    "worth[{}]": ("value", Market.value),
    "required[{}][0]": ("initial", Market.initial_margin),
    "required[{}][1]": ("maintenance", Market.maintenance_margin),
    "required[{}][2]": ("held", Market.held_margin),
}


@pytest.mark.parametrize("signal", ["value", "initial", "maintenance", "held"])
def test_what_positions_are_worth_cannot_be_lied_about(margins: CircuitTester, signal: str) -> None:
    assert not margins.accepts_witness_with(HONEST, {f"main.{signal}": 0})


def refused(margins: CircuitTester, lies: dict[str, int]) -> bool:
    told = {f"main.{name}": to_field(lie) for name, lie in lies.items()}
    return not margins.accepts_witness_with(HONEST, told)


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("term", TERMS)
def test_no_term_of_a_sum_is_free(margins: CircuitTester, term: str, slot: int) -> None:
    """Of a market with a position or without: neither left out, nor of the other side, nor one more."""
    total, margin_of = TERMS[term]
    own, whole = margin_of(FOUR[slot], POSITIONS[slot]), margins.witness(HONEST)[total]
    assert isinstance(whole, int)
    for lie in {0, -own, own - 1, own + 1} - {own}:
        assert refused(margins, {term.format(slot): lie, total: whole - own + lie})


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("change", [-1, 1])
def test_no_tier_is_free(margins: CircuitTester, slot: int, change: int) -> None:
    """Both margins that it is part of are as they would be."""
    size, market = abs(POSITIONS[slot]), FOUR[slot]
    sums = margins.witness(HONEST)
    lies = {f"tier[{slot}]": size * market.tier_step + change}
    for place, total, margin in ((0, "initial", market.initial_margin), (2, "held", market.held_margin)):
        whole = sums[total]
        assert isinstance(whole, int)
        lies |= {f"required[{slot}][{place}]": margin(size) + size * change, total: whole + size * change}
    assert refused(margins, lies)


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_only_positions_in_halted_markets_hold_their_full_value(margins: CircuitTester, slot: int) -> None:
    slots = tuple(HALTED if place == slot else HALF for place in range(c.MARKETS))
    told = margins.witness(inputs((2, -2, 2, -2), slots))
    tiers = 4 * 4 * HALF.tier_step
    assert told["held"] == 2 * HALF.value(1) * (PPM + 3 * (PPM // 2)) + tiers
    assert told["initial"] == 8 * HALF.value(1) * (PPM // 2 + 5) + tiers


def test_a_halted_position_is_not_held_at_the_initial_margin(margins: CircuitTester) -> None:
    honest = inputs((5, 0, 0, 0), (HALTED,) * c.MARKETS)
    initial = HALTED.initial_margin(5)
    assert not margins.accepts_witness_with(honest, {"main.held": initial})
    assert not margins.accepts_witness_with(honest, {"main.held": initial, "main.required[0][2]": initial})
