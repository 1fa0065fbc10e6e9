"""A large position needs more than a small one: one quote unit a lot squared here (docs/spec/margins.md)."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.margin import free_collateral
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side, Verdict
from sequencer.model.schedule import STATIC
from tests.engine.venue import PLAIN, Setting, Venue, fills, halted_market, removed, verdicts
from tests.strategies import change, open_market

MARK = 1 << 10
TERMS = replace(PLAIN, quote_per_tick_lot=1 << 10, initial_ppm=125_000, maintenance_ppm=62_500)
LOT = 1 << 20
TIERED = replace(STATIC, tier_ppm=15_625)
TEN = 10 * LOT // 8 + 100
"""What ten lots need initially: an eighth of their value, and the square of ten."""


def holding(lots: int, equity: int) -> dict[str, dict[str, Any]]:
    """Alice has a position and this equity at the mark, Dave the other side of it."""
    return {
        "alice": {"positions": (lots, 0, 0, 0), "collateral": equity - lots * LOT},
        "dave": {"positions": (-lots, 0, 0, 0)},
    }


def tiered(setting: Setting, book: str = "", **fields: Any) -> Venue:
    terms: dict[str, Any] = {"markets": (open_market(TERMS, MARK),), "schedules": (TIERED,)} | fields
    venue = setting(**terms)
    venue.mark(*(MARK,) * len(terms["markets"]))
    return venue.given(book)


def test_a_batch_takes_the_tiers_of_its_schedule(setting: Setting) -> None:
    venue = tiered(setting)
    assert venue.seen.markets[0].tier_ppm == 15_625
    assert venue.seen.markets[0].tier_step == c.PPM_UNIT
    assert venue.seen.markets[1].tier_ppm == 0
    steeper = replace(venue.state.configuration, schedules=(replace(TIERED, tier_ppm=31_250),))
    venue.apply(ProcessRequest(change(steeper.hash())))
    venue.mark(MARK, configuration=steeper)
    assert venue.seen.markets[0].tier_step == 2 * c.PPM_UNIT


def test_tiers_follow_the_mark(setting: Setting) -> None:
    venue = tiered(setting)
    venue.mark(MARK // 2)
    assert venue.seen.markets[0].tier_step == c.PPM_UNIT // 2


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("missing", [0, 1])
def test_a_fill_needs_more_for_a_large_position(setting: Setting, side: Side, missing: int) -> None:
    book = f"| bob 10 @ {MARK}" if side == Side.BUY else f"bob 10 @ {MARK} |"
    venue = tiered(setting, book, accounts={"alice": {"collateral": TEN - missing}})
    events = venue.send("alice", side=side, size=10, price=MARK, ioc=True)
    if missing:
        assert verdicts(events) == [Verdict.MARGIN]
    else:
        assert fills(events) == [("bob", 10, MARK)]


@pytest.mark.parametrize(("equity", "expected"), [(TEN, [("bob", 1, MARK)]), (TEN - 1, [])])
def test_what_a_position_has_counts_in_its_tier(
    setting: Setting, equity: int, expected: list[tuple[str, int, int]]
) -> None:
    """The tenth lot needs nineteen more than the first."""
    venue = tiered(setting, f"| bob 1 @ {MARK}", accounts=holding(9, equity))
    assert fills(venue.buy("alice", 1, MARK, ioc=True)) == expected


def test_what_rests_reserves_nothing_for_its_tier_and_meets_it_when_it_fills(setting: Setting) -> None:
    venue = tiered(setting, f"alice 10 @ {MARK} |", accounts={"alice": {"collateral": TEN - 100}})
    assert removed(venue.sell("bob", 10, MARK, ioc=True)) == [("alice", Verdict.MAKER_MARGIN)]


def test_an_order_rests_beside_a_position_in_its_tier(setting: Setting) -> None:
    for equity, expected in ((TEN + LOT // 8 - 1, [Verdict.MARGIN]), (TEN + LOT // 8, [])):
        venue = tiered(setting, accounts=holding(10, equity))
        assert verdicts(venue.buy("alice", 1, MARK)) == expected


@pytest.mark.parametrize("lots", [10, -10])
def test_a_withdrawal_leaves_the_tier_behind(setting: Setting, lots: int) -> None:
    venue = tiered(setting, accounts=holding(lots, 5_000_000))
    assert venue.request(RequestKind.WITHDRAW, "alice", c.PPM_UNIT**2).outcome.paid == 5_000_000 - TEN


def test_a_position_in_a_halted_market_binds_its_tier_too(setting: Setting) -> None:
    """Ten lots at the highest rate are 10,995,105.79."""
    halted = replace(halted_market(TERMS), mark=MARK)
    venue = tiered(setting, markets=(halted,), accounts=holding(10, 12_000_000))
    assert free_collateral(venue.account("alice"), venue.seen.markets) == 12_000_000 - 10_995_106 - 100


def test_tiers_liquidate_nobody(setting: Setting) -> None:
    """Half of the initial margin without its tier is the maintenance margin."""
    kept = 10 * LOT // 16
    for equity, due in ((kept, False), (kept - 1, True)):
        venue = tiered(setting, f"bob 10 @ {MARK} |", accounts=holding(10, equity))
        events = venue.liquidate("alice", Side.SELL, 1)
        assert fills(events) == ([("bob", 1, MARK)] if due else [])


def test_a_position_may_shrink_below_its_tier(setting: Setting) -> None:
    venue = tiered(setting, f"bob 1 @ {MARK} |", accounts=holding(10, TEN - 50))
    assert fills(venue.sell("alice", 1, MARK, ioc=True)) == [("bob", 1, MARK)]


def test_the_tiers_of_markets_add_up(setting: Setting) -> None:
    """Ten lots in each of two markets need twice 100 more, not 400."""
    venue = tiered(
        setting,
        markets=(open_market(TERMS, MARK),) * 2,
        schedules=(TIERED,) * 2,
        accounts={
            "alice": {"positions": (10, -10, 0, 0), "collateral": 5_000_000},
            "dave": {"positions": (-10, 10, 0, 0)},
        },
    )
    assert free_collateral(venue.account("alice"), venue.seen.markets) == 5_000_000 - 2 * TEN
