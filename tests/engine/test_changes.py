"""A change of the markets' parameters: what it does to those who trade already."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine import apply, errors
from sequencer.engine.commands import OpenEpoch, ProcessRequest
from sequencer.engine.margin import free_collateral
from sequencer.engine.state import State
from sequencer.model.codes import Side, Verdict
from sequencer.model.config import Configuration
from sequencer.model.market import MarketParameters
from tests.engine.venue import PLAIN, Setting, Venue, engine_snapshot, fills, removed, table, verdicts
from tests.strategies import MARK, change, configuration, genesis, signed_round

SMALLER = replace(PLAIN, max_position=10)
DEARER = replace(PLAIN, initial_ppm=400_000, maintenance_ppm=200_000)


def changed(venue: Venue, *markets: MarketParameters) -> Venue:
    """The venue once a change has given its markets these parameters, at the marks of before."""
    new = replace(venue.state.configuration, markets=markets)
    marks = [market.mark for market in venue.seen.markets if market.exists]
    venue.apply(ProcessRequest(change(new.hash())))
    venue.mark(*marks, configuration=new)
    return venue


def holding(setting: Setting, position: int, book: str, **fields: Any) -> Venue:
    """Alice holds a position, Dave the other side of it."""
    accounts = {
        "alice": {"positions": (position, 0, 0, 0), **fields},
        "dave": {"positions": (-position, 0, 0, 0)},
    }
    return setting(book, accounts=accounts)


def test_the_parameters_of_every_market_change_with_the_batch(setting: Setting) -> None:
    venue = setting(markets=(PLAIN, SMALLER))
    before = venue.seen.markets
    venue.apply(ProcessRequest(change(replace(venue.state.configuration, markets=(SMALLER, DEARER)).hash())))
    assert venue.seen.markets == before
    changed(venue, SMALLER, DEARER)
    assert [market.parameters for market in venue.seen.markets[:2]] == [SMALLER, DEARER]
    assert [market.mark for market in venue.seen.markets[:2]] == [MARK, MARK]
    assert venue.seen.markets[2:] == before[2:]


def test_a_position_that_became_too_large_may_only_shrink(setting: Setting) -> None:
    venue = changed(holding(setting, 100, "bob 30 @ 1000 | carol 30 @ 1001"), SMALLER)
    assert verdicts(venue.buy("alice", 1, 1001)) == [Verdict.BOUNDS]
    assert fills(venue.sell("alice", 10, 1000)) == [("bob", 10, 1000)]
    assert verdicts(venue.buy("alice", 1, 1001)) == [Verdict.BOUNDS]
    assert venue.position("alice") == 90


def test_a_maker_with_too_large_a_position_may_only_shrink(setting: Setting) -> None:
    venue = changed(holding(setting, 100, "alice 5 @ 1000 | alice 30 @ 1001"), SMALLER)
    assert removed(venue.sell("bob", 1, 1000, ioc=True)) == [("alice", Verdict.MAKER_BOUNDS)]
    assert fills(venue.buy("carol", 10, 1001)) == [("alice", 10, 1001)]
    assert venue.position("alice") == 90


def test_a_position_turns_into_one_that_fits(setting: Setting) -> None:
    """An order is no larger than the largest position: what is left behind zero is smaller still."""
    venue = changed(holding(setting, 9, "bob 30 @ 1000 |"), SMALLER)
    assert fills(venue.sell("alice", 10, 1000)) == [("bob", 10, 1000)]
    assert venue.position("alice") == -1


def test_new_orders_keep_to_the_new_parameters(setting: Setting) -> None:
    venue = changed(setting(), replace(PLAIN, min_size=3, max_position=10, band_ppm=10_000))
    assert verdicts(venue.buy("alice", 2, 1000)) == [Verdict.BOUNDS]
    assert verdicts(venue.buy("alice", 11, 1000)) == [Verdict.BOUNDS]
    assert verdicts(venue.buy("alice", 3, 989)) == [Verdict.PRICE_BAND]
    venue.buy("alice", 3, 990)
    assert venue.book() == table("alice 3 @ 990 |")


def test_orders_that_rest_stay_whatever_their_size_and_price(setting: Setting) -> None:
    book = "bob 2 @ 900 |"
    venue = changed(setting(book), replace(PLAIN, min_size=3, band_ppm=10_000))
    assert venue.book() == table(book)
    assert fills(venue.sell("alice", 3, 990, ioc=True)) == []
    venue.mark(900)
    assert fills(venue.sell("alice", 3, 900, ioc=True)) == [("bob", 2, 900)]


def test_higher_margins_hold_for_the_positions_that_there_are(setting: Setting) -> None:
    """Five lots are worth 5,000 and need 500, then 2,000 to grow and 1,000 to shrink."""
    venue = holding(setting, 5, "bob 9 @ 1000 | carol 9 @ 1001", collateral=-3_900)
    assert fills(venue.buy("alice", 1, 1001)) == [("carol", 1, 1001)]
    assert fills(venue.sell("alice", 1, 1000)) == [("bob", 1, 1000)]
    changed(venue, DEARER)
    assert verdicts(venue.buy("alice", 1, 1001)) == [Verdict.MARGIN]
    assert fills(venue.sell("alice", 1, 1000)) == [("bob", 1, 1000)]


def test_lower_margins_free_collateral(setting: Setting) -> None:
    venue = holding(setting, 5, "", collateral=-4_000)
    markets = venue.seen.markets
    cheap = changed(venue, replace(PLAIN, initial_ppm=50_000)).seen
    assert free_collateral(venue.account("alice"), markets) == 500
    assert free_collateral(venue.account("alice"), cheap.markets) == 750


def test_open_orders_are_reserved_at_the_new_highest_rate(setting: Setting) -> None:
    """An order of 1,000 reserves 100, and 400 once another market asks for so much."""
    venue = setting(markets=(PLAIN, PLAIN), accounts={"alice": {"collateral": 500}})
    venue.buy("alice", 1, 1000)
    changed(venue, PLAIN, DEARER)
    assert verdicts(venue.buy("alice", 1, 1000)) == [Verdict.MARGIN]


@pytest.mark.parametrize(
    ("markets", "rule"),
    [
        ((), "is 1 for ever, not 0"),
        ((configuration().markets[0],) * 2, "is 1 for ever, not 2"),
        ((replace(configuration().markets[0], quote_per_tick_lot=99),), "is 100 for ever, not 99"),
    ],
)
def test_no_batch_opens_closes_or_counts_a_market_anew(
    markets: tuple[MarketParameters, ...], rule: str
) -> None:
    state, other = genesis(), replace(configuration(), markets=markets)
    apply(state, ProcessRequest(change(other.hash())))
    before = engine_snapshot(state)
    with pytest.raises(errors.DifferentMarketsError, match=rule):
        open_under(state, other)
    assert engine_snapshot(state) == before
    assert state.configuration == configuration()


def test_a_change_of_parameters_can_be_undone() -> None:
    state = genesis()
    token = state.checkpoint()
    tighter = replace(configuration(), markets=(replace(configuration().markets[0], max_position=3),))
    apply(state, ProcessRequest(change(tighter.hash())))
    open_under(state, tighter)
    assert state.market(0).parameters.max_position == 3
    state.rollback(token)
    assert state == genesis()


def open_under(state: State, terms: Configuration) -> None:
    now = state.timestamp + 1
    apply(state, OpenEpoch(now, signed_round(now, (MARK, 0, 0, 0)), terms))


def test_a_reduce_only_order_closes_what_became_too_large(setting: Setting) -> None:
    venue = changed(holding(setting, 25, "bob 10 @ 1000 |\n carol 10 @ 1000 |"), SMALLER)
    for left in (15, 5):
        venue.sell("alice", 10, 1000, reduce_only=True)
        assert venue.position("alice") == left
    assert verdicts(venue.send("alice", side=Side.SELL, size=25, price=1000)) == [Verdict.BOUNDS]
