"""The fee schedule as the configuration packs it, and the rates of a tier."""

import pytest

from prover.witness import Nested
from sequencer.crypto import FIELD_MODULUS
from sequencer.model import constants as c
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

OFFSET = c.MAKER_FEE_OFFSET
NO_KEYS = ((0, 1),) * c.ORACLE_SIGNERS
TIERS = (FeeTier(-100, 500), FeeTier(0, 400), FeeTier(OFFSET - 1, OFFSET - 1), FeeTier(-99, 100))


@pytest.fixture(scope="module")
def schedule() -> CircuitTester:
    return CircuitTester("FeeSchedule")


@pytest.fixture(scope="module")
def rates() -> CircuitTester:
    return CircuitTester("TierRates")


def inputs() -> dict[str, Nested]:
    return {
        "maker": [tier.maker_ppm + OFFSET for tier in TIERS],
        "taker": [tier.taker_ppm for tier in TIERS],
    }


def test_the_schedule_packs_the_word_of_the_configuration(schedule: CircuitTester) -> None:
    word = Configuration(TIERS, NO_KEYS, 60, (), (), 0).fee_word()
    assert schedule.accepts(inputs())
    assert schedule.witness(inputs()) == {"word": word, "lowestMaker": OFFSET - 100}
    assert not schedule.accepts_witness_with(inputs(), {"main.word": word + 1})


@pytest.mark.parametrize("side", ["maker", "taker"])
@pytest.mark.parametrize("tier", range(c.TIERS))
def test_a_rate_fills_20_bits_and_no_more(schedule: CircuitTester, side: str, tier: int) -> None:
    """Beyond them it would spill into the next rate, and the word would have two readings."""
    makers, takers = [OFFSET] * c.TIERS, [OFFSET + 1] * c.TIERS
    for rate, valid in ((0, True), ((1 << c.PPM_BITS) - 1, True), (1 << c.PPM_BITS, False), (-1, False)):
        told: dict[str, list[int]] = {"maker": makers.copy(), "taker": takers.copy()}
        told[side][tier] = rate
        assert schedule.accepts(told) if valid else schedule.rejects(told)


def rates_of(makers: tuple[int, ...], takers: tuple[int, ...]) -> dict[str, Nested]:
    return {"maker": [ppm + OFFSET for ppm in makers], "taker": takers}


@pytest.mark.parametrize("rebate", range(c.TIERS))
@pytest.mark.parametrize("lowest", range(c.TIERS))
@pytest.mark.parametrize("largest", [1, 300, OFFSET])
def test_the_lowest_taker_rate_covers_the_largest_rebate(
    schedule: CircuitTester, rebate: int, lowest: int, largest: int
) -> None:
    """Whatever the tiers of the two who trade."""
    makers = tuple(-largest if tier == rebate else tier for tier in range(c.TIERS))
    covering = tuple(largest + (tier != lowest) for tier in range(c.TIERS))
    short = tuple(largest - (tier == lowest) for tier in range(c.TIERS))
    assert schedule.accepts(rates_of(makers, covering))
    assert schedule.rejects(rates_of(makers, short))


def test_no_other_rate_is_taken_for_the_lowest(schedule: CircuitTester) -> None:
    honest, top = rates_of((-100, 0, 5, -99), (100, 500, 400, 300)), (1 << c.PPM_BITS) - 1
    for rate in (0, 5, -99):
        lowest = rate + OFFSET
        lie = {"main.lowestMaker": lowest, "main.farthestMaker": top - lowest}
        assert not schedule.accepts_witness_with(honest, lie)
    for rate in (500, 400, 300):
        assert not schedule.accepts_witness_with(honest, {"main.farthestTaker": top - rate})


@pytest.mark.parametrize("lowest", range(c.TIERS))
@pytest.mark.parametrize("rate", [-OFFSET, -1, 0, OFFSET - 2])
def test_the_lowest_maker_rate_is_told(schedule: CircuitTester, lowest: int, rate: int) -> None:
    makers = tuple(rate + (tier != lowest) for tier in range(c.TIERS))
    told = rates_of(makers, (OFFSET,) * c.TIERS)
    assert schedule.accepts(told)
    assert schedule.witness(told)["lowestMaker"] == rate + OFFSET
    assert not schedule.accepts_witness_with(told, {"main.lowestMaker": rate + OFFSET + 1})


def test_fees_that_no_rebate_asks_for_may_be_anything(schedule: CircuitTester) -> None:
    assert schedule.accepts(rates_of((0,) * c.TIERS, (0,) * c.TIERS))
    assert schedule.accepts(rates_of((OFFSET - 1,) * c.TIERS, ((1 << c.PPM_BITS) - 1,) * c.TIERS))


@pytest.mark.parametrize("tier", range(c.TIERS))
def test_a_tier_has_its_rates(rates: CircuitTester, tier: int) -> None:
    expected = {"makerPpm": to_field(TIERS[tier].maker_ppm), "takerPpm": TIERS[tier].taker_ppm}
    assert rates.accepts({**inputs(), "tier": tier})
    assert rates.witness({**inputs(), "tier": tier}) == expected


@pytest.mark.parametrize("tier", [c.TIERS, (1 << c.TIER_BITS) - 1])
def test_a_tier_beyond_the_schedule_gets_no_rate_of_another(rates: CircuitTester, tier: int) -> None:
    told = rates.witness({**inputs(), "tier": tier})
    assert told == {"makerPpm": FIELD_MODULUS - OFFSET, "takerPpm": 0}


@pytest.mark.parametrize("signal", ["makerPpm", "takerPpm"])
def test_the_rate_of_another_tier_is_rejected(rates: CircuitTester, signal: str) -> None:
    lie = {"makerPpm": TIERS[1].maker_ppm, "takerPpm": TIERS[1].taker_ppm}[signal]
    assert not rates.accepts_witness_with({**inputs(), "tier": 0}, {f"main.{signal}": lie})


def test_a_tier_is_no_other_one(rates: CircuitTester) -> None:
    """The rates of 0 let the lie pass through all that follows."""
    free = {name: [7, 0, 7, 7] for name in ("maker", "taker")}
    assert not rates.accepts_witness_with({**free, "tier": 0}, {"main.chosen[1]": 1})


def test_the_maker_rate_is_the_one_that_was_selected(rates: CircuitTester) -> None:
    selected = TIERS[0].maker_ppm + OFFSET
    lie = {"main.offsetRate": selected + 1, "main.makerPpm": selected + 1 - OFFSET}
    assert not rates.accepts_witness_with({**inputs(), "tier": 0}, lie)
