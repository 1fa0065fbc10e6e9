"""Whatever traders, oracles and L1 do: books, orders and fills follow from the entries alone."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine.events import Filled, MessageSequenced, TakenOver
from sequencer.engine.state import State
from sequencer.history.projector import Projector
from sequencer.history.types import OrderStatus, Projection, Role
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.records.entries import Closed, Opened, Sequenced
from sequencer.records.update import Update
from tests.engine.test_properties import CROWDS, INDEBTED, start
from tests.history import reference
from tests.history.driver import Driver, projector_at
from tests.strategies import commands

streams = given(seed=st.integers(0, 2**64 - 1), count=st.integers(1, 80), crowd=st.sampled_from(CROWDS))
indebted = given(seed=st.integers(0, 2**64 - 1))

Step = tuple[State, Projector, Update, Projection]


def steps(seed: int, count: int, crowd: dict[str, int]) -> Iterator[Step]:
    """Each entry, projected, with the state after it."""
    driver = Driver(start(crowd))
    projector = projector_at(driver.state)
    for update in driver.run(commands(seed, count, **crowd)):
        yield driver.state, projector, update, projector.apply(update)


@streams
def test_the_levels_are_those_of_the_live_orders_of_the_engine(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    for state, projector, _, _ in steps(seed, count, crowd):
        for slot, book in enumerate(reference.books(state)):
            shown = [projector.levels(slot, side, c.SIDE_ORDERS_MAX) for side in Side]
            assert shown == book
            assert projector.best(slot) == tuple(side[0] if side else None for side in book)
            assert [projector.levels(slot, side, 2) for side in Side] == [side[:2] for side in book]


@streams
def test_whoever_hears_the_changed_levels_has_the_book(seed: int, count: int, crowd: dict[str, int]) -> None:
    books = reference.books(start(crowd))
    for state, _, _, projection in steps(seed, count, crowd):
        for slot, levels in projection.levels.items():
            assert len({(level.side, level.price) for level in levels}) == len(levels)
            books[slot] = reference.changed(books[slot], levels)
        assert books == reference.books(state)


@streams
def test_the_open_orders_are_the_live_orders_of_the_engine(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    accounts = range(crowd["accounts"] + crowd.get("newcomers", 0) + 1)
    for state, projector, _, _ in steps(seed, count, crowd):
        shown = {account: projector.open_orders(account) for account in accounts}
        assert reference.open_orders(state) == {
            account: {record.sequence: record.remaining for record in reversed(records)}
            for account, records in shown.items()
            if records
        }
        for record in (record for records in shown.values() for record in records):
            assert projector.order(record.sequence) is record
            assert record.status is OrderStatus.RESTING


@streams
def test_an_order_has_what_its_fills_sum_up_to(seed: int, count: int, crowd: dict[str, int]) -> None:
    filled: Counter[int] = Counter()
    values: Counter[int] = Counter()
    fees: Counter[int] = Counter()
    for _, _, update, projection in steps(seed, count, crowd):
        for fill in projection.fills:
            filled[fill.order_sequence] += fill.size
            values[fill.order_sequence] += fill.size * fill.price
            fees[fill.order_sequence] += fill.fee
        for order in projection.orders:
            key = order.sequence
            assert (order.filled, order.filled_value, order.fee) == (filled[key], values[key], fees[key])
            assert (order.status is OrderStatus.FILLED) == (order.filled == order.size > 0)
            assert order.entry == update.number
            assert order.updated_ms == projection.time_ms


@indebted
def test_fees_are_what_the_pool_and_the_fund_got(seed: int) -> None:
    driver = Driver(start(INDEBTED))
    projector, pool, paid = projector_at(driver.state), driver.state.fee_pool, 0
    for update in driver.run(commands(seed, 150, **INDEBTED)):
        fills = projector.apply(update).fills
        fees = sum(fill.fee for fill in fills)
        if any(fill.role in (Role.LIQUIDATED, Role.FUND) for fill in fills):
            assert driver.state.fee_pool == pool + paid
            assert fees == sum(
                event.taker_fee + event.maker_fee for event in update.events if isinstance(event, Filled)
            )
        else:
            paid += fees
            assert driver.state.fee_pool == pool + paid


@indebted
def test_positions_are_what_the_fills_of_an_account_sum_up_to(seed: int) -> None:
    state = start(INDEBTED)
    positions = {number: list(account.positions) for number, account in state.accounts.items()}
    for now, _, _, projection in steps(seed, 150, INDEBTED):
        for fill in projection.fills:
            positions[fill.account][fill.market] += (1 - 2 * fill.side) * fill.size
        assert positions == {number: list(account.positions) for number, account in now.accounts.items()}


@streams
def test_every_order_that_leaves_ends_once_and_for_a_reason(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    live = {order for held in reference.open_orders(start(crowd)).values() for order in held}
    ended: set[int] = set()
    for state, _, _, projection in steps(seed, count, crowd):
        ends = [order for order in projection.orders if order.status is not OrderStatus.RESTING]
        sequences = [order.sequence for order in projection.orders]
        assert len(set(sequences)) == len(sequences)
        for order in ends:
            assert order.sequence not in ended
            assert bool(order.reason) == (order.status is not OrderStatus.FILLED)
            assert order.remaining == 0
        now = {order for held in reference.open_orders(state).values() for order in held}
        ended |= {order.sequence for order in ends}
        assert live - now <= ended
        live = now


@streams
def test_every_signed_message_has_one_answer(seed: int, count: int, crowd: dict[str, int]) -> None:
    for _, _, update, projection in steps(seed, count, crowd):
        answer = projection.answer
        if not isinstance(update.entry, Sequenced):
            assert answer is None
            continue
        sequenced = update.events[0]
        assert isinstance(sequenced, MessageSequenced)
        assert answer is not None
        message = update.entry.signed.message
        assert (answer.account, answer.nonce, answer.kind) == (message.account, message.nonce, message.kind)
        assert answer.sequence == sequenced.sequence
        assert answer.received_ms == update.entry.received_ms
        own = {order.sequence: order for order in projection.orders}
        assert all(own[cancelled].reason == "cancelled" for cancelled in answer.cancelled)
        order = own.get(answer.sequence)
        if order is not None:
            traded_or_rests = order.filled > 0 or order.status is OrderStatus.RESTING
            assert answer.verdict == ("accepted" if traded_or_rests else order.reason)


@indebted
def test_whoever_has_another_balance_is_touched(seed: int) -> None:
    """But for what all who hold a position pay or get when a batch opens or ends."""
    before = start(INDEBTED)
    accounts = {number: before.account(number) for number in before.accounts}
    for state, _, update, projection in steps(seed, 150, INDEBTED):
        now = {number: state.account(number) for number in state.accounts}
        if isinstance(update.entry, Opened | Closed):
            accounts = now
            continue
        for number, account in now.items():
            was = accounts.get(number)
            same = was is not None and (was.collateral, was.positions, was.open_notional) == (
                account.collateral,
                account.positions,
                account.open_notional,
            )
            assert same or number in projection.touched
        accounts = now


@indebted
def test_trades_are_the_fills_of_takers_with_makers(seed: int) -> None:
    last = 0
    for _, _, update, projection in steps(seed, 150, INDEBTED):
        made = [event for event in update.events if isinstance(event, Filled)]
        assert [(trade.price, trade.size) for trade in projection.trades] == [
            (event.head.price, event.quantity) for event in made
        ]
        for trade in projection.trades:
            taker, maker = (fill for fill in projection.fills if fill.trade == trade.trade)
            assert maker.role is Role.MAKER
            assert taker.role is not Role.MAKER
            assert (taker.side, maker.side) == (trade.side, 1 - trade.side)
            assert taker.value == maker.value > 0
            assert trade.liquidation == (taker.role is not Role.TAKER) == (taker.order_sequence == 0)
            assert trade.trade > last
            last = trade.trade
        taken = [event for event in update.events if isinstance(event, TakenOver)]
        of_the_fund = [fill for fill in projection.fills if fill.price == 0]
        assert [fill.value for fill in of_the_fund] == [event.quote for event in taken for _ in range(2)]


@streams
def test_time_does_not_go_back_within_a_batch_nor_before_it(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    batch = last = 0
    for _, _, update, projection in steps(seed, count, crowd):
        assert projection.time_ms >= 1_000 * update.timestamp
        assert update.batch != batch or projection.time_ms >= last
        batch, last = update.batch, projection.time_ms
