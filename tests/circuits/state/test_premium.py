"""The rate that the fills of a period leave to the next, and where it is written down."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.errors import CompileError
from prover.witness import Nested
from sequencer.engine.funding import next_rate, premium_ppm
from sequencer.model import constants as c
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import NO_PREMIUMS, Premium, premium_root
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL, premium_bus

PPM = (1 << c.PPM_BITS) - 1
TOP, BOTTOM = (1 << 21) - 1, -(1 << 21)
DAMPENER = c.PREMIUM_DAMPENER_PPM
CLAMP_BITS = 22
WEIGHT_BITS, REST_BITS = 80, 102
INTEREST = (1 << c.INTEREST_BITS) - 1
GRIDS = ((c.FUNDING_SECONDS, 15), (c.SAMPLE_SECONDS, 9))


@pytest.fixture(scope="module")
def root() -> CircuitTester:
    return CircuitTester("PremiumRoot")


@pytest.fixture(scope="module")
def clamp() -> CircuitTester:
    return CircuitTester("Clamp", (CLAMP_BITS,))


@pytest.fixture(scope="module")
def rate() -> CircuitTester:
    return CircuitTester("NextRate")


@pytest.fixture(scope="module", params=GRIDS, ids=str)
def period(request: pytest.FixtureRequest) -> tuple[CircuitTester, int]:
    """The circuit of a grid, and how long a period of it is."""
    return CircuitTester("PeriodOf", request.param), request.param[0]


def inverse(value: int) -> int:
    return pow(value, -1, c.FIELD_MODULUS)


# ---- The root.

PREMIUMS = (Premium(-5, 7, -11), Premium(), Premium(1 << 80, 1 << 79, PPM), Premium(13, 17, 19))


def root_inputs(premiums: tuple[Premium, ...], number: int) -> dict[str, Nested]:
    return {"premium": [premium_bus(premium) for premium in premiums], "period": number}


@pytest.mark.parametrize("premiums", [PREMIUMS, NO_PREMIUMS])
@pytest.mark.parametrize("number", [0, 55_000])
def test_the_root_is_that_of_the_sequencer(
    root: CircuitTester, premiums: tuple[Premium, ...], number: int
) -> None:
    told = root_inputs(premiums, number)
    assert root.accepts(told)
    assert root.witness(told) == {"root": premium_root(premiums, number)}


@pytest.mark.parametrize("field", ["excess", "weight", "rate_ppm"])
@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_the_root_commits_to_every_word(root: CircuitTester, slot: int, field: str) -> None:
    other = list(PREMIUMS)
    other[slot] = replace(other[slot], **{field: 99})
    told = root.witness(root_inputs(tuple(other), 3))
    assert told == {"root": premium_root(other, 3)}
    assert told != root.witness(root_inputs(PREMIUMS, 3))
    assert told != root.witness(root_inputs(tuple(other), 4))


def test_the_root_cannot_be_lied_about(root: CircuitTester) -> None:
    other = premium_root(NO_PREMIUMS, 3)
    assert not root.accepts_witness_with(root_inputs(PREMIUMS, 3), {"main.root": other})


# ---- A value held within bounds.


def clamped(value: int, bound: int) -> int:
    return max(-bound, min(bound, value))


VALUES = st.integers(-3, 3) | st.integers(1 - (1 << CLAMP_BITS), (1 << CLAMP_BITS) - 1)


@st.composite
def bounded(draw: st.DrawFn) -> tuple[int, int]:
    """A value and a bound, often next to each other."""
    value = draw(VALUES)
    near = st.sampled_from([max(abs(value) + step, 0) for step in (-1, 0, 1)])
    return value, min(draw(near | VALUES.map(abs)), (1 << CLAMP_BITS) - 1)


@given(told=bounded())
@settings(max_examples=80)
@example(told=((1 << CLAMP_BITS) - 1, (1 << CLAMP_BITS) - 1))
@example(told=(1 - (1 << CLAMP_BITS), (1 << CLAMP_BITS) - 1))
@example(told=((1 << CLAMP_BITS) - 1, 0))
@example(told=(1 - (1 << CLAMP_BITS), 0))
@example(told=(0, 0))
def test_a_value_is_held_within_its_bound(clamp: CircuitTester, told: tuple[int, int]) -> None:
    value, bound = told
    inputs: dict[str, Nested] = {"value": value, "bound": bound}
    assert clamp.accepts(inputs)
    assert clamp.witness(inputs) == {"out": to_field(clamped(value, bound))}


@pytest.mark.parametrize(
    ("value", "lies"),
    [
        (-6, {"out": -6}),
        (-6, {"raised": -6, "out": -6}),
        (-6, {"aboveBottom": 1, "raised": -6, "out": -6}),
        (-5, {"belowTop": 0, "out": 5}),
        (4, {"aboveBottom": 0, "raised": -5, "out": -5}),
        (4, {"belowTop": 0, "out": 5}),
        (4, {"raised": 3, "out": 3}),
        (4, {"out": 5}),
        (5, {"aboveBottom": 0, "raised": -5, "out": -5}),
        (6, {"belowTop": 1, "out": 6}),
        (6, {"out": 6}),
        (6, {"raised": 5}),
        (6, {"raised": 3, "belowTop": 1, "out": 3}),
        (6, {"aboveBottom": 0, "raised": -5, "belowTop": 1, "out": -5}),
    ],
    ids=str,
)
def test_no_bound_can_be_lied_about(clamp: CircuitTester, value: int, lies: dict[str, int]) -> None:
    """Each lie comes with what follows from it."""
    told = {f"main.{name}": to_field(lie) for name, lie in lies.items()}
    assert not clamp.accepts_witness_with({"value": value, "bound": 5}, told)


@pytest.mark.parametrize(
    ("value", "other", "kept"),
    [(4, -6, "value|bound|IsNonNegative#0"), (4, 3, "value|bound|IsNonNegative#0|aboveBottom")],
    ids=["aboveBottom", "raised"],
)
def test_a_value_is_not_held_as_another_one(clamp: CircuitTester, value: int, other: int, kept: str) -> None:
    """All that follows from the lie is as it would be of the other value."""
    told, lie = {"value": value, "bound": 5}, {"value": other, "bound": 5}
    assert clamp.accepts_splice(told, lie, ".*")
    assert not clamp.accepts_splice(told, lie, kept)


@pytest.mark.parametrize(
    ("fits", "beyond"),
    [
        (((1 << CLAMP_BITS + 1) - 1, 0), (1 << CLAMP_BITS + 1, 0)),
        ((-(1 << CLAMP_BITS + 1), 0), (-(1 << CLAMP_BITS + 1) - 1, 0)),
        ((1 - (1 << CLAMP_BITS), 1 << CLAMP_BITS), (-(1 << CLAMP_BITS), 1 << CLAMP_BITS)),
    ],
    ids=["above", "below", "bound"],
)
def test_no_bound_is_compared_with_what_would_wrap(
    clamp: CircuitTester, fits: tuple[int, int], beyond: tuple[int, int]
) -> None:
    assert clamp.accepts({"value": fits[0], "bound": fits[1]})
    assert clamp.rejects({"value": beyond[0], "bound": beyond[1]})


# ---- The rate.


class Case(Struct, frozen=True):
    """What a period leaves: the fills, and the market as it ends; and the terms of the next."""

    excess: int
    weight: int
    interest: int = 0
    mark: int = 0
    base_ppm: int = 100
    buffer_ppm: int = 500_000
    maintenance_ppm: int = 20_000

    @property
    def divisor(self) -> int:
        return max(self.weight, self.interest * self.mark)

    @property
    def premium(self) -> Premium:
        return Premium(self.excess, self.weight, 77)

    @property
    def market(self) -> Market:
        return replace(PERPETUAL, open_interest=self.interest, mark=self.mark)

    @property
    def parameters(self) -> MarketParameters:
        return replace(
            PERPETUAL.parameters,
            initial_ppm=self.maintenance_ppm + self.buffer_ppm,
            maintenance_ppm=self.maintenance_ppm,
            interest_ppm=self.base_ppm,
        )

    @property
    def rate(self) -> int:
        return next_rate(self.premium, self.market, self.parameters)

    def inputs(self, ppm: int | None = None) -> dict[str, Nested]:
        """With the premium in ppm that the formula says, or another one."""
        honest = min(premium_ppm(self.premium, self.market), TOP)
        return {
            "premium": premium_bus(self.premium),
            "openInterest": self.interest,
            "mark": self.mark,
            "premiumPpm": honest if ppm is None else ppm,
            "interestPpm": self.base_ppm,
            "initialPpm": self.parameters.initial_ppm,
            "maintenancePpm": self.maintenance_ppm,
        }


def worth(ppm: int, rest: int = 0, divisor: int = 10**6, **terms: int) -> Case:
    """A period that traded so many ppm above the mark; a rest below 10^6 makes a fraction of the excess."""
    excess = (ppm * divisor + rest) * inverse(c.PPM_UNIT) % c.FIELD_MODULUS
    excess -= c.FIELD_MODULUS * (excess > c.FIELD_MODULUS // 2)
    return Case(excess, divisor, **terms)


def check(circuit: CircuitTester, case: Case) -> None:
    assert circuit.accepts(case.inputs())
    assert circuit.witness(case.inputs()) == {"rate": to_field(case.rate)}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Periods of any size: the premium often small, often far beyond the bounds, the divisor either one."""
    mark, lots = draw(st.integers(1, 2_000) | st.integers(1, c.RANK_MAX)), draw(st.integers(0, 1 << 28))
    weight = mark * draw(st.sampled_from([0, lots, lots + 1]) | st.integers(0, 1 << 40))
    interest = draw(st.sampled_from([0, lots]) | st.integers(0, (1 << c.SIZE_BITS) - 1))
    divisor = max(weight, interest * mark)
    # Nobody trades below 0 ticks.
    ppm = draw(st.integers(-700, 700) | st.integers(-(10**6), 10**6) | st.integers(-(10**6), 1 << 40))
    excess = ppm * divisor // c.PPM_UNIT + draw(st.integers(-2, 2))
    excess = max(-weight, min(excess, (1 << WEIGHT_BITS) - 1)) if weight else 0
    base, buffer = draw(st.integers(0, 700) | st.integers(0, INTEREST)), draw(st.integers(0, PPM - 1))
    return Case(excess, weight, interest, mark, base, buffer, draw(st.integers(1, PPM - buffer)))


