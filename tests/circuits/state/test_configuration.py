"""What only the timelock changes: its hash, and what holds of every configuration that a batch can have."""

import pytest
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import NO_SCHEDULE, PERPETUAL, SCHEDULE, parameters_bus, schedule_bus
from tests.strategies import configuration

PARAMETERS = PERPETUAL.parameters
HONEST = configuration(
    (PARAMETERS, replace(PARAMETERS, quote_per_tick_lot=7, max_position=5)),
    (SCHEDULE, STATIC),
    insurance_floor=1_000_000,
)


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Configuration")


def of(markets: tuple[MarketParameters, ...]) -> Configuration:
    """The honest terms with other markets, each of the same schedule."""
    return replace(HONEST, markets=markets, schedules=(SCHEDULE,) * len(markets))


def inputs(terms: Configuration) -> dict[str, Nested]:
    unused = c.MARKETS - len(terms.markets)
    return {
        "maker": [tier.maker_ppm + c.MAKER_FEE_OFFSET for tier in terms.tiers],
        "taker": [tier.taker_ppm for tier in terms.tiers],
        "oracleMaxAge": terms.oracle_max_age_seconds,
        "oracleKey": terms.oracle_keys,
        "live": [1] * len(terms.markets) + [0] * unused,
        "parameters": [parameters_bus(each) for each in (*terms.markets, *[MarketParameters()] * unused)],
        "schedules": [schedule_bus(each) for each in (*terms.schedules, *[NO_SCHEDULE] * unused)],
        "insuranceFloor": terms.insurance_floor,
    }


@pytest.mark.parametrize("markets", [(), HONEST.markets, (PARAMETERS,) * c.MARKETS])
def test_the_hash_is_that_of_the_sequencer(
    circuit: CircuitTester, markets: tuple[MarketParameters, ...]
) -> None:
    terms = of(markets)
    terms.check()
    assert circuit.accepts(inputs(terms))
    assert circuit.witness(inputs(terms)) == {
        "hash": terms.hash(),
        "parameterWord": list(terms.market_words()),
    }


@pytest.mark.parametrize(
    "other",
    [
        replace(HONEST, tiers=(FeeTier(0, 1_000),) * c.TIERS),
        replace(HONEST, oracle_max_age_seconds=61),
        *(
            replace(HONEST, oracle_keys=(*HONEST.oracle_keys[:i], (5, 6), *HONEST.oracle_keys[i + 1 :]))
            for i in range(c.ORACLE_SIGNERS)
        ),
        replace(HONEST, markets=HONEST.markets[::-1]),
        replace(HONEST, schedules=HONEST.schedules[::-1]),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, open_interest_lower=0))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, volatility_factor=1))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, addon_max_ppm=1))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, addon_step_ppm=1))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, tier_ppm=1))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, congestion_ppm=1))),
        replace(HONEST, schedules=(SCHEDULE, replace(STATIC, settle_seconds=1))),
        replace(HONEST, insurance_floor=0),
        replace(HONEST, insurance_floor=1_000_001),
        replace(HONEST, schedules=(replace(SCHEDULE, open_interest_upper=2_999), STATIC)),
        replace(
            HONEST, markets=(HONEST.markets[0], replace(PARAMETERS, quote_per_tick_lot=7, max_position=6))
        ),
        replace(HONEST, markets=(HONEST.markets[0], replace(HONEST.markets[1], max_move_ppm=250_001))),
        replace(HONEST, markets=(HONEST.markets[0], replace(HONEST.markets[1], halt_seconds=21))),
        replace(HONEST, markets=(HONEST.markets[0], replace(HONEST.markets[1], liquidation_fee_ppm=15_001))),
        replace(HONEST, markets=(HONEST.markets[0], replace(HONEST.markets[1], interest_ppm=101))),
    ],
)
def test_every_part_is_under_the_hash(circuit: CircuitTester, other: Configuration) -> None:
    assert circuit.witness(inputs(other))["hash"] == other.hash() != HONEST.hash()


def test_an_insurance_floor_has_62_bits(circuit: CircuitTester) -> None:
    """As a collateral has."""
    honest = inputs(HONEST)
    for floor in (0, c.COLLATERAL_BOUND - 1):
        terms = replace(HONEST, insurance_floor=floor)
        terms.check()
        assert circuit.accepts(inputs(terms))
        assert circuit.witness(inputs(terms))["hash"] == terms.hash()
    for floor in (c.COLLATERAL_BOUND, -1, pow(2, -1, c.FIELD_MODULUS)):
        assert circuit.rejects(honest | {"insuranceFloor": floor})


