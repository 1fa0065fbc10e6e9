"""What a projection says of each entry, case by case."""

import pytest
from msgspec.structs import replace

from sequencer.batch.epoch import epoch_hash
from sequencer.engine.state import State
from sequencer.history.errors import UnknownBatchError, UnknownOrderError
from sequencer.history.projector import Projector
from sequencer.history.types import BatchProgress, Level, OrderStatus, Projection, Role
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Request
from sequencer.records.entries import Armed, Closed, Disarmed, Opened, Progressed, Refused, Unwound
from sequencer.store.life import BatchState
from tests import strategies as s
from tests.history.driver import Driver, Venue, projector_at

ALICE, BOB, CAROL, DAVE = 1, 2, 3, 4
MARK, PER_TICK_LOT = s.MARK, s.PARAMETERS[0].quote_per_tick_lot
BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def venue() -> Venue:
    """Alice, Carol and Dave are rich enough for what they do here; the first batch is open."""
    venue = Venue(s.genesis(accounts=4))
    venue.open()
    return venue


def only(projection: Projection) -> tuple[OrderStatus, str]:
    (order,) = projection.orders
    return order.status, order.reason


def test_an_order_that_rests_is_a_level_and_an_open_order(venue: Venue) -> None:
    resting = venue.buy(ALICE, 5, MARK - 3)
    (order,) = resting.orders
    assert (order.account, order.side, order.price, order.size) == (ALICE, BUY, MARK - 3, 5)
    assert (order.status, order.reason, order.remaining) == (OrderStatus.RESTING, "", 5)
    assert order.message_hash == venue.driver.updates[-1].entry.signed.message.hash(s.DOMAIN)  # type: ignore[union-attr]
    assert resting.levels == {0: (Level(BUY, MARK - 3, 5, 1),)}
    assert resting.answer is not None
    assert resting.answer.verdict == "accepted"
    assert resting.touched == {ALICE}
    assert venue.projector.open_orders(ALICE) == [order]
    assert venue.projector.best(0) == (Level(BUY, MARK - 3, 5, 1), None)


