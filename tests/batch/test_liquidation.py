"""Liquidations in a batch, and the operator's duty to send them.

Account 9 is long of ten lots at a mark of 1000, of which each must maintain 50; account 8 is short of them.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.errors import BatchSealedError
from sequencer.batch.risk import reduce_risk
from sequencer.engine.events import (
    BookExhausted,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MessageSequenced,
    TakenOver,
)
from sequencer.engine.liquidation import is_liquidatable
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, Verdict
from sequencer.model.message import Message
from sequencer.model.words import to_field
from tests.batch.venue import BUY, SELL, Resting, Venue, asks, bids

LOTS = 10
WAITING, LOST = 400, 200
"""Equities of which 80 % and 40 % of the maintenance margin are left: only the second is the fund's."""


def venue_of(equity: int, resting: list[Resting] | None = None, fund: int = 0, **fields: Any) -> Venue:
    positions = {9: (LOTS,), 8: (-LOTS - fund,), c.INSURANCE_ACCOUNT: (fund,)}
    return Venue(resting or [], collateral={9: equity - LOTS * 1_000}, positions=positions, **fields)


def kinds(events: list[Event] | None) -> list[type[Event]]:
    return [type(event) for event in events or []]


def liquidated(venue: Venue) -> list[Message]:
    """The liquidations of the open batch."""
    sequenced = [event for event in venue.builder.events if isinstance(event, MessageSequenced)]
    return [event.message for event in sequenced if event.message.is_liquidation]


# ---- In a batch.


def test_it_is_in_the_log_and_not_among_the_signed_messages() -> None:
    venue = venue_of(WAITING, bids([1_000], 2), liquidation_fee_ppm=5_000)
    assert kinds(venue.liquidate(9, SELL, 1)) == [Filled]
    assert venue.sell(3, 1, 1_001) is not None
    batch = venue.seal()
    assert [signed.message.account for signed in batch.messages] == [3]
    assert batch.log_leaves[0] == Message.liquidation(9, 0, SELL, 1).hash(venue.ledger.domain)
    assert len(batch.log_leaves) == 2
    assert venue.ledger.account(c.INSURANCE_ACCOUNT).collateral == 5


@pytest.mark.parametrize("size", ["small", "reference"])
@pytest.mark.parametrize("resting", [[], bids([979], 2)], ids=["empty book", "a price beyond"])
def test_the_fund_takes_over_in_a_step_of_its_own(size: str, resting: list[Resting]) -> None:
    venue = venue_of(LOST, resting, size=size)
    assert kinds(venue.liquidate(9, SELL, 3)) == [BookExhausted, TakenOver]
    inputs = venue.seal_inputs()
    assert inputs["stepQuote"][:3] == [0, 2_940, 0]
    assert inputs["stepTake"][:3] == [1, 0, 0]
    assert sum(inputs["stepRow"][0]) == 1
    assert sum(inputs["stepRow"][1]) == 0
    fund_slot = inputs["accountId"].index(c.INSURANCE_ACCOUNT)
    assert inputs["stepOwnerSlot"][1].index(1) == fund_slot
    assert venue.ledger.account(c.INSURANCE_ACCOUNT).positions[0] == 3


def test_a_short_of_great_debt_is_paid_for_being_taken_over() -> None:
    """The quote is signed: the fund buys nothing for it, it gets it."""
    venue = Venue(collateral={9: 9_000}, positions={9: (-LOTS,), 8: (LOTS,)})
    assert kinds(venue.liquidate(9, BUY, LOTS)) == [BookExhausted, TakenOver]
    assert venue.seal_inputs()["stepQuote"][1] == 9_000
    venue = Venue(collateral={9: -500}, positions={9: (-LOTS,), 8: (LOTS,)})
    venue.liquidate(9, BUY, LOTS)
    assert venue.seal_inputs()["stepQuote"][1] == to_field(-500)


@pytest.mark.parametrize(
    ("fund", "resting", "size", "verdict", "quote"),
    [(998, [], 3, Verdict.BOUNDS, 2_940), (0, bids([900], 2), 11, Verdict.REDUCE_ONLY, 0)],
    ids=["fund full", "more than there is"],
)
def test_what_the_fund_would_take_has_a_quote_and_what_would_not_reduce_has_none(
    fund: int, resting: list[Resting], size: int, verdict: Verdict, quote: int
) -> None:
    venue = venue_of(LOST, resting, fund)
    _, dropped = venue.liquidate(9, SELL, size) or []
    assert isinstance(dropped, Dropped)
    assert (dropped.verdict, dropped.looked) == (verdict, False)
    assert venue.seal_inputs()["stepQuote"][1] == quote


def test_four_fills_and_the_fund_are_six_steps() -> None:
    venue = venue_of(LOST, bids([980] * 4, 2))
    assert kinds(venue.liquidate(9, SELL, 6)) == [Filled] * 4 + [BookExhausted, TakenOver]
    venue.seal()