@given(case=cases())
@settings(max_examples=200)
@example(case=Case(-((1 << 80) - 1), (1 << 80) - 1, (1 << 48) - 1, c.RANK_MAX, INTEREST, PPM - 1, 1))
@example(case=Case((1 << 80) - 1, (1 << 80) - 1, (1 << 48) - 1, c.RANK_MAX, 0, PPM - 1, 1))
@example(case=Case((1 << 80) - 1, 1, 0, 1, 0, PPM - 1, 1))
def test_the_rate_is_that_of_the_engine(rate: CircuitTester, case: Case) -> None:
    check(rate, case)
    for error in (-1, 1):
        assert rate.rejects(case.inputs(min(premium_ppm(case.premium, case.market), TOP) + error))


THIN = Case(4_800, 10_000, 20, 600)
EDGES = {
    "nothing traded and nothing held": (Case(0, 0), 100),
    "nothing traded": (Case(0, 0, 20, 600), 100),
    "nothing held": (Case(100, 10_000), 9_500),
    "traded more than is held": (Case(4_800, 12_001, 20, 600), 399_466),
    "traded as much as is held": (Case(4_800, 12_000, 20, 600), 399_500),
    "traded less than is held": (THIN, 399_500),
    "before the first round": (Case(0, 0, 0, 0, 0), 0),
    "rounded down": (Case(1, 3 * 10**6 - 1, base_ppm=0), 0),
    "a negative premium is rounded down": (Case(-1, 10**9, base_ppm=499), 499),
    "and by one more than a fraction": (Case(-1, 10**9, base_ppm=500), 499),
    "interest within reach": (worth(600), 100),
    "interest out of reach": (worth(601), 101),
    "interest within reach from below": (worth(-400), 100),
    "interest out of reach from below": (worth(-401), 99),
    "the cap": (worth(10_500, buffer_ppm=10_000), 10_000),
    "below the cap": (worth(10_499, buffer_ppm=10_000), 9_999),
    "beyond the cap": (worth(10_501, buffer_ppm=10_000), 10_000),
    "the other cap": (worth(-10_500, buffer_ppm=10_000), -10_000),
    "above the other cap": (worth(-10_499, buffer_ppm=10_000), -9_999),
    "beyond the other cap": (worth(-10_501, buffer_ppm=10_000), -10_000),
    "interest beyond the cap": (worth(0, base_ppm=INTEREST, buffer_ppm=5), 5),
    "no buffer": (worth(5_000, buffer_ppm=0), 0),
    "no buffer below": (worth(-5_000, buffer_ppm=0), 0),
    "the largest buffer": (worth(TOP - 1, buffer_ppm=PPM - 1, maintenance_ppm=1), PPM - 1),
    "all for nothing": (worth(-(10**6), buffer_ppm=PPM - 1, maintenance_ppm=1), -(10**6) + DAMPENER),
    "one below the top": (Case(TOP * 10**6 - 1, 10**12), 500_000),
    "the top": (worth(TOP), 500_000),
    "the top and a rest": (Case(TOP * 10**6 + 1, 10**12), 500_000),
    "one above the top": (worth(TOP + 1), 500_000),
    "far above the top": (Case((1 << 80) - 1, 1), 500_000),
}


