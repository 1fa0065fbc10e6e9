"""What the margin of a position grows by: rounded up, to the unit, and no other field element."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester, wires

PPM = (1 << c.PPM_BITS) - 1
HIGHEST_LOT = PPM * ((1 << c.PRICE_BITS) - 1)
UNIT = 1 << c.TIER_UNIT_BITS
STEP_BITS = 68


@pytest.fixture(scope="module")
def tier() -> CircuitTester:
    return CircuitTester("TierStep")


class Terms(Struct, frozen=True):
    """A lot at the mark, the rate of the schedule and the unit of the market."""

    lot_value: int
    tier_ppm: int = 1
    quote_per_tick_lot: int = 1

    @property
    def whole(self) -> int:
        """What is shared out among 2^24 quote units a tick."""
        return self.lot_value * self.tier_ppm * self.quote_per_tick_lot

    @property
    def step(self) -> int:
        step, rest = divmod(self.whole, UNIT)
        return step + (rest > 0)

    def inputs(self, step: int | None = None) -> dict[str, Nested]:
        return {
            "lotValue": self.lot_value,
            "tierPpm": self.tier_ppm,
            "quotePerTickLot": self.quote_per_tick_lot,
            "step": self.step if step is None else step,
        }


def check(circuit: CircuitTester, told: Terms) -> None:
    """The step is the one that is accepted, of those near it."""
    assert circuit.accepts(told.inputs())
    for error in (-UNIT, -2, -1, 1, 2, UNIT, 1 << STEP_BITS):
        assert circuit.rejects(told.inputs(told.step + error))


RATES = st.sampled_from((0, 1, PPM)) | st.integers(0, PPM)
LARGEST = Terms(HIGHEST_LOT, PPM, PPM)


@given(told=st.builds(Terms, st.integers(0, 2 * UNIT) | st.integers(0, HIGHEST_LOT), RATES, RATES))
@settings(max_examples=60)
@example(told=LARGEST)
@example(told=Terms(0, PPM, PPM))
@example(told=Terms(HIGHEST_LOT, 0, PPM))
@example(told=Terms(HIGHEST_LOT, PPM, 0))
@example(told=Terms(0, 0, 0))
def test_a_step_is_rounded_up(tier: CircuitTester, told: Terms) -> None:
    check(tier, told)


@pytest.mark.parametrize(
    ("told", "step"),
    [
        (Terms(1), 1),
        (Terms(UNIT - 1), 1),
        (Terms(UNIT), 1),
        (Terms(UNIT + 1), 2),
        (Terms(1, UNIT >> 5, 1 << 5), 1),
        (Terms(3, UNIT >> 5, 1 << 5), 3),
        (Terms(3, (UNIT >> 5) + 1, 1 << 5), 4),
        # Of the specification: ten BTC at 60,000 dollars.
        (Terms(60_000_000, 50_000, 100), 17_881_394),
    ],
)
def test_a_step_on_either_side_of_a_whole_one(tier: CircuitTester, told: Terms, step: int) -> None:
    assert told.step == step
    check(tier, told)


@pytest.mark.parametrize("added", [0, 1, 2, UNIT // 2, UNIT - 1])
@pytest.mark.parametrize("told", [Terms(UNIT + 1), Terms(UNIT), Terms(60_000_001, 50_001, 101)])
def test_a_step_is_no_fraction(tier: CircuitTester, told: Terms, added: int) -> None:
    """Whatever rounding has added, some field element is that share of it."""
    share = (told.whole + added) * pow(UNIT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
    assert tier.accepts(told.inputs(share)) == (share == told.step)
    assert tier.rejects(told.inputs(share)) != (share == told.step)


def test_the_largest_step_has_68_bits(tier: CircuitTester) -> None:
    assert LARGEST.step < 1 << STEP_BITS <= 2 * LARGEST.step
    last = Terms(((1 << STEP_BITS) - 1) * UNIT)
    beyond = replace(last, lot_value=last.lot_value + 1)
    assert (last.step, beyond.step) == ((1 << STEP_BITS) - 1, 1 << STEP_BITS)
    assert tier.accepts(last.inputs())
    assert tier.rejects(beyond.inputs())


@pytest.mark.parametrize(
    "kept", ["lotValue tierPpm quotePerTickLot", "lotValue tierPpm quotePerTickLot rate"]
)
@pytest.mark.parametrize(("tier_ppm", "quote_per_tick_lot"), [(5, 2), (5, 4), (6, 3), (4, 3)])
def test_no_step_is_that_of_other_terms(
    tier: CircuitTester, kept: str, tier_ppm: int, quote_per_tick_lot: int
) -> None:
    """All that follows from the lie is as it would be there."""
    honest = Terms(71 * UNIT + 9, 5, 3)
    other = replace(honest, tier_ppm=tier_ppm, quote_per_tick_lot=quote_per_tick_lot)
    assert tier.accepts_splice(honest.inputs(), other.inputs(), ".*")
    assert not tier.accepts_splice(honest.inputs(), other.inputs(), wires(kept))