def test_a_trade_is_a_fill_of_both_at_the_price_of_the_maker(venue: Venue) -> None:
    venue.sell(CAROL, 5, MARK + 2)
    maker = venue.projector.open_orders(CAROL)[0]
    traded = venue.buy(ALICE, 3, MARK + 4)
    taker = traded.orders[-1]
    assert [order.sequence for order in traded.orders] == [maker.sequence, taker.sequence]
    value = 3 * (MARK + 2) * PER_TICK_LOT
    of_taker, of_maker = traded.fills
    assert (of_taker.account, of_taker.side, of_taker.role) == (ALICE, BUY, Role.TAKER)
    assert (of_maker.account, of_maker.side, of_maker.role) == (CAROL, SELL, Role.MAKER)
    assert (of_taker.order_sequence, of_maker.order_sequence) == (taker.sequence, maker.sequence)
    assert (of_taker.nonce, of_maker.nonce) == (taker.nonce, maker.nonce)
    assert of_taker.value == of_maker.value == value
    # Alice is of tier 1, Carol of tier 3.
    rates = s.CONFIGURATION_TIERS[1].taker_ppm, s.CONFIGURATION_TIERS[3].maker_ppm
    assert (of_taker.fee, of_maker.fee) == tuple(-(-value * rate // c.PPM_UNIT) for rate in rates)
    assert taker.status is OrderStatus.FILLED
    assert (taker.filled, taker.filled_value, taker.fee) == (3, 3 * (MARK + 2), of_taker.fee)
    (trade,) = traded.trades
    assert (trade.price, trade.size, trade.side, trade.liquidation) == (MARK + 2, 3, BUY, False)
    assert trade.trade == of_taker.trade == of_maker.trade == taker.sequence << 8
    assert traded.levels == {0: (Level(SELL, MARK + 2, 2, 1),)}
    assert traded.touched == {ALICE, CAROL}


def test_a_rebate_is_a_negative_fee(venue: Venue) -> None:
    venue.sell(DAVE, 5, MARK)
    _, of_maker = venue.buy(ALICE, 5, MARK).fills
    # Dave is of tier 0.
    assert of_maker.fee == -5 * MARK * PER_TICK_LOT * 100 // c.PPM_UNIT


def test_each_fill_of_a_message_is_a_trade_of_its_own(venue: Venue) -> None:
    for price in (MARK, MARK + 1):
        venue.sell(CAROL, 2, price)
    traded = venue.buy(ALICE, 5, MARK + 1)
    first, second = traded.trades
    assert (first.price, second.price) == (MARK, MARK + 1)
    assert second.trade == first.trade + 1
    assert traded.orders[-1].remaining == 1
    assert traded.levels == {
        0: (Level(BUY, MARK + 1, 1, 1), Level(SELL, MARK, 0, 0), Level(SELL, MARK + 1, 0, 0))
    }


def test_an_order_that_neither_trades_nor_rests_is_rejected_with_the_verdict(venue: Venue) -> None:
    venue.sell(CAROL, 2, MARK)
    refused = venue.buy(ALICE, 2, MARK, post_only=True)
    assert only(refused) == (OrderStatus.REJECTED, "post_only")
    assert refused.answer is not None
    assert refused.answer.verdict == "post_only"
    assert refused.levels == {}


def test_an_immediate_order_ends_cancelled_with_or_without_a_trade(venue: Venue) -> None:
    unmet = venue.buy(ALICE, 2, MARK, ioc=True)
    assert only(unmet) == (OrderStatus.CANCELLED, "ioc_remainder")
    assert unmet.answer is not None
    assert unmet.answer.verdict == "ioc_remainder"
    venue.sell(CAROL, 2, MARK)
    met = venue.buy(ALICE, 3, MARK, ioc=True)
    order = met.orders[-1]
    assert (order.status, order.reason, order.filled) == (OrderStatus.CANCELLED, "ioc_remainder", 2)
    assert met.answer is not None
    assert met.answer.verdict == "accepted"


def test_an_order_that_would_trade_with_its_own_account_after_a_trade_is_cancelled(venue: Venue) -> None:
    venue.sell(CAROL, 2, MARK)
    venue.sell(ALICE, 2, MARK + 1)
    order = venue.buy(ALICE, 4, MARK + 1).orders[-1]
    assert (order.status, order.reason, order.filled) == (OrderStatus.CANCELLED, "self_trade", 2)


def test_a_cancel_ends_its_order_and_names_it_in_its_answer(venue: Venue) -> None:
    sequence = venue.buy(ALICE, 5, MARK - 3).orders[0].sequence
    cancelled = venue.send(ALICE, kind=MessageKind.CANCEL, side=BUY, price=MARK - 3, target=sequence)
    assert only(cancelled) == (OrderStatus.CANCELLED, "cancelled")
    assert cancelled.levels == {0: (Level(BUY, MARK - 3, 0, 0),)}
    assert cancelled.answer is not None
    assert (cancelled.answer.verdict, cancelled.answer.cancelled) == ("cancelled", (sequence,))
    again = venue.send(ALICE, kind=MessageKind.CANCEL, side=BUY, price=MARK - 3, target=sequence)
    assert again.answer is not None
    assert (again.answer.verdict, again.answer.cancelled, again.orders) == ("not_found", (), ())


def test_a_cancel_all_ends_every_order_of_its_account_and_no_other(venue: Venue) -> None:
    sequences = tuple(venue.buy(ALICE, 2, MARK - distance).orders[0].sequence for distance in (3, 4))
    venue.buy(CAROL, 2, MARK - 3)
    ended = venue.send(ALICE, kind=MessageKind.CANCEL_ALL)
    assert [order.sequence for order in ended.orders] == list(sequences)
    assert ended.answer is not None
    assert ended.answer.cancelled == sequences
    assert ended.levels == {0: (Level(BUY, MARK - 3, 2, 1), Level(BUY, MARK - 4, 0, 0))}


def test_a_dead_order_that_is_met_or_cancelled_later_ends_no_second_time(venue: Venue) -> None:
    sequences = [venue.buy(ALICE, 2, MARK - distance).orders[0].sequence for distance in (0, 4)]
    venue.send(ALICE, kind=MessageKind.CANCEL_ALL)
    met = venue.sell(CAROL, 2, MARK)
    assert [order.sequence for order in met.orders] == [met.answer.sequence] if met.answer else False
    found = venue.send(ALICE, kind=MessageKind.CANCEL, side=BUY, price=MARK - 4, target=sequences[1])
    assert found.answer is not None
    assert (found.answer.verdict, found.answer.cancelled, found.orders) == ("cancelled", (), ())


def test_an_order_expires_with_the_batch_that_passes_its_expiry(venue: Venue) -> None:
    last = venue.state.timestamp + 1
    sequence = venue.buy(ALICE, 2, MARK - 3, expiry=last).orders[0].sequence
    venue.close()
    assert venue.open().orders == ()
    venue.send(CAROL, kind=MessageKind.CANCEL_ALL)
    venue.close()
    expired = venue.open()
    assert only(expired) == (OrderStatus.EXPIRED, "expired")
    assert expired.levels == {0: (Level(BUY, MARK - 3, 0, 0),)}
    assert expired.touched == {ALICE}
    assert venue.projector.order(sequence) is None
    assert ALICE not in {order.account for order in venue.sell(CAROL, 2, MARK - 3).orders}


def test_a_maker_that_may_not_trade_is_cancelled_with_the_verdict(venue: Venue) -> None:
    venue.buy(ALICE, 2, MARK)
    venue.sell(CAROL, 2, MARK)
    maker = venue.sell(ALICE, 2, MARK, reduce_only=True).orders[0].sequence
    venue.buy(CAROL, 2, MARK - 1)
    venue.sell(ALICE, 2, MARK - 1)
    met = venue.buy(CAROL, 2, MARK)
    ended, bid = met.orders
    assert (ended.sequence, ended.status, ended.reason) == (maker, OrderStatus.CANCELLED, "maker_reduce_only")
    assert bid.status is OrderStatus.RESTING


def test_requests_are_transfers_with_their_place_in_the_queue(venue: Venue) -> None:
    owner = s.owner_of(ALICE)
    paid_in = venue.consume(Request(RequestKind.DEPOSIT, ALICE, owner, 50))
    venue.consume(s.restriction(venue.state.venue))
    refunded = venue.consume(Request(RequestKind.DEPOSIT, ALICE, owner, c.COLLATERAL_BOUND))
    paid_out = venue.consume(Request(RequestKind.WITHDRAW, ALICE, owner, 20))
    assert [
        (each.kind, each.amount, each.paid, each.refused, each.place)
        for projection in (paid_in, refunded, paid_out)
        for each in projection.transfers
    ] == [
        ("deposit", 50, 0, False, 0),
        ("deposit", c.COLLATERAL_BOUND, c.COLLATERAL_BOUND, True, 2),
        ("withdraw", 20, 20, False, 3),
    ]
    assert paid_in.touched == {ALICE}


def test_what_l1_restricts_is_nobodys_transfer(venue: Venue) -> None:
    assert venue.consume(s.restriction(venue.state.venue)).transfers == ()


def test_a_forced_order_is_an_order_without_an_answer(venue: Venue) -> None:
    message = venue.message_of(ALICE, side=BUY, price=MARK - 3, size=2)
    forced = venue.consume(s.forced(message))
    (order,) = forced.orders
    assert (order.nonce, order.status) == (message.nonce, OrderStatus.RESTING)
    assert order.message_hash == message.hash(s.DOMAIN)
    assert order.received_ms == forced.time_ms
    assert forced.answer is None
    assert [transfer.kind for transfer in forced.transfers] == ["message"]


def test_an_opening_tells_marks_and_a_new_period_its_rates() -> None:
    venue = Venue(s.genesis(accounts=4, markets=2))
    opened = venue.open(mark=MARK + 7)
    assert [(mark.market, mark.price) for mark in opened.marks] == [(0, MARK + 7), (1, MARK + 7)]
    assert opened.funding == ()
    venue.buy(ALICE, 2, MARK)
    venue.close()
    rates = venue.open(seconds=c.FUNDING_SECONDS).funding
    assert [(rate.market, rate.rate_ppm) for rate in rates] == [
        (slot, venue.state.premium(slot).rate_ppm) for slot in range(2)
    ]
    assert {rate.period for rate in rates} == {venue.state.period}


def test_a_batch_is_told_when_it_opens_closes_and_moves(venue: Venue) -> None:
    opening = venue.driver.batch.opening
    venue.consume(s.insurance(5))
    venue.buy(ALICE, 2, MARK)
    (closed,) = venue.close().progress
    assert closed == BatchProgress(
        number=1,
        timestamp=opening.timestamp,
        first_sequence=1,
        messages=1,
        requests=1,
        state=BatchState.SEQUENCED,
        transaction=b"",
        updated_ms=closed.updated_ms,
        entry=4,
        requests_end=1,
        epoch_hash=epoch_hash(opening, 1),
    )
    mined = venue.note(Progressed(1, BatchState.MINED, b"\x07" * 32)).progress
    assert [(each.state, each.transaction) for each in mined] == [(BatchState.MINED, b"\x07" * 32)]
    assert venue.note(Progressed(1, BatchState.FINAL, b"\x07" * 32)).progress[0].messages == 1
    (opened,) = venue.open().progress
    assert (opened.number, opened.state, opened.first_sequence, opened.messages) == (2, None, 2, 0)


def test_nothing_is_said_of_a_batch_that_is_final_or_was_undone(venue: Venue) -> None:
    venue.buy(ALICE, 2, MARK)
    venue.close()
    venue.note(Progressed(1, BatchState.FINAL))
    assert venue.note(Progressed(1, BatchState.FINAL)).progress == ()
    assert venue.note(Progressed(2, BatchState.PROVING)).progress == ()


def test_an_empty_batch_gives_way_to_another_of_its_number(venue: Venue) -> None:
    (again,) = venue.open(seconds=5).progress
    assert (again.number, again.timestamp) == (1, venue.state.timestamp)
    venue.buy(ALICE, 2, MARK)
    assert venue.close().progress[0].messages == 1


def test_what_moves_no_state_changes_nothing(venue: Venue) -> None:
    signed = s.signed_message(venue.message_of(ALICE, kind=MessageKind.CANCEL_ALL))
    for entry in (Armed(signed, 5), Disarmed(ALICE), Unwound(0, "reorganisation")):
        projection = venue.note(entry)
        assert projection == Projection(projection.number, projection.time_ms, 1)
    assert venue.projector.skip(99) == Projection(99, projection.time_ms, 1)


def test_a_message_that_is_not_sequenced_again_is_answered_with_the_cause(venue: Venue) -> None:
    message = venue.message_of(ALICE, side=BUY, price=MARK, size=2)
    answer = venue.note(Refused(s.signed_message(message), "message_expired")).answer
    assert answer is not None
    assert (answer.nonce, answer.sequence, answer.verdict) == (message.nonce, 0, "message_expired")
    assert answer.message_hash == message.hash(s.DOMAIN)


def test_a_batch_that_is_not_open_cannot_be_closed(venue: Venue) -> None:
    venue.close()
    with pytest.raises(UnknownBatchError, match="entry 3 closes batch 1"):
        venue.note(Closed(1))


def test_a_projector_that_lacks_an_order_says_so() -> None:
    driver = Driver(s.genesis(accounts=4, resting=1))
    projector = Projector(s.DOMAIN)
    projector.apply(driver.open_after())
    account, head = 3, driver.state.book(0, SELL).head()
    assert head is not None
    message = Message(account, 1, 1, side=BUY, price=head.price, size=2, max_fee_ppm=1_000)
    update = driver.message(message)
    assert update is not None
    with pytest.raises(UnknownOrderError, match=f"order {head.sequence}"):
        projector.apply(update)


def indebted(*orders: Order) -> State:
    """Alice is long 10 lots of Bob's and has lost nearly all; the insurance fund is rich."""
    state = s.genesis(accounts=4)
    lots = 10
    holders = dict(state.accounts)
    worth = lots * MARK * PER_TICK_LOT
    holders[ALICE] = replace(holders[ALICE], positions=(lots, 0, 0, 0), collateral=-worth + worth // 50)
    holders[BOB] = replace(holders[BOB], positions=(-lots, 0, 0, 0), collateral=10 * worth)
    holders[c.INSURANCE_ACCOUNT] = Account(owner=c.INSURANCE_OWNER, collateral=10 * worth)
    markets = [replace(state.market(0), open_interest=lots), *list(state.markets)[1:]]
    holders, markets = s.with_orders(holders, markets, list(orders))
    return State(
        state.configuration,
        s.DOMAIN,
        holders,
        markets,
        orders,
        premiums=state.premiums,
        period=state.period,
        next_sequence=c.FIRST_SEQUENCE + len(orders),
        timestamp=state.timestamp,
    )


def test_a_liquidation_trades_and_what_is_left_goes_to_the_fund() -> None:
    venue = Venue(indebted())
    venue.open()
    venue.buy(CAROL, 2, MARK)
    done = venue.sequence(Message.liquidation(ALICE, 0, SELL, 10))
    taker, maker, given, taken = done.fills
    assert (taker.role, taker.order_sequence, taker.nonce) == (Role.LIQUIDATED, 0, 0)
    assert (maker.account, maker.role) == (CAROL, Role.MAKER)
    assert (given.account, given.role, given.side, given.size) == (ALICE, Role.LIQUIDATED, SELL, 8)
    assert (taken.account, taken.role, taken.side, taken.size) == (0, Role.FUND, BUY, 8)
    assert given.value == taken.value > 0
    assert given.price == given.fee == 0
    assert given.trade == taker.trade + 1
    (trade,) = done.trades
    assert (trade.size, trade.liquidation) == (2, True)
    assert done.answer is None
    assert [order.account for order in done.orders] == [CAROL]
    assert done.touched == {ALICE, CAROL, c.INSURANCE_ACCOUNT}


def test_a_liquidation_cancels_orders_and_is_the_reason() -> None:
    order = Order(0, SELL, MARK + 20, c.FIRST_SEQUENCE, ALICE, 10, c.NEVER_EXPIRES, 1_000, reduce_only=True)
    venue = Venue(indebted(order))
    venue.open()
    done = venue.sequence(Message.liquidation(ALICE, 0, SELL, 10))
    assert only(done) == (OrderStatus.CANCELLED, "liquidation")
    assert (done.fills, done.answer) == ((), None)


def test_time_is_that_of_the_clock_but_never_before_the_batch(venue: Venue) -> None:
    opened_ms = 1_000 * venue.state.timestamp
    assert venue.projections[-1].time_ms == opened_ms
    rested = venue.buy(ALICE, 2, MARK - 3)
    assert rested.time_ms == rested.orders[0].received_ms == opened_ms + 7
    venue.driver.clock_ms = 5
    late = venue.buy(ALICE, 2, MARK - 3)
    assert (late.time_ms, late.orders[0].received_ms) == (rested.time_ms, 12)
    assert venue.close().time_ms == rested.time_ms
    assert venue.open().time_ms == 1_000 * venue.state.timestamp


def test_openings_that_follow_each_other_are_read_from_the_genesis() -> None:
    """The projector needs nothing but the domain."""
    driver = Driver(s.genesis(accounts=4))
    driver.open_after()
    driver.message(Message(ALICE, 1, 1, side=BUY, price=MARK, size=2, max_fee_ppm=1_000))
    driver.close()
    driver.open_after()
    fresh, seeded = Projector(s.DOMAIN, period=driver.state.period), projector_at(s.genesis(accounts=4))
    for update in driver.updates:
        assert fresh.apply(update) == seeded.apply(update)
    assert isinstance(driver.updates[0].entry, Opened)