def test_its_orders_are_cancelled_and_removed_when_they_are_met() -> None:
    venue = venue_of(WAITING, [*bids([1_001], 9), *bids([1_000], 2)])
    assert kinds(venue.liquidate(9, SELL, 1)) == [CancelledAll]
    assert is_liquidatable(venue.state, 9)
    assert len(venue.liquidate(9, SELL, 1) or []) == 2
    venue.seal()


def test_of_a_healthy_account_or_one_unknown_nothing_is_due() -> None:
    venue = venue_of(500, bids([1_000], 2))
    for account in (9, 77):
        assert kinds(venue.liquidate(account, SELL, 1)) == [Dropped]
    venue.seal()
    assert not venue.ledger.account(77).exists


def test_no_request_follows_a_liquidation() -> None:
    venue = venue_of(WAITING, bids([1_000], 2))
    venue.liquidate(9, SELL, 1)
    assert venue.deposit(1, 1) is None


# ---- The operator's duty.


def test_everybody_is_healthy_again_where_the_book_is_deep() -> None:
    venue = venue_of(WAITING, [*bids([1_000] * 3, 2), *bids([900], 9)], liquidation_fee_ppm=5_000)
    assert reduce_risk(venue.builder, venue.state)
    assert not is_liquidatable(venue.state, 9)
    # Two lots are due at the mark, and a third by their fees.
    assert [message.size for message in liquidated(venue)] == [2, 2, 1]
    assert venue.state.account(9).positions[0] == LOTS - 3
    assert venue.state.account(9).open_notional == 0
    venue.seal()


def test_a_second_call_finds_nothing_to_do() -> None:
    venue = venue_of(WAITING, bids([1_000] * 3, 2))
    assert reduce_risk(venue.builder, venue.state)
    before = len(venue.builder.events)
    assert reduce_risk(venue.builder, venue.state)
    assert len(venue.builder.events) == before


@pytest.mark.parametrize("resting", [[], bids([959], 2)], ids=["empty book", "a price beyond"])
def test_a_liquidation_that_must_wait_is_not_sequenced(resting: list[Resting]) -> None:
    venue = venue_of(WAITING, resting)
    sequence = venue.state.next_sequence
    assert reduce_risk(venue.builder, venue.state)
    assert venue.builder.is_empty
    assert venue.state.next_sequence == sequence


def test_a_full_batch_is_told_and_the_next_one_goes_on() -> None:
    venue = Venue(
        bids([1_000] * 9, 2),
        size="small",
        collateral=dict.fromkeys((5, 6, 7, 9), WAITING - LOTS * 1_000),
        positions={**dict.fromkeys((5, 6, 7, 9), (LOTS,)), 8: (-4 * LOTS,)},
    )
    batches = 0
    while not reduce_risk(venue.builder, venue.state):
        venue.seal()
        venue.open()
        batches += 1
    assert batches > 0
    venue.seal()
    assert not any(is_liquidatable(venue.state, account) for account in venue.state.accounts)


def test_the_largest_margin_goes_first_and_an_exhausted_book_is_passed_by() -> None:
    """Nobody bids in the first market: what the fund must wait for is made up in the second."""
    venue = Venue(
        asks([1_000] * 2, 2),
        markets=2,
        collateral={9: WAITING - (LOTS - 5) * 1_000},
        positions={9: (-5, LOTS), 8: (5, -LOTS)},
    )
    assert reduce_risk(venue.builder, venue.state)
    assert [(message.market, message.side, message.size) for message in liquidated(venue)] == [(0, BUY, 5)]
    assert venue.sell(2, 1, 1_001) is not None
    venue.seal()


def test_a_halted_market_owes_nothing() -> None:
    venue = venue_of(LOST)
    venue.state.put_market(0, replace(venue.state.market(0), status=MarketStatus.HALTED))
    assert reduce_risk(venue.builder, venue.state)
    assert venue.builder.is_empty


def test_a_position_larger_than_a_lowered_limit_goes_in_pieces() -> None:
    venue = Venue(collateral={9: 20_000 - 2_500_000}, positions={9: (2_500,), 8: (-2_500,)})
    assert reduce_risk(venue.builder, venue.state)
    assert {message.size for message in liquidated(venue)} == {1_000}
    # The fund's own position is bounded too: it takes one piece.
    assert venue.state.account(c.INSURANCE_ACCOUNT).positions[0] == 1_000


def test_what_fits_no_batch_of_the_size_is_left() -> None:
    venue = venue_of(300, [(account, BUY, 1_000) for account in range(1, 5)], size="small")
    assert reduce_risk(venue.builder, venue.state)
    assert venue.builder.is_empty
    assert is_liquidatable(venue.state, 9)


def test_a_sealed_batch_takes_none() -> None:
    venue = venue_of(WAITING, bids([1_000], 2))
    venue.seal()
    with pytest.raises(BatchSealedError):
        venue.liquidate(9, SELL, 1)
