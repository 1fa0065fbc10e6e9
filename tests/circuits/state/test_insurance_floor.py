"""Whether the insurance fund is below its floor once a batch ends."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

SLOTS = 2
MOST = 1 << 64
HIGHEST_FLOOR = c.COLLATERAL_BOUND - 1
COMPARED_BITS = 65


@pytest.fixture(scope="module")
def floor() -> CircuitTester:
    return CircuitTester("InsuranceFloor", (SLOTS,))


class Case(Struct, frozen=True):
    """The fund when a batch ends, in a slot or in none, and what was said of it before."""

    equity: int
    floor: int
    before: bool
    slot: int | None = 1

    @property
    def uninsured(self) -> bool:
        return self.before if self.slot is None else self.equity < self.floor

    def inputs(self) -> dict[str, Nested]:
        return {
            "isFund": [int(place == self.slot) for place in range(SLOTS)],
            "equity": self.equity,
            "floor": self.floor,
            "before": int(self.before),
        }


def check(circuit: CircuitTester, case: Case) -> None:
    assert circuit.accepts(case.inputs())
    assert circuit.witness(case.inputs()) == {"uninsured": int(case.uninsured)}


FLOORS = st.sampled_from((0, 1, HIGHEST_FLOOR)) | st.integers(0, HIGHEST_FLOOR)


@given(
    bound=FLOORS,
    distance=st.integers(-2, 2) | st.integers(-(1 << 63), 1 << 63),
    before=st.booleans(),
    slot=st.sampled_from((0, 1, None)),
)
@settings(max_examples=60)
@example(bound=HIGHEST_FLOOR, distance=-MOST - HIGHEST_FLOOR, before=False, slot=0)
@example(bound=0, distance=MOST - 1, before=True, slot=1)
def test_a_fund_is_insured_from_its_floor_on(
    floor: CircuitTester, bound: int, distance: int, before: bool, slot: int | None
) -> None:
    check(floor, Case(bound + distance, bound, before, slot))


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("slot", range(SLOTS))
@pytest.mark.parametrize("bound", [0, 1, 1_000_000, HIGHEST_FLOOR])
@pytest.mark.parametrize(("distance", "uninsured"), [(-1, True), (0, False), (1, False)])
def test_the_floor_itself_is_enough(
    floor: CircuitTester, distance: int, uninsured: bool, bound: int, slot: int, before: bool
) -> None:
    case = Case(bound + distance, bound, before, slot)
    assert case.uninsured == uninsured
    check(floor, case)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("equity", [-1, 0, 999, 1_000, 1_001])
def test_without_the_fund_nothing_is_judged(floor: CircuitTester, equity: int, before: bool) -> None:
    case = Case(equity, 1_000, before, slot=None)
    assert case.uninsured == before
    check(floor, case)


def test_what_is_compared_has_65_bits(floor: CircuitTester) -> None:
    """And a sign: no equity and no floor are further apart."""
    far = 1 << COMPARED_BITS
    for equity, fits in ((far - 1, True), (far, False), (-far, True), (-far - 1, False)):
        for told in (Case(equity, 0, before=False), Case(equity + 5, 5, before=True, slot=None)):
            assert floor.accepts(told.inputs()) == fits
            assert floor.rejects(told.inputs()) != fits


COVERED = Case(1_000, 1_000, before=True)
SHORT = Case(999, 1_000, before=False)


@pytest.mark.parametrize(
    "case",
    [
        COVERED,
        SHORT,
        replace(COVERED, before=False),
        replace(SHORT, before=True),
        *(replace(case, slot=None) for case in (COVERED, SHORT)),
    ],
    ids=str,
)
def test_no_insurance_can_be_lied_about(floor: CircuitTester, case: Case) -> None:
    """What follows from the lie is as it would be."""
    covered, uninsured = int(case.equity >= case.floor), int(case.uninsured)
    shown = int(case.slot is not None)
    told = case.inputs()
    assert floor.accepts_witness_with(told, {"main.covered": covered, "main.uninsured": uninsured})
    followed = covered if shown else uninsured
    assert not floor.accepts_witness_with(told, {"main.covered": 1 - covered, "main.uninsured": followed})
    for lie in (1 - uninsured, 2):
        assert not floor.accepts_witness_with(told, {"main.uninsured": lie})
