"""While L1 has not seen a batch for long, new risk needs more margin: 150 a lot instead of 100 here."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.model.codes import RequestKind, Side, Verdict
from sequencer.model.schedule import STATIC
from sequencer.model.venue import Venue as Restrictions
from tests.engine.venue import PLAIN, Setting, Venue, fills, verdicts
from tests.strategies import MARK, START

DEARER = replace(STATIC, congestion_ppm=50_000)
CONGESTED = Restrictions(congested_until=START + 100)


def congested(setting: Setting, book: str = "", **fields: Any) -> Venue:
    terms: dict[str, Any] = {"schedules": (DEARER,), "venue": CONGESTED} | fields
    venue = setting(**terms)
    venue.mark(*(MARK,) * len(terms["schedules"]))
    return venue.given(book)


def holding(lots: int, equity: int) -> dict[str, dict[str, Any]]:
    """Alice has a position and this equity at the mark, Dave the other side of it."""
    return {
        "alice": {"positions": (lots, 0, 0, 0), "collateral": equity - lots * MARK},
        "dave": {"positions": (-lots, 0, 0, 0)},
    }


@pytest.mark.parametrize(("seconds", "added"), [(1, 50_000), (99, 50_000), (100, 0), (101, 0)])
def test_congestion_ends_by_itself(setting: Setting, seconds: int, added: int) -> None:
    venue = setting(schedules=(DEARER,), venue=CONGESTED)
    venue.mark(MARK, seconds=seconds)
    market = venue.seen.markets[0]
    assert (market.congestion_addon_ppm, market.initial_ppm) == (added, 100_000 + added)


def test_a_report_holds_from_the_next_batch_on(setting: Setting) -> None:
    venue = setting(schedules=(DEARER,))
    venue.mark(MARK)
    venue.restrict(CONGESTED)
    assert venue.seen.venue == CONGESTED
    assert venue.seen.markets[0].congestion_addon_ppm == 0
    venue.mark(MARK)
    assert venue.seen.markets[0].congestion_addon_ppm == 50_000
    assert venue.seen.venue == CONGESTED


def test_each_market_has_its_own_add_on(setting: Setting) -> None:
    venue = congested(setting, markets=(PLAIN, PLAIN), schedules=(DEARER, STATIC))
    assert [market.congestion_addon_ppm for market in venue.seen.markets] == [50_000, 0, 0, 0]


@pytest.mark.parametrize(("equity", "expected"), [(300, [("bob", 2, MARK)]), (299, [])])
def test_a_fill_needs_more(setting: Setting, equity: int, expected: list[tuple[str, int, int]]) -> None:
    venue = congested(setting, "| bob 2 @ 1000", accounts={"alice": {"collateral": equity}})
    assert fills(venue.buy("alice", 2, MARK, ioc=True)) == expected


@pytest.mark.parametrize(("equity", "expected"), [(400, []), (399, [Verdict.MARGIN])])
def test_an_order_rests_beside_a_position_that_needs_more(
    setting: Setting, equity: int, expected: list[Verdict]
) -> None:
    """Two lots need 300; what rests reserves 100 a lot as ever."""
    venue = congested(setting, accounts=holding(2, equity))
    assert verdicts(venue.buy("alice", 1, MARK)) == expected


def test_a_withdrawal_leaves_what_it_left_before(setting: Setting) -> None:
    venue = congested(setting, accounts=holding(2, 5_000))
    assert venue.request(RequestKind.WITHDRAW, "alice", 10_000).outcome.paid == 4_800


def test_congestion_liquidates_nobody(setting: Setting) -> None:
    for equity, due in ((500, False), (499, True)):
        venue = congested(setting, "bob 9 @ 1000 |", accounts=holding(10, equity))
        assert fills(venue.liquidate("alice", Side.SELL, 1)) == ([("bob", 1, MARK)] if due else [])


def test_a_position_may_shrink(setting: Setting) -> None:
    venue = congested(setting, "bob 1 @ 1000 |", accounts=holding(10, 1_000))
    assert fills(venue.sell("alice", 1, MARK, ioc=True)) == [("bob", 1, MARK)]


def test_the_add_on_comes_on_top_of_a_whole_margin(setting: Setting) -> None:
    """An initial rate may exceed the value of the position: 10^6 and almost 2^20."""
    widest = replace(STATIC, open_interest_lower=0, open_interest_upper=1, congestion_ppm=(1 << 20) - 1)
    venue = congested(setting, schedules=(widest,), accounts=holding(1_000, 10**9))
    market = venue.seen.markets[0]
    assert (market.held_ppm, market.initial_ppm) == (1_000_000, 2_048_575)