@pytest.mark.parametrize("signal", ["hash", *(f"parameterWord[{slot}]" for slot in range(c.MARKETS))])
def test_what_it_tells_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    assert not circuit.accepts_witness_with(inputs(HONEST), {f"main.{signal}": 1})


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_the_parameters_of_every_slot_are_checked(circuit: CircuitTester, slot: int) -> None:
    """A live market keeps the bounds, here maintenance <= initial; a slot without one has no parameters."""
    full = of((PARAMETERS,) * c.MARKETS)
    broken = replace(PARAMETERS, maintenance_ppm=PARAMETERS.initial_ppm + 1)
    markets = tuple(broken if place == slot else PARAMETERS for place in range(c.MARKETS))
    assert circuit.accepts(inputs(full))
    assert circuit.rejects(inputs(replace(full, markets=markets)))
    closed = [int(place != slot) for place in range(c.MARKETS)]
    assert circuit.rejects(inputs(full) | {"live": closed})


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_the_schedules_of_every_slot_are_checked(circuit: CircuitTester, slot: int) -> None:
    """Against its own margins; a slot without a market has none."""
    tight = replace(PARAMETERS, initial_ppm=c.PPM_UNIT - SCHEDULE.addon_max_ppm)
    markets = tuple(tight if place == slot else PARAMETERS for place in range(c.MARKETS))
    assert circuit.accepts(inputs(of(markets)))
    for beyond in (
        replace(tight, initial_ppm=tight.initial_ppm + 1),
        replace(PARAMETERS, maintenance_ppm=SCHEDULE.addon_max_ppm - 1),
    ):
        markets = tuple(beyond if place == slot else PARAMETERS for place in range(c.MARKETS))
        assert circuit.rejects(inputs(of(markets)))
    empty = inputs(of(()))
    buses = [schedule_bus(STATIC if place == slot else NO_SCHEDULE) for place in range(c.MARKETS)]
    assert circuit.accepts(empty)
    assert circuit.rejects(empty | {"schedules": buses})


def test_a_market_is_neither_opened_nor_closed(circuit: CircuitTester) -> None:
    """Which slots are live is for the leaves to say."""
    two = inputs(HONEST)
    assert circuit.accepts(two)
    assert circuit.rejects(two | {"live": [1, 1, 1, 0]})
    assert circuit.rejects(two | {"live": [1, 0, 0, 0]})


def test_a_rebate_above_a_taker_fee_is_rejected(circuit: CircuitTester) -> None:
    """The largest rebate may be of one tier and the lowest taker fee of another."""
    covered = (FeeTier(-300, 500), FeeTier(0, 300), FeeTier(100, 400), FeeTier(0, 301))
    beyond = (FeeTier(-301, 500), *covered[1:])
    assert circuit.accepts(inputs(replace(HONEST, tiers=covered)))
    assert circuit.rejects(inputs(replace(HONEST, tiers=beyond)))


def of_rebates(makers: tuple[int, ...], liquidation_fees: tuple[int, ...]) -> dict[str, Nested]:
    """One market for each liquidation fee; the taker rates cover whatever the makers get."""
    markets = tuple(replace(PARAMETERS, liquidation_fee_ppm=fee) for fee in liquidation_fees)
    tiers = tuple(FeeTier(maker, c.MAKER_FEE_OFFSET) for maker in makers)
    return inputs(replace(of(markets), tiers=tiers))


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("largest", [1, 300, c.MAKER_FEE_OFFSET])
def test_the_liquidation_fee_of_every_market_covers_the_largest_rebate(
    circuit: CircuitTester, slot: int, largest: int
) -> None:
    """Whatever the tier that gets it."""
    makers = tuple(-largest if tier == slot else tier for tier in range(c.TIERS))
    covering = tuple(largest + (place != slot) for place in range(c.MARKETS))
    short = tuple(largest - (place == slot) for place in range(c.MARKETS))
    assert circuit.accepts(of_rebates(makers, covering))
    assert circuit.rejects(of_rebates(makers, short))


@pytest.mark.parametrize("markets", range(c.MARKETS + 1))
def test_a_slot_without_a_market_covers_no_rebate(circuit: CircuitTester, markets: int) -> None:
    largest = c.MAKER_FEE_OFFSET
    assert circuit.accepts(of_rebates((-largest,) * c.TIERS, (largest,) * markets))


def test_a_liquidation_fee_that_no_rebate_asks_for_may_be_anything(circuit: CircuitTester) -> None:
    for makers in (0, c.MAKER_FEE_OFFSET - 1):
        for fee in (0, (1 << c.PPM_BITS) - 1):
            assert circuit.accepts(of_rebates((makers,) * c.TIERS, (fee,) * c.MARKETS))
    assert circuit.accepts(of_rebates((c.MAKER_FEE_OFFSET - 1,) * c.TIERS, ()))