@pytest.mark.parametrize(("case", "expected"), EDGES.values(), ids=EDGES)
def test_a_rate_on_either_side_of_a_line(rate: CircuitTester, case: Case, expected: int) -> None:
    assert case.rate == expected
    check(rate, case)


@pytest.mark.parametrize("rest", [0, 1, 999_999, 500_000])
@pytest.mark.parametrize("ppm", [-(10**6), -7, -1, 0, 1, 600, TOP - 1])
def test_a_premium_is_neither_less_nor_more(rate: CircuitTester, ppm: int, rest: int) -> None:
    told = worth(ppm, rest)
    assert rate.accepts(told.inputs(ppm))
    for error in (-2, -1, 1, 2, 1 << 20, -(1 << 20)):
        assert rate.rejects(told.inputs(ppm + error))
    assert rate.rejects(told.inputs(TOP))


@pytest.mark.parametrize("missing", [1, 999_999, 10**6])
def test_a_premium_is_at_the_top_where_it_must_be(rate: CircuitTester, missing: int) -> None:
    """Without need it would be all that longs can pay."""
    assert rate.rejects(worth(TOP, -missing).inputs(TOP))
    for above in (0, 1, missing):
        assert rate.accepts(worth(TOP, above).inputs(TOP))
        assert rate.rejects(worth(TOP, above).inputs(TOP - 1))


