"""What open interest adds to the initial margin of a market."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.schedule import open_interest_addon
from sequencer.model import constants as c
from sequencer.model.schedule import MarginSchedule
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester, wires
from tests.circuits.state.buses import NO_SCHEDULE, SCHEDULE, schedule_bus

PPM = (1 << c.PPM_BITS) - 1
DOLLAR = c.OPEN_INTEREST_UNIT
MOST_DOLLARS = (1 << c.OPEN_INTEREST_BITS) - 1
REST_BITS = 101


@pytest.fixture(scope="module")
def addon() -> CircuitTester:
    return CircuitTester("OpenInterestAddon")


@dataclass(frozen=True)
class Interest:
    """The value of a market's open interest in quote units, and what it is measured by."""

    notional: int
    base: int = 500_000
    lower: int = 100
    upper: int = 200
    lot_value: int = 1
    live: int = 1

    @property
    def schedule(self) -> MarginSchedule:
        return replace(SCHEDULE, open_interest_lower=self.lower, open_interest_upper=self.upper)

    @property
    def missing(self) -> int:
        return c.PPM_UNIT - self.base

    @property
    def quotient(self) -> int:
        """The add-on, if it had no bounds."""
        return self.missing * (self.notional - self.lower * DOLLAR) // ((self.upper - self.lower) * DOLLAR)

    @property
    def expected(self) -> int:
        return open_interest_addon(self.base, self.notional, self.schedule)

    def inputs(self, addon: int | None = None) -> dict[str, Nested]:
        lots, rest = divmod(self.notional, self.lot_value)
        assert rest == 0
        return {
            "live": self.live,
            "openInterest": lots,
            "lotValue": self.lot_value,
            "basePpm": to_field(self.base),
            "schedule": schedule_bus(self.schedule),
            "addon": to_field(self.expected if addon is None else addon),
        }


def check(circuit: CircuitTester, told: Interest) -> None:
    """One add-on is accepted, and none beside it."""
    assert circuit.accepts(told.inputs())
    for error in (-2, -1, 1, 2):
        assert circuit.rejects(told.inputs(told.expected + error))
    for lie in {0, told.missing, told.quotient} - {told.expected}:
        assert circuit.rejects(told.inputs(lie))


