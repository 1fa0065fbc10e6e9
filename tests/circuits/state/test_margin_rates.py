"""The margin rates of a market in a batch, and what its leaf keeps of them."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.engine.schedule import absolute_return, next_volatility, sampled, scheduled
from sequencer.model import constants as c
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
OUTPUTS = ("initialPpm", "reservePpm", "maintenancePpm", "sampledMark", "volatility", "volatilityAddon")


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("MarginRates")


@dataclass(frozen=True)
class Opening:
    """A market as the last batch left it, and under which terms the next one opens."""

    before: Market = PERPETUAL
    mark: int = 1_100
    parameters: MarketParameters = PERPETUAL.parameters
    schedule: MarginSchedule = SCHEDULE
    sampling: bool = True

    @property
    def after(self) -> Market:
        """The market of the new batch; a slot without one stays as it is."""
        if not self.before.exists:
            return self.before
        market = sampled(self.before, self.parameters.max_move_ppm) if self.sampling else self.before
        market = replace(market, mark=self.mark, parameters=self.parameters)
        return scheduled(market, self.schedule, sampling=self.sampling)

    @property
    def hints(self) -> dict[str, int]:
        moved = absolute_return(self.before.mark, self.before.sampled_mark)
        held = min(moved, self.parameters.max_move_ppm)
        sign = 1 if self.before.mark >= self.before.sampled_mark else -1
        return {
            "signedReturn": to_field(sign * min(moved, PPM)),
            "average": next_volatility(self.before.volatility_ppm, held),
            "openInterestAddon": self.after.open_interest_addon_ppm,
        }

    def inputs(self) -> dict[str, Nested]:
        return {
            "before": market_bus(self.before),
            "parameters": parameters_bus(self.parameters),
            "schedule": schedule_bus(self.schedule),
            "lotValue": self.mark * self.parameters.quote_per_tick_lot,
            "sampling": int(self.sampling),
            **self.hints,
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
    )
    return Opening(before, draw(marks), parameters, schedule, draw(st.booleans()))


@given(told=openings())
@settings(max_examples=80)
@example(told=EMPTY)
@example(told=replace(EMPTY, sampling=False))
@example(told=Opening())
@example(told=Opening(schedule=STATIC))
def test_rates_are_those_of_the_engine(rates: CircuitTester, told: Opening) -> None:
    after = told.after
    assert rates.accepts(told.inputs())
    assert rates.witness(told.inputs()) == {
        "initialPpm": after.initial_ppm,
        "reservePpm": after.reserve_ppm,
        "maintenancePpm": after.maintenance_ppm,
        "sampledMark": after.sampled_mark,
        "volatility": after.volatility_ppm,
        "volatilityAddon": after.volatility_addon_ppm,
    }


CALM = replace(PERPETUAL, mark=60_000, sampled_mark=60_000, volatility_ppm=0, volatility_addon_ppm=0)
HOUR_PARAMETERS = replace(CALM.parameters, initial_ppm=50_000, maintenance_ppm=25_000)
HOUR_SCHEDULE = MarginSchedule(1_000, 2_000, 25, 25_000, 5_000)


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


@pytest.mark.parametrize("name", ["signedReturn", "average", "openInterestAddon"])
@pytest.mark.parametrize("sampling", [False, True])
def test_no_hint_can_be_lied_about(rates: CircuitTester, name: str, sampling: bool) -> None:
    told = replace(RAISED, sampling=sampling).inputs()
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
    for lie in (0, honest - 1, honest + 1):
        assert not rates.accepts_witness_with(told, {f"main.{name}": lie})


def test_the_open_interest_add_on_is_of_what_volatility_leaves(rates: CircuitTester) -> None:
    """The margin to which it is added cannot be another: all that follows is as it would be there."""
    honest, other = RAISED.inputs(), FLAT.inputs()
    told = rates.witness(honest), rates.witness(other)
    assert all(told[0][name] != told[1][name] for name in ("initialPpm", "reservePpm"))
    assert not rates.accepts_splice(honest, other, "(?!openInterestAddon|crowding|initialPpm|reservePpm)")


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
    assert [one[name] for name in OUTPUTS[1:]] == [other[name] for name in OUTPUTS[1:]]
    assert one["sampledMark"] == PERPETUAL.mark