@pytest.mark.parametrize("rest", [0, 1, 12_345])
def test_a_premium_is_no_fraction(rate: CircuitTester, rest: int) -> None:
    """Any rest is that of some field element."""
    case = Case(1, 3 * 10**6)
    share = (c.PPM_UNIT - rest) * inverse(case.divisor) % c.FIELD_MODULUS
    assert rate.accepts(case.inputs(0))
    assert rate.rejects(case.inputs(share))


@pytest.mark.parametrize("ppm", [1, -1, 500, TOP, TOP - 1, BOTTOM])
def test_without_a_divisor_the_premium_is_nothing(rate: CircuitTester, ppm: int) -> None:
    for nothing in (Case(0, 0), Case(0, 0, 7, 0), Case(0, 0, 0, 7)):
        assert rate.accepts(nothing.inputs(0))
        assert rate.rejects(nothing.inputs(ppm))


@pytest.mark.parametrize("excess", [1, -1, 1 << 60])
def test_nothing_has_no_excess(rate: CircuitTester, excess: int) -> None:
    """The state never holds this one, for no mark is 0."""
    assert rate.rejects(Case(0, 0).inputs() | {"premium": premium_bus(Premium(excess, 0, 0))})


@pytest.mark.parametrize(("ppm", "fits"), [(BOTTOM, True), (BOTTOM - 1, False), (TOP + 1, False)])
def test_a_premium_has_21_bits_and_a_sign(rate: CircuitTester, ppm: int, fits: bool) -> None:
    """Even one that leaves no rest."""
    assert rate.accepts(worth(ppm).inputs(ppm)) == fits
    assert rate.rejects(worth(ppm).inputs(ppm)) != fits


def test_a_rest_has_102_bits(rate: CircuitTester) -> None:
    """Only what is far above the top leaves one that is larger than the divisor."""
    last = (1 << REST_BITS) - 1
    assert rate.accepts(worth(TOP, last, divisor=1).inputs(TOP))
    assert rate.rejects(worth(TOP, last + 1, divisor=1).inputs(TOP))