@st.composite
def interests(draw: st.DrawFn) -> Interest:
    """Interest anywhere, or about what the bounds tell apart, under any schedule of a configuration."""
    lower = draw(st.integers(0, 10) | st.integers(0, MOST_DOLLARS - 1))
    upper = draw(st.integers(lower + 1, min(lower + 10, MOST_DOLLARS)) | st.integers(lower + 1, MOST_DOLLARS))
    lot_value = draw(st.just(1) | st.integers(1, (1 << 52) - 1))
    within = st.integers(lower * DOLLAR // lot_value, upper * DOLLAR // lot_value + 1)
    lots = draw(within | st.integers(0, ((1 << 80) - 1) // lot_value))
    base = draw(st.sampled_from((1, c.PPM_UNIT)) | st.integers(1, c.PPM_UNIT))
    return Interest(lots * lot_value, base, lower, upper, lot_value)


@given(told=interests())
@settings(max_examples=80)
@example(told=Interest((1 << 80) - 1, 1, MOST_DOLLARS - 1, MOST_DOLLARS))
@example(told=Interest((1 << 80) - 1, 1, 0, 1))
@example(told=Interest(0, 1, MOST_DOLLARS - 1, MOST_DOLLARS))
@example(told=Interest(MOST_DOLLARS * DOLLAR // 2, 1, 0, MOST_DOLLARS))
def test_an_add_on_is_that_of_the_engine(addon: CircuitTester, told: Interest) -> None:
    check(addon, told)


@pytest.mark.parametrize(
    ("dollars", "expected"),
    [(1_500_000, 400_000), (1_234_567, 187_653), (1_000_000, 0), (2_000_000, 800_000)],
)
def test_the_add_ons_of_dydx(addon: CircuitTester, dollars: int, expected: int) -> None:
    """At an initial margin of 20 %, between one and two millions."""
    told = Interest(dollars * DOLLAR, 200_000, 1_000_000, 2_000_000, DOLLAR)
    assert told.expected == expected
    check(addon, told)


EDGES = {
    "no interest": (Interest(0), 0),
    "no interest and no lower bound": (Interest(0, lower=0, upper=1), 0),
    "the lower bound": (Interest(100 * DOLLAR), 0),
    "one unit below it": (Interest(100 * DOLLAR - 1), 0),
    "one unit above it": (Interest(100 * DOLLAR + 1), 0),
    "what leaves no more than a rest": (Interest(100 * DOLLAR + 199), 0),
    "what leaves all but one": (Interest(100 * DOLLAR + 33_333_333, base=c.PPM_UNIT - 3), 0),
    "one part": (Interest(100 * DOLLAR + 200), 1),
    "the middle": (Interest(150 * DOLLAR), 250_000),
    "one unit below the middle": (Interest(150 * DOLLAR - 1), 249_999),
    "one part below the upper bound": (Interest(200 * DOLLAR - 200), 499_999),
    "one unit below the upper bound": (Interest(200 * DOLLAR - 1), 499_999),
    "the upper bound": (Interest(200 * DOLLAR), 500_000),
    "one unit above the upper bound": (Interest(200 * DOLLAR + 1), 500_000),
    "far above it": (Interest(200_000 * DOLLAR), 500_000),
    "a margin of all": (Interest(150 * DOLLAR, base=c.PPM_UNIT), 0),
    "a margin of almost all": (Interest(150 * DOLLAR, base=c.PPM_UNIT - 1), 0),
    "a margin of almost all above": (Interest(200 * DOLLAR, base=c.PPM_UNIT - 1), 1),
    "bounds beside each other": (Interest(100 * DOLLAR + 999_999, upper=101), 499_999),
}


@pytest.mark.parametrize(("told", "expected"), EDGES.values(), ids=EDGES)
def test_an_add_on_on_either_side_of_a_line(addon: CircuitTester, told: Interest, expected: int) -> None:
    assert told.expected == expected
    check(addon, told)


@pytest.mark.parametrize("parts", [1, 5, 200_000, PPM - 500_000])
def test_an_add_on_without_its_bounds_is_refused(addon: CircuitTester, parts: int) -> None:
    """A market with so much or so little interest that the quotient lies as far beyond."""
    below, above = Interest(100 * DOLLAR - 200 * parts), Interest(200 * DOLLAR + 200 * parts)
    for told, beyond in ((below, -parts), (above, 500_000 + parts)):
        assert told.quotient == beyond
        assert addon.accepts(told.inputs())
        assert addon.rejects(told.inputs(beyond))


@pytest.mark.parametrize("rest", [0, 1, 12_345, 100 * DOLLAR - 1])
def test_an_add_on_is_no_fraction(addon: CircuitTester, rest: int) -> None:
    """Any rest is that of some field element."""
    told = Interest(150 * DOLLAR - 1)
    whole = told.missing * (told.notional - told.lower * DOLLAR)
    share = (whole - rest) * pow(100 * DOLLAR, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
    assert addon.rejects(told.inputs(share))


@pytest.mark.parametrize("notional", [0, 1, 150 * DOLLAR])
@pytest.mark.parametrize("lie", [1, -1, 500_000, c.PPM_UNIT])
def test_a_slot_without_a_market_has_no_add_on(addon: CircuitTester, notional: int, lie: int) -> None:
    told = Interest(notional, base=0, live=0).inputs() | {"schedule": schedule_bus(NO_SCHEDULE)}
    assert addon.accepts(told | {"addon": 0})
    assert addon.rejects(told | {"addon": lie})


@pytest.mark.parametrize("lie", [0, 1, -1, PPM])
def test_a_margin_above_all_has_no_add_on(addon: CircuitTester, lie: int) -> None:
    """Such a margin is none of a batch."""
    for notional in (0, 150 * DOLLAR, 300 * DOLLAR):
        assert addon.accepts(Interest(notional, base=c.PPM_UNIT).inputs(0))
        assert addon.rejects(Interest(notional, base=c.PPM_UNIT + 1).inputs(lie))


def test_an_add_on_has_20_bits(addon: CircuitTester) -> None:
    """What is missing has no more, for no margin is below 0."""
    for last, fits in ((PPM, True), (PPM + 1, False)):
        told = Interest(200 * DOLLAR, base=c.PPM_UNIT - last)
        assert addon.accepts(told.inputs(last)) == fits
        assert addon.rejects(told.inputs(last)) != fits


def test_what_is_left_to_the_full_margin_has_20_bits(addon: CircuitTester) -> None:
    for last, fits in ((PPM, True), (PPM + 1, False)):
        told = Interest(0, base=c.PPM_UNIT - last)
        assert addon.accepts(told.inputs(0)) == fits
        assert addon.rejects(told.inputs(0)) != fits


def test_what_an_add_on_leaves_has_101_bits(addon: CircuitTester) -> None:
    """Interest that no market has, far above the upper bound."""
    last = (1 << REST_BITS) - 1 + 200 * DOLLAR
    assert addon.accepts(Interest(last, base=c.PPM_UNIT - 1).inputs(1))
    assert addon.rejects(Interest(last + 1, base=c.PPM_UNIT - 1).inputs(1))


def test_what_is_missing_to_an_add_on_has_101_bits(addon: CircuitTester) -> None:
    """Bounds that no schedule has, far above the interest."""
    last = (1 << REST_BITS) // DOLLAR
    for upper, fits in ((last, True), (last + 1, False)):
        told = Interest(0, base=c.PPM_UNIT - 1, lower=upper - 1, upper=upper)
        assert addon.accepts(told.inputs(0)) == fits
        assert addon.rejects(told.inputs(0)) != fits


MIDDLE, LESS = Interest(150 * DOLLAR), Interest(140 * DOLLAR)
ONE, NONE = Interest(100 * DOLLAR + 200), Interest(100 * DOLLAR)
GIVEN = "live openInterest lotValue basePpm schedule"
WHOLE = wires(f"{GIVEN} notional whole")
ALL = ".*"
Piece = tuple[Interest, str]
# NONE with an add-on of 1, and MIDDLE with one part too little: two markets have the rests that these leave.
BELOW = Interest(NONE.notional - 200)
ABOVE = Interest(200 * DOLLAR + 200)
ONE_LESS = Interest(MIDDLE.notional - 200)
MOSAICS: dict[str, tuple[Piece, ...]] = {
    "notional": ((MIDDLE, wires(GIVEN)), (LESS, ALL)),
    "whole": ((MIDDLE, wires(f"{GIVEN} notional")), (LESS, ALL)),
    "rest": ((MIDDLE, WHOLE), (LESS, ALL)),
    "isNone": ((NONE, WHOLE), (BELOW, wires("rest notMore Range#3 isNone notLess Range#2")), (ONE, ALL)),
    "notLess": ((NONE, WHOLE), (BELOW, wires("rest notMore Range#3")), (ONE, ALL)),
    "isAll": (
        (MIDDLE, WHOLE),
        (ABOVE, wires("rest notLess Range#2 isAll notMore Range#3")),
        (ONE_LESS, ALL),
    ),
    "notMore": ((MIDDLE, WHOLE), (ABOVE, wires("rest notLess Range#2")), (ONE_LESS, ALL)),
}


@pytest.mark.parametrize("pieces", MOSAICS.values(), ids=MOSAICS)
def test_no_step_to_an_add_on_is_that_of_other_interest(
    addon: CircuitTester, pieces: tuple[Piece, ...]
) -> None:
    """All that follows from the lie is as it would be."""
    told = [(interest.inputs(), pattern) for interest, pattern in pieces]
    assert all(addon.accepts(honest) for honest, _ in told)
    assert not addon.accepts_mosaic(*told)
