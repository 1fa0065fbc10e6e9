"""What random trading seldom reaches is proven as well."""

from sequencer.engine.events import Cancelled, Dropped, Event, Filled, MakerRemoved
from sequencer.model.codes import MessageKind, Verdict
from tests.batch.referee import check
from tests.batch.venue import SELL, Venue, asks


def verdict(events: list[Event] | None) -> Verdict:
    """The verdict of a message's first micro-step."""
    assert events is not None
    assert isinstance(events[0], Dropped | MakerRemoved)
    return events[0].verdict


def test_an_account_with_64_orders_places_no_more() -> None:
    venue = Venue(asks(range(1_001, 1_065)), orders_a_page=10)
    assert verdict(venue.sell(1, 1, 1_100)) == Verdict.BOOK_FULL
    venue.seal()


def test_a_reduce_only_maker_whose_position_is_gone_is_removed() -> None:
    venue = Venue()
    venue.sell(3, 2, 1_000)
    venue.buy(1, 2, 1_000)
    venue.sell(1, 2, 1_005, reduce_only=True)
    venue.buy(3, 2, 1_000)
    venue.sell(1, 2, 1_000)
    assert verdict(venue.buy(2, 2, 1_005)) == Verdict.MAKER_REDUCE_ONLY
    venue.seal()


def test_a_maker_that_would_exceed_the_largest_position_is_removed() -> None:
    venue = Venue()
    for _ in range(2):
        venue.buy(1, 600, 1_000)
    assert isinstance((venue.sell(2, 600, 1_000) or [])[0], Filled)
    assert verdict(venue.sell(3, 600, 1_000)) == Verdict.MAKER_BOUNDS
    venue.seal()


def test_a_maker_without_margin_is_removed() -> None:
    venue = Venue(collateral={4: 1_000})
    venue.sell(4, 10, 990)
    assert verdict(venue.buy(2, 10, 990)) == Verdict.MAKER_MARGIN
    assert check(venue.seal().inputs).verdicts[1] == Verdict.MAKER_MARGIN


def test_an_order_that_an_account_could_not_bear_does_not_rest() -> None:
    venue = Venue(collateral={4: 100})
    assert verdict(venue.sell(4, 10, 1_005)) == Verdict.MARGIN
    venue.seal()


def test_a_dead_order_is_cancelled_without_releasing_anything() -> None:
    venue = Venue(asks([1_001, 1_002]))
    venue.send(1, kind=MessageKind.CANCEL_ALL)
    venue.sell(1, 1, 1_003)
    notional = venue.state.account(1).open_notional
    assert isinstance((venue.cancel(1, SELL, 1_001, 1) or [])[0], Cancelled)
    assert venue.state.account(1).open_notional == notional == 1_003
    venue.seal()


def test_a_dead_maker_is_removed_when_it_is_met() -> None:
    venue = Venue(asks([1_001, 1_002]))
    venue.send(1, kind=MessageKind.CANCEL_ALL)
    assert verdict(venue.buy(2, 1, 1_002)) == Verdict.MAKER_CANCELLED
    venue.seal()
    assert len(venue.state.book(0, SELL)) == 0
