"""The margin rates of a market in a batch, and what its leaf keeps of them."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.schedule import absolute_return, next_volatility, sampled, scheduled
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import (
    NO_SCHEDULE,
    PERPETUAL,
    SCHEDULE,
    market_bus,
    parameters_bus,
    schedule_bus,
)

PPM = (1 << c.PPM_BITS) - 1
RATES = ("initialPpm", "heldPpm", "reservePpm", "maintenancePpm")
KEPT = ("sampledMark", "volatility", "volatilityAddon", "congestionAddon")
OUTPUTS = (*RATES, "lotTier", *KEPT)


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("MarginRates")


class Opening(Struct, frozen=True):
    """A market as the last batch left it, and under which terms the next one opens.

    A market of which `before` says so is settled.
    """

    before: Market = PERPETUAL
    mark: int = 1_100
    parameters: MarketParameters = PERPETUAL.parameters
    schedule: MarginSchedule = SCHEDULE
    sampling: bool = True
    congested: bool = False
    halted: bool = False

    @property
    def after(self) -> Market:
        """The market of the new batch; a slot without one stays as it is."""
        if not self.before.exists:
            return self.before
        market = sampled(self.before, self.parameters.max_move_ppm) if self.sampling else self.before
        status = MarketStatus.HALTED if self.halted else MarketStatus.OPEN
        market = replace(market, mark=self.mark, parameters=self.parameters, status=status)
        return scheduled(market, self.schedule, sampling=self.sampling, congested=self.congested)

    @property
    def hints(self) -> dict[str, int]:
        moved = absolute_return(self.before.mark, self.before.sampled_mark)
        held = min(moved, self.parameters.max_move_ppm)
        sign = 1 if self.before.mark >= self.before.sampled_mark else -1
        return {
            "signedReturn": to_field(sign * min(moved, PPM)),
            "average": next_volatility(self.before.volatility_ppm, held),
            "openInterestAddon": self.after.open_interest_addon_ppm,
            "tierStep": self.tier_step,
        }

    @property
    def tier_step(self) -> int:
        """Whether the market is settled or not."""
        quote_per_tick = self.parameters.quote_per_tick_lot**2 * self.schedule.tier_ppm
        return math.ceil(Fraction(self.mark * quote_per_tick, 1 << c.TIER_UNIT_BITS))

    def inputs(self) -> dict[str, Nested]:
        return {
            "before": market_bus(self.before),
            "parameters": parameters_bus(self.parameters),
            "schedule": schedule_bus(self.schedule),
            "lotValue": self.mark * self.parameters.quote_per_tick_lot,
            "sampling": int(self.sampling),
            "congested": int(self.congested),
            "open": int(self.before.exists and not self.halted),
            "settled": int(self.before.is_settled),
            **self.hints,
        }

    def outputs(self) -> dict[str, Nested]:
        """Of a slot without a market, which is not open, a position would be held at its full value."""
        after = self.after
        return {
            "initialPpm": after.initial_ppm,
            "heldPpm": after.held_ppm if self.before.exists else c.FULL_MARGIN_PPM,
            "reservePpm": after.reserve_ppm,
            "maintenancePpm": after.maintenance_ppm,
            "lotTier": after.tier_step,
            "sampledMark": after.sampled_mark,
            "volatility": after.volatility_ppm,
            "volatilityAddon": after.volatility_addon_ppm,
            "congestionAddon": after.congestion_addon_ppm,
        }


EMPTY = Opening(Market(), 0, MarketParameters(), NO_SCHEDULE)


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    """Markets of marks near each other, under any schedule of a configuration."""
    marks = st.integers(900, 1_100) | st.integers(1, (1 << c.PRICE_BITS) - 1)
    initial = draw(st.integers(1, c.PPM_UNIT))
    lower = draw(st.integers(0, 10_000))
    before = replace(
        PERPETUAL,
        mark=draw(marks),
        sampled_mark=draw(marks | st.just(0)),
        volatility_ppm=draw(st.integers(0, 5_000) | st.integers(0, PPM)),
        volatility_addon_ppm=draw(st.just(0) | st.integers(0, c.PPM_UNIT)),
        open_interest=draw(st.integers(0, 1_000_000)),
        fund_since=draw(st.sampled_from((0, 1_583_997_000, c.SETTLED_SINCE))),
    )
    maintenance = draw(st.integers(1, initial))
    parameters = replace(
        PERPETUAL.parameters,
        initial_ppm=initial,
        maintenance_ppm=maintenance,
        max_move_ppm=draw(st.integers(0, 100_000) | st.integers(0, PPM)),
    )
    schedule = MarginSchedule(
        open_interest_lower=lower,
        open_interest_upper=draw(st.integers(lower + 1, 200_000)),
        volatility_factor=draw(st.integers(0, (1 << c.FACTOR_BITS) - 1)),
        addon_max_ppm=draw(st.integers(0, min(maintenance, c.PPM_UNIT - initial))),
        addon_step_ppm=draw(st.integers(0, 10_000)),
        tier_ppm=draw(st.just(0) | st.integers(0, PPM)),
        congestion_ppm=draw(st.just(PPM) | st.integers(0, PPM)),
        settle_seconds=1,
    )
    flags = [draw(st.booleans()) for _ in range(3)]
    return Opening(before, draw(marks), parameters, schedule, *flags)


@given(told=openings())
@settings(max_examples=80)
@example(told=EMPTY)
@example(told=replace(EMPTY, sampling=False))
@example(told=replace(EMPTY, congested=True))
@example(told=Opening())
@example(told=Opening(schedule=STATIC))
def test_rates_are_those_of_the_engine(rates: CircuitTester, told: Opening) -> None:
    assert rates.accepts(told.inputs())
    assert rates.witness(told.inputs()) == told.outputs()


CALM = replace(PERPETUAL, mark=60_000, sampled_mark=60_000, volatility_ppm=0, volatility_addon_ppm=0)
HOUR_PARAMETERS = replace(CALM.parameters, initial_ppm=50_000, maintenance_ppm=25_000)
HOUR_SCHEDULE = MarginSchedule(1_000, 2_000, 25, 25_000, 5_000, 0, 0, 1)


def test_the_hour_of_the_specification(rates: CircuitTester) -> None:
    before = replace(CALM, mark=57_000)
    maintenances, initials = [], []
    for mark in (57_000, 57_000, 58_000, 58_000):
        told = Opening(before, mark, HOUR_PARAMETERS, HOUR_SCHEDULE)
        witness = rates.witness(told.inputs())
        maintenances.append(witness["maintenancePpm"])
        initials.append(witness["initialPpm"])
        before = told.after
    assert maintenances == [30_000, 35_000, 40_000, 45_000]
    assert initials == [55_000, 60_000, 65_000, 70_000]


RAISED = Opening(replace(PERPETUAL, open_interest=18_000))
FLAT = replace(RAISED, schedule=replace(SCHEDULE, volatility_factor=0))


def test_both_add_ons_are_in_the_margins(rates: CircuitTester) -> None:
    """Of what is missing to all, 49 % for interest of 1,980 between 1,000 and 3,000."""
    after = RAISED.after
    assert after.volatility_addon_ppm == 6_000
    assert after.open_interest_addon_ppm == (c.PPM_UNIT - 106_000) * 98 // 200
    assert rates.witness(RAISED.inputs())["initialPpm"] == 106_000 + after.open_interest_addon_ppm
    assert rates.witness(RAISED.inputs())["reservePpm"] == 106_000
    assert rates.witness(RAISED.inputs())["maintenancePpm"] == 56_000


SETTLED = replace(RAISED, before=replace(RAISED.before, fund_since=c.SETTLED_SINCE))


@pytest.mark.parametrize("congested", [False, True])
@pytest.mark.parametrize("halted", [False, True])
@pytest.mark.parametrize("settled", [False, True])
def test_each_rate_has_its_own_reasons(
    rates: CircuitTester, congested: bool, halted: bool, settled: bool
) -> None:
    """Congestion is in the initial margin alone, a halt in what is held; in a settled market neither is, and
    the maintenance margin is held alone."""
    told = replace(SETTLED if settled else RAISED, congested=congested, halted=halted)
    crowded = 106_000 + told.after.open_interest_addon_ppm
    held = c.FULL_MARGIN_PPM if halted else crowded
    expected = {
        "initialPpm": 1 if settled else crowded + (40_000 if congested else 0),
        "heldPpm": 56_000 if settled else held,
        "reservePpm": 106_000,
        "maintenancePpm": 1 if settled else 56_000,
        "lotTier": 0 if settled else -(-1_100 * 100 * 100 * 600_000 // 2**24),
        "congestionAddon": 40_000 if congested else 0,
    }
    assert rates.accepts(told.inputs())
    seen = rates.witness(told.inputs())
    assert {name: seen[name] for name in expected} == expected
    assert seen == told.outputs()


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("halted", [False, True])
def test_no_reason_of_a_rate_can_be_lied_about(rates: CircuitTester, halted: bool, settled: bool) -> None:
    """What follows from the lie is as it would be."""
    told = replace(SETTLED if settled else RAISED, congested=True, halted=halted)
    seen = rates.witness(told.inputs())
    initial, crowded = seen["initialPpm"], 106_000 + told.after.open_interest_addon_ppm
    assert isinstance(initial, int)
    for lie in (0, 39_999, 40_001):
        follows = initial if settled else crowded + lie
        lies = {"main.congestionAddon": lie, "main.initialPpm": follows}
        assert not rates.accepts_witness_with(told.inputs(), lies)
    for lie in {0, crowded, crowded + 40_000, c.FULL_MARGIN_PPM} - {c.FULL_MARGIN_PPM if halted else crowded}:
        lies = {"main.undoubted": lie, "main.heldPpm": 56_000 if settled else lie}
        assert not rates.accepts_witness_with(told.inputs(), lies)


@pytest.mark.parametrize("told", [RAISED, SETTLED], ids=["open", "settled"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_no_output_is_that_of_another_market(rates: CircuitTester, name: str, told: Opening) -> None:
    """Neither of one that is not settled, or is, nor of a halt, nor in congestion."""
    other = RAISED if told == SETTLED else SETTLED
    inputs = told.inputs()
    honest = rates.witness(inputs)[name]
    for each in (other, replace(told, halted=True), replace(told, congested=True)):
        lie = each.outputs()[name]
        assert isinstance(lie, int)
        if lie != honest:
            assert not rates.accepts_witness_with(inputs, {f"main.{name}": lie})


@pytest.mark.parametrize("name", ["signedReturn", "average", "openInterestAddon", "tierStep"])
@pytest.mark.parametrize("sampling", [False, True])
@pytest.mark.parametrize("case", [RAISED, SETTLED], ids=["open", "settled"])
def test_no_hint_can_be_lied_about(rates: CircuitTester, case: Opening, name: str, sampling: bool) -> None:
    told = replace(case, sampling=sampling).inputs()
    honest = told[name]
    assert isinstance(honest, int)
    for error in (-1, 1):
        assert rates.rejects(told | {name: honest + error})


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("sampling", [False, True])
def test_no_rate_can_be_lied_about(rates: CircuitTester, name: str, sampling: bool) -> None:
    told = replace(RAISED, sampling=sampling).inputs()
    honest = rates.witness(told)[name]
    assert isinstance(honest, int)
    for lie in {0, honest - 1, honest + 1} - {honest}:
        assert not rates.accepts_witness_with(told, {f"main.{name}": lie})


def test_the_open_interest_add_on_is_of_what_volatility_leaves(rates: CircuitTester) -> None:
    """The margin to which it is added cannot be another: all that follows is as it would be there."""
    honest, other = RAISED.inputs(), FLAT.inputs()
    told = rates.witness(honest), rates.witness(other)
    assert all(told[0][name] != told[1][name] for name in ("initialPpm", "heldPpm", "reservePpm"))
    follows = "openInterestAddon|crowding|initialPpm|undoubted|heldPpm|reservePpm"
    assert not rates.accepts_splice(honest, other, f"(?!{follows})")


def test_the_tier_is_of_the_schedule_and_of_the_unit_of_the_market(rates: CircuitTester) -> None:
    """Of the batch, whatever the last one left."""
    for told, step in (
        (RAISED, 393_391),
        (replace(RAISED, schedule=replace(SCHEDULE, tier_ppm=0)), 0),
        (replace(RAISED, schedule=replace(SCHEDULE, tier_ppm=1)), 1),
        (replace(RAISED, schedule=replace(SCHEDULE, tier_ppm=PPM)), 687_500),
        (replace(RAISED, mark=1), 358),
        (replace(RAISED, before=replace(RAISED.before, tier_ppm=PPM)), 393_391),
    ):
        assert told.tier_step == step
        assert rates.witness(told.inputs())["lotTier"] == step
        for error in (-1, 1):
            assert rates.rejects(told.inputs() | {"tierStep": step + error})


def test_what_counts_as_a_jump_is_of_the_new_parameters(rates: CircuitTester) -> None:
    """The mark has moved by 10,101 parts of a million."""
    for most, estimate in ((10_102, 3_014), (10_101, 3_014), (10_100, 3_014), (10_092, 3_013), (0, 1_751)):
        told = replace(RAISED, parameters=replace(RAISED.parameters, max_move_ppm=most))
        assert told.after.volatility_ppm == estimate
        assert rates.witness(told.inputs())["volatility"] == estimate


def test_the_interest_is_that_of_the_last_batch_at_the_new_mark(rates: CircuitTester) -> None:
    for told in (
        replace(RAISED, mark=1_200),
        replace(RAISED, before=replace(RAISED.before, open_interest=20_000)),
    ):
        assert told.after.open_interest_addon_ppm > RAISED.after.open_interest_addon_ppm
        assert rates.accepts(told.inputs())
        lie = told.inputs() | {"openInterestAddon": RAISED.after.open_interest_addon_ppm}
        assert rates.rejects(lie)


def test_the_mark_of_the_batch_is_not_sampled(rates: CircuitTester) -> None:
    """The new mark moves what a lot is worth, and neither the sample nor the estimate."""
    one, other = (rates.witness(replace(RAISED, mark=mark).inputs()) for mark in (900, 2_000))
    for name in ("reservePpm", "maintenancePpm", *KEPT):
        assert one[name] == other[name]
    assert one["sampledMark"] == PERPETUAL.mark
