"""What fits a batch, and what becomes of a command that does not."""

import pytest

from sequencer.batch.errors import CapacityError
from sequencer.engine.events import Dropped, Filled, Rested
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from tests.batch.venue import BUY, SELL, Venue, asks, bids
from tests.strategies import forced


def test_a_full_batch_leaves_the_message_for_the_next_one() -> None:
    venue = Venue(size="small")
    for place in range(venue.size.messages):
        assert venue.sell(1, 1, 1_001 + place) is not None
    before = venue.state.checkpoint()
    assert venue.sell(1, 1, 1_010) is None
    assert venue.state.checkpoint() == before
    assert len(venue.seal().messages) == venue.size.messages
    venue.open()
    assert venue.sell(1, 1, 1_010) is not None
    assert len(venue.seal().messages) == 1


def test_a_batch_is_full_when_its_steps_are() -> None:
    venue = Venue([*asks([1_001] * 4), *asks([1_002] * 4, account=2)], size="small")
    assert venue.buy(3, 4, 1_002) is not None
    assert venue.buy(3, 4, 1_002) is not None
    assert venue.cancel(1, SELL, 1_001, 1) is None
    assert len(venue.seal().trades) == venue.size.steps


def test_a_batch_is_full_when_its_accounts_are() -> None:
    venue = Venue(size="small")
    for account in range(1, 4):
        assert venue.deposit(account, 1) is not None
    assert venue.sell(4, 1, 1_001) is not None
    assert venue.sell(5, 1, 1_001) is None
    assert venue.sell(3, 1, 1_001) is not None
    venue.seal()


def test_a_batch_is_full_when_its_requests_are() -> None:
    venue = Venue(size="small")
    for _ in range(venue.size.requests):
        assert venue.deposit(1, 1) is not None
    assert venue.deposit(1, 1) is None
    assert venue.ledger.account(1).collateral + venue.size.requests == venue.state.account(1).collateral
    venue.seal()


def test_a_batch_is_full_when_its_pages_are() -> None:
    venue = Venue(asks(range(1_001, 1_101)), orders_a_page=10)
    for page in range(venue.size.pages):
        assert venue.cancel(1, SELL, 1_005 + 10 * page, 5 + 10 * page) is not None
    assert venue.cancel(1, SELL, 1_095, 95) is None
    venue.seal()


def test_a_batch_is_full_when_the_rows_of_a_half_are() -> None:
    venue = Venue(asks(range(1_001, 1_016)))
    room = venue.size.half - 1 - 15
    assert venue.buy(2, 1, 990) is not None
    for place in range(room):
        assert venue.sell(1, 1, 1_020 + place) is not None
    assert venue.sell(1, 1, 1_050) is None
    assert venue.buy(2, 1, 989) is not None
    venue.seal()


def test_a_message_too_large_for_an_empty_batch_is_refused_before_it_is_sequenced() -> None:
    venue = Venue(asks(range(1_001, 1_013)), size="small")
    sequence = venue.state.next_sequence
    with pytest.raises(CapacityError):
        venue.buy(2, 1, 990)
    assert venue.state.next_sequence == sequence
    assert venue.cancel(1, SELL, 1_003, 3) is not None
    venue.seal()


# The worst books for a single message: every order alone in its page, and full pages beside them.


def test_four_fills_and_a_look_at_the_next_maker_fit_the_reference_size() -> None:
    venue = Venue([(account, SELL, 1_000 + account) for account in range(1, 9)], orders_a_page=1)
    events = venue.buy(9, 10, 1_050) or []
    assert [type(event) for event in events] == [Filled] * 4 + [Dropped]
    assert isinstance(events[-1], Dropped)
    assert events[-1].verdict == Verdict.FILL_LIMIT
    venue.seal()


def test_three_fills_and_an_order_that_splits_its_own_page_fit_the_reference_size() -> None:
    single = [(account, SELL, 1_000 + account) for account in range(1, 9)]
    venue = Venue([*single, *bids(range(976, 991))], orders_a_page=(15, 1))
    events = venue.buy(9, 4, 1_003) or []
    assert [type(event) for event in events] == [Filled] * 3 + [Rested]
    venue.seal()
    assert len(venue.ledger.layout.side((0, BUY))) == 2


def test_the_forced_message_of_most_pages_fits_behind_all_other_sure_requests() -> None:
    """Four makers, a look at the fifth one's page and an order that splits its own: no message needs more."""
    single = [(account, SELL, 1_000 + account) for account in range(1, 6)]
    venue = Venue([*single, *bids(range(976, 991), account=6)], orders_a_page=(15, 1))
    for account in range(1_000, 1_000 + venue.size.sure_requests - 1):
        assert venue.deposit(account, 1) is not None
    events = venue.force(9, side=BUY, size=5, price=1_004) or []
    assert [type(event) for event in events[2:]] == [Filled] * 4 + [Rested]
    assert sum(venue.seal().inputs["pageEnabled"]) == venue.size.pages  # type: ignore[arg-type]


def test_the_forced_message_of_most_accounts_fits_behind_all_other_sure_requests() -> None:
    """Four makers, a fifth that a liquidation meets when it may trade no more, and the insurance fund."""
    venue = Venue(
        [(account, SELL, 1_000) for account in range(1, 6)],
        collateral={9: 10_100},
        positions={9: (-10,), 8: (10,)},
    )
    for account in range(1_000, 1_000 + venue.size.sure_requests - 1):
        assert venue.deposit(account, 1) is not None
    events = venue.builder.add_request(forced(Message.liquidation(9, 0, BUY, 5))) or []
    assert [type(event) for event in events[2:]] == [Filled] * 4 + [Dropped]
    assert sum(venue.seal().inputs["accountEnabled"]) == venue.size.accounts  # type: ignore[arg-type]


def test_a_liquidation_that_needs_more_accounts_than_a_batch_has_is_refused() -> None:
    venue = Venue(
        [(account, SELL, 1_000) for account in range(1, 5)],
        size="small",
        collateral={9: 10_100},
        positions={9: (-10,), 8: (10,)},
    )
    with pytest.raises(CapacityError):
        venue.liquidate(9, BUY, 4)
    assert venue.liquidate(9, BUY, 2) is not None


def test_emptying_the_page_before_a_full_one_fits_the_reference_size() -> None:
    venue = Venue(asks(range(1_001, 1_031)), orders_a_page=15)
    for sequence in range(1, 15):
        assert venue.cancel(1, SELL, 1_000 + sequence, sequence) is not None
    venue.seal()
    venue.open()
    assert venue.buy(2, 1, 1_015) is not None
    assert sum(venue.seal_inputs()["pageEnabled"]) == 2
    assert [len(page.orders) for _, page in venue.ledger.layout.side((0, SELL))] == [15]


def test_a_withdrawal_from_a_new_account_and_a_message_of_an_unknown_one_are_proven() -> None:
    venue = Venue()
    assert venue.deposit(1_000_000, 5) is not None
    (event,) = venue.buy(77, 1, 1_000) or []
    assert isinstance(event, Dropped)
    assert event.verdict == Verdict.KEY_EPOCH
    venue.seal()
    assert venue.ledger.account(1_000_000).collateral == 5
    assert not venue.ledger.account(77).exists
