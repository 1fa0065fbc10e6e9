"""What marks make of the estimate of volatility, and that of the margins."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.schedule import absolute_return, next_volatility, sampled, volatility_addon
from sequencer.model import constants as c
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import MarginSchedule
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester, wires
from tests.circuits.state.buses import SCHEDULE, schedule_bus

PPM = TOP = (1 << c.PPM_BITS) - 1
MILLION = c.PPM_UNIT
HIGHEST_MARK = (1 << c.PRICE_BITS) - 1
REST_BITS, COVERED_BITS = 52, 30
LARGEST_FACTOR = (1 << c.FACTOR_BITS) - 1


@pytest.fixture(scope="module")
def volatility() -> CircuitTester:
    return CircuitTester("Volatility")


@pytest.fixture(scope="module")
def addon() -> CircuitTester:
    return CircuitTester("VolatilityAddon")


def inverse(value: int) -> int:
    return pow(value, -1, c.FIELD_MODULUS)


# ---- The estimate.


class Sample(Struct, frozen=True):
    """A market's mark, the one that was sampled last, the estimate before, and what is a jump."""

    mark: int
    sampled: int
    before: int = 0
    sampling: bool = True
    max_move: int = TOP

    @property
    def signed_return(self) -> int:
        moved = self.mark - self.sampled
        return min(moved * MILLION // self.sampled, TOP) if self.sampled else 0

    @property
    def average(self) -> int:
        return self.average_of(self.signed_return)

    def average_of(self, moved: int) -> int:
        """What another return would leave."""
        return next_volatility(self.before, min(abs(moved), self.max_move))

    def inputs(self, signed_return: int | None = None, average: int | None = None) -> dict[str, Nested]:
        """Without an average, the one of the return that is told."""
        moved = self.signed_return if signed_return is None else signed_return
        return {
            "sampling": int(self.sampling),
            "mark": self.mark,
            "sampledBefore": self.sampled,
            "before": self.before,
            "maxMovePpm": self.max_move,
            "signedReturn": to_field(moved),
            "average": self.average_of(moved) if average is None else average,
        }


def moving(ppm: int, before: int = 0) -> Sample:
    """A mark that has moved by just so many parts of a million."""
    return Sample(MILLION + ppm, MILLION, before)


def beyond_the_top(ppm: int, before: int = 0) -> Sample:
    """A mark that has moved by so many parts of a million more than a return can be."""
    return moving(TOP + ppm, before)


MARKS = st.integers(1, 100) | st.integers(1, HIGHEST_MARK)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Samples of any mark; often of one near the last, of a first one, or of one about as far as a jump."""
    mark = draw(MARKS)
    near = st.integers(mark * 9 // 10, mark * 11 // 10).map(lambda last: min(max(last, 1), HIGHEST_MARK))
    last = draw(near | MARKS | st.just(0))
    before = draw(st.sampled_from((0, PPM)) | st.integers(0, PPM))
    told = Sample(mark, last, before, draw(st.booleans()))
    moved = abs(told.signed_return)
    about = st.integers(max(moved - 2, 0), min(moved + 2, PPM))
    return replace(told, max_move=draw(about | st.just(PPM) | st.integers(0, PPM)))


@given(told=samples())
@settings(max_examples=100)
@example(told=Sample(1, HIGHEST_MARK, PPM))
@example(told=Sample(HIGHEST_MARK, 1, PPM))
@example(told=Sample(HIGHEST_MARK, HIGHEST_MARK))
@example(told=Sample(HIGHEST_MARK, 0))
@example(told=Sample(0, 0))
@example(told=beyond_the_top(-1))
@example(told=beyond_the_top(0))
@example(told=beyond_the_top(1))
def test_an_estimate_is_that_of_the_engine(volatility: CircuitTester, told: Sample) -> None:
    market = Market(mark=told.mark, sampled_mark=told.sampled, volatility_ppm=told.before)
    after = sampled(market, told.max_move) if told.sampling else market
    assert abs(told.signed_return) == min(absolute_return(told.mark, told.sampled), TOP)
    assert volatility.accepts(told.inputs())
    assert volatility.witness(told.inputs()) == {"sampled": after.sampled_mark, "out": after.volatility_ppm}


HOUR = ((57_000, -50_000, 6_250), (57_000, 0, 5_469), (57_000, 0, 4_786), (58_000, 17_543, 6_381))


def test_the_hour_of_the_specification(volatility: CircuitTester) -> None:
    before, last = 0, 60_000
    for mark, moved, average in HOUR:
        told = Sample(mark, last, before)
        assert (told.signed_return, told.average) == (moved, average)
        assert volatility.accepts(told.inputs(moved, average))
        assert volatility.witness(told.inputs()) == {"sampled": mark, "out": average}
        before, last = average, mark


RETURNS = {
    "a fall that leaves a rest": (Sample(2, 3), -333_334),
    "a rise that leaves a rest": (Sample(4, 3), 333_333),
    "a fall of less than a part": (Sample(HIGHEST_MARK - 1, HIGHEST_MARK), -1),
    "a rise of less than a part": (Sample(HIGHEST_MARK, HIGHEST_MARK - 1), 0),
    "nothing": (Sample(7, 7), 0),
    "almost all": (Sample(1, HIGHEST_MARK), -999_999 - 1),
    "one below the top": (Sample(MILLION + TOP - 1, MILLION), TOP - 1),
    "the top": (Sample(MILLION + TOP, MILLION), TOP),
    "the top and a rest": (Sample(4_097_157, 2_000_003), TOP),
    "one above the top": (Sample(MILLION + TOP + 1, MILLION), TOP),
    "far above the top": (Sample(HIGHEST_MARK, 1), TOP),
}


@pytest.mark.parametrize(("told", "moved"), RETURNS.values(), ids=RETURNS)
def test_a_return_is_neither_less_nor_more(volatility: CircuitTester, told: Sample, moved: int) -> None:
    assert told.signed_return == moved
    assert volatility.accepts(told.inputs(moved))
    for lie in {*(moved + error for error in (-(1 << 10), -2, -1, 1, 2, 1 << 10)), TOP, -moved} - {moved}:
        if abs(lie) <= 1 << c.PPM_BITS:
            assert volatility.rejects(told.inputs(lie))


@pytest.mark.parametrize("moved", [1, -1, 8, TOP, -MILLION])
def test_the_first_sample_has_no_return(volatility: CircuitTester, moved: int) -> None:
    for mark in (0, 1, 1_000, HIGHEST_MARK):
        told = Sample(mark, 0, before=500)
        assert volatility.accepts(told.inputs(0))
        assert volatility.rejects(told.inputs(moved))


@pytest.mark.parametrize("rest", [0, 1, 2, 12_345])
def test_a_return_is_no_fraction(volatility: CircuitTester, rest: int) -> None:
    """Any rest is that of some field element."""
    told = Sample(4 * MILLION + 2, 3 * MILLION + 1)
    share = ((told.mark - told.sampled) * MILLION - rest) * inverse(told.sampled) % c.FIELD_MODULUS
    honest = told.signed_return
    assert share != honest
    for average in (told.average, 0, share * inverse(8) % c.FIELD_MODULUS):
        assert volatility.rejects(told.inputs() | {"signedReturn": share, "average": average})


@pytest.mark.parametrize("moved", [TOP + 1, -TOP - 2])
def test_a_return_has_20_bits_and_a_sign(volatility: CircuitTester, moved: int) -> None:
    """Even where it leaves no rest: of a mark that no market has."""
    beyond, within = (moving(ppm, before=7) for ppm in (moved, moved - 1 if moved > 0 else moved + 1))
    assert volatility.accepts(within.inputs(within.mark - MILLION))
    assert volatility.rejects(beyond.inputs(moved))


def test_a_rest_has_52_bits(volatility: CircuitTester) -> None:
    """Only what is far above the top leaves one that is larger than the mark."""
    last = ((1 << REST_BITS) - 1 + TOP) // MILLION + 1
    assert volatility.accepts(Sample(last, 1).inputs())
    assert volatility.rejects(Sample(last + 1, 1).inputs())
    assert volatility.rejects(Sample(2 * last, 1).inputs())


def test_what_is_missing_to_the_sampled_mark_has_32_bits(volatility: CircuitTester) -> None:
    """A mark has no more."""
    assert volatility.accepts(Sample(1 << c.PRICE_BITS, 1 << c.PRICE_BITS).inputs())
    assert volatility.rejects(Sample((1 << c.PRICE_BITS) + 1, (1 << c.PRICE_BITS) + 1).inputs())


@pytest.mark.parametrize("before", [0, 1, 7, 1_000, PPM])
@pytest.mark.parametrize("moved", [0, 1, 7, 8, 9, TOP, -1, -8, -MILLION])
def test_an_estimate_is_neither_less_nor_more(volatility: CircuitTester, moved: int, before: int) -> None:
    told = moving(moved, before)
    assert volatility.accepts(told.inputs(moved, told.average))
    for error in (-2, -1, 1, 2, 1 << c.PPM_BITS):
        assert volatility.rejects(told.inputs(moved, told.average + error))


@pytest.mark.parametrize("added", range(8))
def test_an_estimate_is_no_fraction(volatility: CircuitTester, added: int) -> None:
    """Whatever rounding has added, some field element is an eighth of it."""
    told = moving(3, before=2)
    share = (7 * 2 + 3 + added) * inverse(8) % c.FIELD_MODULUS
    assert volatility.accepts(told.inputs(3, share)) == (share == 3)
    assert volatility.rejects(told.inputs(3, share)) != (share == 3)


JUMPS = {
    "a rise that is none": (moving(80), 80, 10),
    "a rise that is one": (moving(88), 80, 10),
    "one part more than a jump": (moving(81), 80, 10),
    "one part less than a jump": (moving(79), 80, 10),
    "a fall that is none": (moving(-80), 80, 10),
    "a fall that is one": (moving(-88), 80, 10),
    "nothing at all": (moving(0), 80, 0),
    "whatever moves": (moving(500), 0, 0),
    "the top": (beyond_the_top(0), 80, 10),
    "far above the top": (Sample(HIGHEST_MARK, 1), 80, 10),
    "a first sample": (Sample(HIGHEST_MARK, 0), 80, 0),
}


@pytest.mark.parametrize(("told", "most", "average"), JUMPS.values(), ids=JUMPS)
def test_a_jump_counts_as_the_most_that_is_none(
    volatility: CircuitTester, told: Sample, most: int, average: int
) -> None:
    told = replace(told, max_move=most)
    assert told.average == average
    assert volatility.accepts(told.inputs())
    for lie in (average - 1, average + 1, replace(told, max_move=TOP).average + 1):
        assert volatility.rejects(told.inputs(average=lie))


def test_a_jump_is_told_with_20_bits(volatility: CircuitTester) -> None:
    """No parameter has more, and no return."""
    for most, fits in ((1 << c.PPM_BITS, True), ((1 << c.PPM_BITS) + 1, False)):
        told = replace(moving(0), max_move=most).inputs()
        assert volatility.accepts(told) == fits
        assert volatility.rejects(told) != fits
    for most, fits in ((1, True), (0, False)):
        told = replace(moving(-1 << c.PPM_BITS), max_move=most).inputs()
        assert volatility.accepts(told) == fits
        assert volatility.rejects(told) != fits


def test_an_estimate_has_20_bits(volatility: CircuitTester) -> None:
    """More would take an estimate before that no leaf can hold."""
    assert volatility.accepts(moving(TOP, before=PPM).inputs())
    assert moving(TOP, before=PPM + 1).average == PPM + 1
    assert volatility.rejects(moving(TOP, before=PPM + 1).inputs())


def test_the_hints_hold_without_a_sample_too(volatility: CircuitTester) -> None:
    told = replace(moving(80, before=100), sampling=False)
    assert volatility.witness(told.inputs()) == {"sampled": MILLION, "out": 100}
    assert volatility.rejects(told.inputs(81))
    assert volatility.rejects(told.inputs(80, told.average + 1))


@pytest.mark.parametrize("sampling", [False, True])
@pytest.mark.parametrize("signal", ["sampled", "out"])
def test_what_is_left_cannot_be_lied_about(volatility: CircuitTester, signal: str, sampling: bool) -> None:
    told = replace(moving(80, before=100), sampling=sampling)
    other = replace(told, sampling=not sampling)
    lie = volatility.witness(other.inputs())[signal]
    assert isinstance(lie, int)
    for value in (lie, 0, 1):
        assert not volatility.accepts_witness_with(told.inputs(), {f"main.{signal}": value})


FALLEN = Sample(57_000, 60_000)
STILL = Sample(60_000, 60_000)
RISEN = moving(40)
JUMP = moving(80)
GIVEN = "sampling mark sampled sampledBefore before maxMovePpm"
FIRST = f"{GIVEN} isFirst IsZero#0"
MOVED = f"{FIRST} move"
OF_THE_REST = "rest Range#0"
AVERAGED = "average out Range#2 Range#3"
HELD = f"isJump IsNonNegative#1 held {AVERAGED}"
RETURNED = f"signedReturn isTop IsEqual#0 rises IsNonNegative#0 absolute {HELD}"
ALL = ".*"
SHORT = "rest Range#0 isTop missing Range#1"
Piece = tuple[Sample, str]
SPLICES: dict[str, tuple[tuple[Piece, ...], dict[str, int]]] = {
    # A first sample with the highest return: nothing but what is first forbids it.
    "isFirst": (
        (
            (Sample(5, 0), wires(f"{GIVEN} IsZero#0 returned")),
            (Sample(MILLION + 5, MILLION), wires("move")),
            (beyond_the_top(5), ALL),
        ),
        {},
    ),
    "move": (((FALLEN, wires(FIRST)), (STILL, ALL)), {}),
    "returned": (((STILL, wires(RETURNED)), (FALLEN, ALL)), {}),
    "rest": (((FALLEN, wires(MOVED)), (STILL, ALL)), {}),
    "isTop": (((RISEN, wires(MOVED)), (beyond_the_top(5), wires(SHORT)), (moving(35), ALL)), {}),
    "missing": (((RISEN, wires(MOVED)), (beyond_the_top(5), wires(OF_THE_REST)), (moving(35), ALL)), {}),
    # A rise of 7 that takes from an estimate of 9 what one of 8 has.
    "rises": (
        (
            (moving(0, before=8), wires(AVERAGED)),
            (moving(-1), wires("rises")),
            (moving(7, before=9), ALL),
        ),
        {"absolute": to_field(-7), "held": to_field(-7)},
    ),
    "absolute": (((moving(40), wires(f"absolute {HELD}")), (moving(80), ALL)), {}),
    "isJump": (((JUMP, wires(f"isJump held {AVERAGED}")), (replace(JUMP, max_move=40), ALL)), {}),
    "held": (((moving(40), wires(f"held {AVERAGED}")), (moving(80), ALL)), {}),
}


@pytest.mark.parametrize(("pieces", "lies"), SPLICES.values(), ids=SPLICES)
def test_no_step_to_an_estimate_is_free(
    volatility: CircuitTester, pieces: tuple[Piece, ...], lies: dict[str, int]
) -> None:
    """All that follows from the lie is as it would be."""
    told = [(sample.inputs(), pattern) for sample, pattern in pieces]
    assert all(volatility.accepts(honest) for honest, _ in told)
    assert not volatility.accepts_mosaic(*told, lies=lies)


# ---- The add-on.


class Terms(Struct, frozen=True):
    """What an add-on is made of."""

    volatility: int
    before: int = 0
    sampling: bool = True
    maintenance: int = 25_000
    factor: int = 25
    most: int = 75_000
    step: int = 5_000

    @property
    def schedule(self) -> MarginSchedule:
        return replace(
            SCHEDULE, volatility_factor=self.factor, addon_max_ppm=self.most, addon_step_ppm=self.step
        )

    @property
    def expected(self) -> int:
        market = Market(volatility_ppm=self.volatility, volatility_addon_ppm=self.before)
        parameters = MarketParameters(maintenance_ppm=self.maintenance)
        return volatility_addon(market, parameters, self.schedule, sampling=self.sampling)

    def inputs(self) -> dict[str, Nested]:
        return {
            "volatility": self.volatility,
            "before": self.before,
            "sampling": int(self.sampling),
            "maintenancePpm": self.maintenance,
            "schedule": schedule_bus(self.schedule),
        }


def check(circuit: CircuitTester, told: Terms) -> None:
    assert circuit.accepts(told.inputs())
    assert circuit.witness(told.inputs()) == {"out": told.expected}


RATES = st.sampled_from((0, PPM)) | st.integers(0, 10_000) | st.integers(0, PPM)


@given(
    told=st.builds(
        Terms, RATES, RATES, st.booleans(), RATES, st.integers(0, 30) | st.just(LARGEST_FACTOR), RATES, RATES
    )
)
@settings(max_examples=100)
@example(told=Terms(PPM, PPM, True, 0, LARGEST_FACTOR, PPM, PPM))
@example(told=Terms(PPM, 0, True, PPM, LARGEST_FACTOR, 0, 0))
@example(told=Terms(0, PPM, True, PPM, 0, PPM, PPM))
def test_an_add_on_is_that_of_the_engine(addon: CircuitTester, told: Terms) -> None:
    check(addon, told)


def test_the_add_ons_of_the_specifications_hour(addon: CircuitTester) -> None:
    before = 0
    for expected, (_, _, average) in zip((5_000, 10_000, 15_000, 20_000), HOUR, strict=True):
        told = Terms(average, before, most=25_000)
        assert told.expected == expected
        check(addon, told)
        before = told.expected


EDGES = {
    "what the maintenance margin covers": (Terms(1_000), 0),
    "less than it covers": (Terms(999), 0),
    "more than it covers": (Terms(1_001), 25),
    "nothing": (Terms(0), 0),
    "a factor of 0": (Terms(PPM, factor=0), 0),
    "one below the bound": (Terms(4_000, 75_000, maintenance=25_001), 74_999),
    "the bound": (Terms(4_000, 75_000), 75_000),
    "one above the bound": (Terms(4_000, 75_000, maintenance=24_999), 75_000),
    "a bound of 0": (Terms(4_000, 75_000, most=0), 0),
    "a bound that was lowered": (Terms(4_000, 75_000, most=10), 10),
    "one more than a step": (Terms(4_000, 69_999), 74_999),
    "a step": (Terms(4_000, 70_000), 75_000),
    "less than a step": (Terms(4_000, 70_001), 75_000),
    "no step without a sample": (Terms(4_000, 70_000, sampling=False), 70_000),
    "no step from nothing": (Terms(4_000, sampling=False), 0),
    "a step of 0": (Terms(4_000, 70_000, step=0), 70_000),
    "a fall": (Terms(1_001, 70_000), 25),
    "a fall without a sample": (Terms(1_001, 70_000, sampling=False), 25),
    "a fall to nothing": (Terms(0, 70_000), 0),
}


@pytest.mark.parametrize(("told", "expected"), EDGES.values(), ids=EDGES)
def test_an_add_on_on_either_side_of_a_line(addon: CircuitTester, told: Terms, expected: int) -> None:
    assert told.expected == expected
    check(addon, told)


def test_what_is_covered_is_compared_with_30_bits(addon: CircuitTester) -> None:
    """A product of a factor and an estimate has no more."""
    last = 1 << COVERED_BITS
    flat = Terms(last, before=0, maintenance=1, factor=1, most=0, step=0)
    assert addon.accepts(flat.inputs())
    assert addon.rejects(replace(flat, maintenance=0).inputs())
    assert addon.accepts(replace(flat, volatility=0, maintenance=last).inputs())
    assert addon.rejects(replace(flat, volatility=0, maintenance=last + 1).inputs())


def test_the_bound_is_compared_with_30_bits(addon: CircuitTester) -> None:
    last = (1 << COVERED_BITS) - 1
    assert addon.accepts(Terms(0, most=last, step=0).inputs())
    assert addon.rejects(Terms(0, most=last + 1, step=0).inputs())


def test_the_reach_is_compared_with_21_bits(addon: CircuitTester) -> None:
    last = (1 << (c.PPM_BITS + 1)) - 1
    assert addon.accepts(Terms(0, before=last, step=0).inputs())
    assert addon.rejects(Terms(0, before=last + 1, step=0).inputs())
    for most, fits in ((last + 1, True), (last + 2, False)):
        told = Terms(PPM, maintenance=0, most=most, step=0).inputs()
        assert addon.accepts(told) == fits
        assert addon.rejects(told) != fits


TERMS = "volatility before sampling maintenancePpm schedule"
COVERED = f"{TERMS} covered IsNonNegative#0"
NEEDED = f"{COVERED} isPositive needed IsNonNegative#1"
TARGET = f"{NEEDED} fits target"
ADDON_SPLICES = {
    "covered": (Terms(2_000, 70_000), Terms(1_500, 70_000), TERMS),
    "isPositive": (Terms(2_000, 70_000), Terms(0, 70_000), COVERED),
    "needed": (Terms(2_000, 70_000), Terms(1_500, 70_000), f"{COVERED} isPositive"),
    "fits": (Terms(5_000, 90_000), Terms(5_000, 90_000, most=200_000), NEEDED),
    "target": (Terms(2_000, 70_000), Terms(1_500, 70_000), f"{NEEDED} fits"),
    "reach": (Terms(4_000, 10_000, sampling=False), Terms(4_000, 10_000), TARGET),
    "reached": (
        Terms(4_000, 10_000),
        Terms(4_000, 10_000, step=90_000),
        f"{TARGET} reach IsNonNegative#2",
    ),
    "out": (
        Terms(4_000, 10_000),
        Terms(4_000, 10_000, step=90_000),
        f"{TARGET} reach IsNonNegative#2 reached",
    ),
}


@pytest.mark.parametrize(("told", "other", "kept"), ADDON_SPLICES.values(), ids=ADDON_SPLICES)
def test_no_step_to_an_add_on_is_that_of_other_terms(
    addon: CircuitTester, told: Terms, other: Terms, kept: str
) -> None:
    assert told.expected != other.expected
    assert addon.accepts_splice(told.inputs(), other.inputs(), ".*")
    assert not addon.accepts_splice(told.inputs(), other.inputs(), wires(kept))


@pytest.mark.parametrize("told", [Terms(4_000, 10_000), Terms(1_001, 70_000), Terms(2_000, 25_000)])
def test_an_add_on_cannot_be_lied_about(addon: CircuitTester, told: Terms) -> None:
    for lie in {0, told.before, told.most, told.expected + 1, told.expected - 1} - {told.expected}:
        assert not addon.accepts_witness_with(told.inputs(), {"main.out": lie})