def test_what_is_missing_to_the_divisor_has_80_bits(rate: CircuitTester) -> None:
    """A divisor has no more; beyond, two of them held so that their difference has a sign."""
    last = 1 << WEIGHT_BITS
    assert rate.accepts(worth(5, 0, divisor=last, interest=1, mark=1).inputs(5))
    assert rate.accepts(worth(5, 1, divisor=last + 1, interest=1, mark=2).inputs(5))
    assert rate.rejects(worth(5, 0, divisor=last + 1, interest=1, mark=2).inputs(5))


def test_what_was_traded_is_compared_with_80_bits(rate: CircuitTester) -> None:
    last = 1 << WEIGHT_BITS
    for fits, beyond in (
        (Case(0, last - 1), Case(0, last)),
        (Case(0, 0, last - 1, 1), Case(0, 0, last + 1, 1)),
    ):
        assert rate.accepts(fits.inputs(0))
        assert rate.rejects(beyond.inputs(0))


def leading_to(case: Case, ppm: int, **lies: int) -> dict[str, int]:
    """Lies with all that the premium in ppm makes of them."""
    damped = clamped(case.base_ppm - ppm, DAMPENER)
    told = {"damped": damped, "rate": clamped(ppm + damped, case.buffer_ppm)} | lies
    return {f"main.{name}": to_field(value) for name, value in told.items()}


FAT = Case(4_800, 24_000, 20, 600)
STEEP = worth(5_000)
TOPMOST = Case(TOP * 10**6 + 3, 10**12)
LIES: dict[str, tuple[Case, int | None, dict[str, int]]] = {
    "another open interest": (
        THIN,
        480_000,
        {"held": 10_000, "traded": 1, "divisor": 10_000, "missing": 9_999},
    ),
    "more traded than is": (THIN, 480_000, {"traded": 1, "divisor": 10_000, "rest": 0, "missing": 9_999}),
    "less traded than is": (FAT, 400_000, {"traded": 0, "divisor": 12_000, "rest": 0, "missing": 11_999}),
    "another divisor": (FAT, 400_000, {"divisor": 12_000, "rest": 0, "missing": 11_999}),
    "another divisor of nothing": (Case(0, 0), 5, {"divisor": 1, "nothing": 0, "rest": -5, "missing": 5}),
    "something": (Case(0, 0), 5, {"nothing": 0, "missing": -1}),
    "nothing": (THIN, None, {"nothing": 1, "missing": 12_000}),
    "another rest": (STEEP, 5_001, {"rest": 0, "missing": 10**6 - 1}),
    "a rest of more": (STEEP, 4_999, {"rest": 0, "missing": 10**6 - 1}),
    "a top that is none": (STEEP, 4_999, {"isTop": 1, "missing": 0}),
    "a top that is none, nor needed": (STEEP, None, {"isTop": 1, "missing": 0}),
    "no top": (TOPMOST, None, {"isTop": 0, "missing": 10**12 - 1 - 3 * 10**6}),
    "nothing missing": (STEEP, 4_999, {"missing": 0}),
    "another damping": (STEEP, None, {"damped": 0, "rate": 5_000}),
    "the other damping": (STEEP, None, {"damped": DAMPENER, "rate": 5_000 + DAMPENER}),
    "another rate": (STEEP, None, {"rate": 4_501}),
    "a free rate": (STEEP, None, {"rate": 0}),
}


@pytest.mark.parametrize(("case", "ppm", "lies"), LIES.values(), ids=LIES)
def test_no_rate_can_be_lied_about(
    rate: CircuitTester, case: Case, ppm: int | None, lies: dict[str, int]
) -> None:
    """Where another premium is told, the lie makes up for it."""
    honest = min(premium_ppm(case.premium, case.market), TOP)
    told = {"main.premiumPpm": to_field(ppm)} if ppm is not None else {}
    lie = told | leading_to(case, honest if ppm is None else ppm, **lies)
    assert not rate.accepts_witness_with(case.inputs(), lie)
    assert rate.accepts_witness_with(case.inputs(), leading_to(case, honest))


