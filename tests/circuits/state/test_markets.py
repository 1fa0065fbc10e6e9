"""The four markets before and after a batch, and what calldata says of them."""

import pytest
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.batch.records import market_record
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL, market_bus

CHANGED = replace(
    PERPETUAL.parameters,
    initial_ppm=200_000,
    min_size=1,
    max_position=30,
    halt_seconds=1,
    liquidation_fee_ppm=(1 << c.PPM_BITS) - 1,
    interest_ppm=0,
)
HALTED = replace(PERPETUAL, status=MarketStatus.HALTED, halted_until=PERPETUAL.oracle_time + 20)
REDUCING = replace(PERPETUAL, status=MarketStatus.REDUCE_ONLY, reduced_until=PERPETUAL.oracle_time + 20)
BEFORE = (PERPETUAL, Market(), replace(REDUCING, mark=7), HALTED)
AFTER = (
    replace(
        PERPETUAL, mark=2_000, oracle_time=PERPETUAL.oracle_time + 1, long_index=-7, short_index=1 << 111
    ),
    Market(),
    replace(
        REDUCING,
        mark=7,
        open_interest=60,
        parameters=CHANGED,
        reduced_until=REDUCING.reduced_until + 9,
        sampled_mark=8,
        volatility_ppm=9_999,
        volatility_addon_ppm=1 << 19,
        open_interest_addon_ppm=300_000,
        congestion_addon_ppm=1_000_001,
        tier_ppm=(1 << c.PPM_BITS) - 1,
        fund_since=c.SETTLED_SINCE,
    ),
    replace(HALTED, halted_until=HALTED.halted_until + 1, bid_orders=0, open_interest=0),
)


@pytest.fixture(scope="module")
def table() -> CircuitTester:
    return CircuitTester("MarketTable")


def inputs(before: tuple[Market, ...], after: tuple[Market, ...]) -> dict[str, Nested]:
    return {
        "before": [market_bus(market) for market in before],
        "after": [market_bus(market) for market in after],
        "quotePerTickLot": [market.parameters.quote_per_tick_lot for market in after],
        "unitRest": [market.parameters.word() >> c.MARKET_INITIAL_AT for market in before],
    }


@pytest.mark.parametrize("after", [BEFORE, AFTER])
def test_the_table_tells_leaves_and_records(table: CircuitTester, after: tuple[Market, ...]) -> None:
    records = [market_record(slot, BEFORE[slot], after[slot]) for slot in range(c.MARKETS)]
    assert table.accepts(inputs(BEFORE, after))
    assert table.witness(inputs(BEFORE, after)) == {
        "leafBefore": [market.leaf() for market in BEFORE],
        "leafAfter": [market.leaf() for market in after],
        "word": [[word or 0 for word in record] for record in records],
        "present": [[int(word is not None) for word in record] for record in records],
    }


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_every_market_is_checked_as_it_was(table: CircuitTester, slot: int) -> None:
    """One bid more and 2^16 asks less: the same leaf, read in another way."""
    honest = inputs((PERPETUAL,) * c.MARKETS, (PERPETUAL,) * c.MARKETS)
    other = {"bidOrders": PERPETUAL.bid_orders + (1 << c.ORDERS_BITS), "askOrders": PERPETUAL.ask_orders - 1}
    lie = [market_bus(PERPETUAL) | (other if place == slot else {}) for place in range(c.MARKETS)]
    told = table.witness(honest)["leafBefore"]
    assert told == [PERPETUAL.leaf()] * c.MARKETS
    assert table.rejects(honest | {"before": lie})


@pytest.mark.parametrize(
    "field",
    [
        "mark",
        "haltedUntil",
        "reducedUntil",
        "longIndex",
        "shortIndex",
        "openInterest",
        "sampledMark",
        "volatility",
        "volatilityAddon",
        "openInterestAddon",
        "congestionAddon",
        "tierPpm",
        "fundSince",
    ],
)
def test_an_empty_slot_is_empty_in_every_word(table: CircuitTester, field: str) -> None:
    honest = inputs((Market(),) * c.MARKETS, (Market(),) * c.MARKETS)
    lie = [market_bus(Market()) | {field: 1}] + [market_bus(Market())] * (c.MARKETS - 1)
    assert table.accepts(honest)
    assert table.rejects(honest | {"before": lie})


def test_an_empty_slot_has_no_parameters(table: CircuitTester) -> None:
    """With a unit of 0 and all that stands above it, it is the slot itself that has none."""
    honest = inputs((Market(),) * c.MARKETS, (Market(),) * c.MARKETS)
    lie = [market_bus(Market()) | {"parameterWord": 5 << c.MARKET_INITIAL_AT}]
    lie += [market_bus(Market())] * (c.MARKETS - 1)
    assert table.rejects(honest | {"before": lie, "unitRest": [5, 0, 0, 0]})


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_parameters_may_change_and_are_published(table: CircuitTester, slot: int) -> None:
    before = (PERPETUAL,) * c.MARKETS
    after = tuple(
        replace(PERPETUAL, parameters=CHANGED) if place == slot else PERPETUAL for place in range(c.MARKETS)
    )
    assert table.accepts(inputs(before, after))
    told = table.witness(inputs(before, after))
    assert told["leafAfter"] == [market.leaf() for market in after]
    assert [row[4] for row in told["word"]] == [  # type: ignore[union-attr, index]
        CHANGED.word() if place == slot else 0 for place in range(c.MARKETS)
    ]


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("unit", [99, 101, 0])
def test_the_unit_of_a_market_stays(table: CircuitTester, slot: int, unit: int) -> None:
    """Its positions are counted in it. No rest makes another unit of the old word."""
    before = (PERPETUAL,) * c.MARKETS
    other = replace(PERPETUAL, parameters=replace(PERPETUAL.parameters, quote_per_tick_lot=unit))
    after = tuple(other if place == slot else PERPETUAL for place in range(c.MARKETS))
    told = inputs(before, after)
    assert table.rejects(told)
    word = PERPETUAL.parameters.word()
    rest = (word - unit) * pow(1 << c.MARKET_INITIAL_AT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
    rests = [rest if place == slot else word >> c.MARKET_INITIAL_AT for place in range(c.MARKETS)]
    assert table.rejects(told | {"unitRest": rests})


def test_a_kind_that_cancels_the_price_word_is_rejected(table: CircuitTester) -> None:
    """kind = -16 status makes the whole word 0: only the kind's own check sees it."""
    lie = [market_bus(Market()) | {"kind": -16, "status": 1}] + [market_bus(Market())] * (c.MARKETS - 1)
    assert table.rejects(inputs((Market(),) * c.MARKETS, (Market(),) * c.MARKETS) | {"before": lie})


@pytest.mark.parametrize(
    ("signal", "lie"),
    [
        ("leafBefore[0]", 1),
        ("leafAfter[3]", 1),
        ("word[0][2]", 1),
        ("word[0][3]", 1),
        ("word[2][1]", 1),
        ("word[2][4]", 1),
        ("word[2][5]", 1),
        ("present[0][2]", 0),
        ("present[0][3]", 0),
        ("present[1][0]", 1),
        ("present[2][4]", 0),
        ("present[2][5]", 0),
    ],
)
def test_what_the_table_tells_cannot_be_lied_about(table: CircuitTester, signal: str, lie: int) -> None:
    assert not table.accepts_witness_with(inputs(BEFORE, AFTER), {f"main.{signal}": lie})