GIVEN = "premium[.]|openInterest|mark|interestPpm|initialPpm|maintenancePpm"
COMPARED = f"{GIVEN}|held|IsNonNegative#0"
DIVIDED = f"{COMPARED}|traded|divisor|IsZero#0"
SPLICES = {
    "held": (THIN, replace(THIN, interest=10), GIVEN),
    "traded": (THIN, replace(THIN, interest=10), COMPARED),
    "not traded": (FAT, replace(FAT, weight=6_000), COMPARED),
    "divisor": (FAT, replace(FAT, weight=12_000), f"{COMPARED}|traded"),
    "nothing": (Case(0, 0), worth(TOP), DIVIDED),
    "rest": (STEEP, worth(4_999), f"{DIVIDED}|nothing"),
    "isTop": (STEEP, worth(TOP), "(?!isTop|missing|Range#1)"),
    "missing": (STEEP, THIN, "(?!missing|Range#1)"),
    "damped": (STEEP, replace(STEEP, base_ppm=5_000), "(?!damped|rate|Clamp#1)"),
}


@pytest.mark.parametrize(("case", "other", "kept"), SPLICES.values(), ids=SPLICES)
def test_no_step_to_the_rate_is_that_of_another_period(
    rate: CircuitTester, case: Case, other: Case, kept: str
) -> None:
    """All that follows from the lie is as it would be there, the premium in ppm too."""
    assert rate.accepts_splice(case.inputs(), other.inputs(), ".*")
    assert not rate.accepts_splice(case.inputs(), other.inputs(), kept)


# ---- The period.


def period_inputs(time: int, number: int) -> dict[str, Nested]:
    return {"time": time, "period": number}


TIMES = st.integers(0, 3 * c.FUNDING_SECONDS) | st.integers(0, (1 << c.TIME_BITS) - 1)


@given(time=TIMES, begins=st.booleans())
@settings(max_examples=60)
@example(time=0, begins=True)
@example(time=3 * c.FUNDING_SECONDS - 1, begins=False)
@example(time=3 * c.FUNDING_SECONDS, begins=True)
@example(time=3 * c.FUNDING_SECONDS + 1, begins=False)
@example(time=1_584_000_000, begins=True)
@example(time=1_584_000_299, begins=False)
@example(time=(1 << c.TIME_BITS) - 1, begins=False)
def test_a_time_has_one_period(period: tuple[CircuitTester, int], time: int, begins: bool) -> None:
    circuit, seconds = period
    number = time // seconds
    time = number * seconds if begins else time
    assert circuit.accepts(period_inputs(time, number))
    for error in (-2, -1, 1, 2, 1 << 25, 1 << 39):
        assert circuit.rejects(period_inputs(time, number + error))


@pytest.mark.parametrize("rest", [0, 1, 2, 17, -1])
def test_a_period_is_no_fraction(period: tuple[CircuitTester, int], rest: int) -> None:
    """Any rest is that of some field element; of the one that is honest it is 3."""
    circuit, seconds = period
    time = 3 * seconds + 3
    share = (time - rest % seconds) * inverse(seconds) % c.FIELD_MODULUS
    assert circuit.rejects(period_inputs(time, share))


def test_a_period_has_40_bits(period: tuple[CircuitTester, int]) -> None:
    """The time has fewer; it is the caller's."""
    circuit, seconds = period
    last = (1 << c.TIME_BITS) - 1
    assert circuit.accepts(period_inputs(last * seconds, last))
    assert circuit.rejects(period_inputs((last + 1) * seconds, last + 1))


@pytest.mark.parametrize("number", [2, 3, 4])
@pytest.mark.parametrize("rest", [0, 3, -1])
def test_the_rest_of_a_period_cannot_be_lied_about(
    period: tuple[CircuitTester, int], number: int, rest: int
) -> None:
    circuit, seconds = period
    lie = {"main.rest": rest % seconds, "main.period": number}
    told = period_inputs(3 * seconds + 3, 3)
    assert circuit.accepts_witness_with(told, lie) == ((number, rest) == (3, 3))


def test_a_period_is_that_of_no_other_time(period: tuple[CircuitTester, int]) -> None:
    circuit, seconds = period
    told, other = period_inputs(3 * seconds + 3, 3), period_inputs(5 * seconds + 7, 5)
    assert circuit.accepts_splice(told, other, ".*")
    assert not circuit.accepts_splice(told, other, "time")


def test_a_rest_has_the_bits_of_its_period() -> None:
    with pytest.raises(CompileError):
        CircuitTester("PeriodOf", (513, 9))
