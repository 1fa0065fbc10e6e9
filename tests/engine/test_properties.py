"""What holds after every command, whatever traders, oracles and L1 do."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine import apply
from sequencer.engine.commands import ProcessRequest, SequenceMessage
from sequencer.engine.events import (
    Cancelled,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    Rested,
)
from sequencer.engine.margin import health, may_rest
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, RequestStatus, Side
from tests.strategies import batches, commands, genesis

CROWDS: list[dict[str, int]] = [
    {"accounts": 4, "markets": 1, "resting": 6},
    {"accounts": 6, "markets": 3, "newcomers": 1, "messages": 12, "steps": 60},
]
streams = given(seed=st.integers(0, 2**64 - 1), count=st.integers(1, 60), crowd=st.sampled_from(CROWDS))


def start(crowd: dict[str, int]) -> State:
    return genesis(crowd["accounts"], crowd["markets"], crowd.get("resting", 0))


def money(state: State) -> int:
    return state.fee_pool + sum(account.collateral for account in state.accounts.values())


def from_outside(events: list[Event]) -> int:
    """What a command brings in from L1, or takes out."""
    event = events[0]
    if not isinstance(event, RequestProcessed):
        return 0
    if event.request.kind == RequestKind.DEPOSIT and event.outcome.status == RequestStatus.DONE:
        return event.request.amount
    return -event.outcome.paid if event.request.kind == RequestKind.WITHDRAW else 0


@streams
def test_collateral_and_fees_change_by_deposits_and_withdrawals_only(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        before = money(state)
        events = apply(state, command)
        assert money(state) == before + from_outside(events)


@streams
def test_the_positions_of_a_market_cancel_out_and_its_longs_are_its_open_interest(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        apply(state, command)
        for slot, market in enumerate(state.markets):
            sizes = [account.positions[slot] for account in state.accounts.values()]
            assert sum(sizes) == 0
            assert market.open_interest == sum(size for size in sizes if size > 0)


@streams
def test_counts_and_open_notionals_are_those_of_the_book(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        apply(state, command)
        orders = [order for slot in range(c.MARKETS) for side in Side for order in state.book(slot, side)]
        for slot, market in enumerate(state.markets):
            assert market.bid_orders == len(state.book(slot, Side.BUY)) <= c.SIDE_ORDERS_MAX
            assert market.ask_orders == len(state.book(slot, Side.SELL)) <= c.SIDE_ORDERS_MAX
        for number, account in state.accounts.items():
            own = [order for order in orders if order.account == number]
            live = [order for order in own if order.sequence >= account.dead_below]
            assert account.orders == len(own) <= c.ACCOUNT_ORDERS_MAX
            assert account.open_notional == sum(
                order.remaining * order.price * state.market(order.market).parameters.quote_per_tick_lot
                for order in live
            )


@streams
def test_nobody_trades_or_rests_without_margin(seed: int, count: int, crowd: dict[str, int]) -> None:
    """Whoever trades keeps maintenance margin; who lacks initial margin has only reduced his position."""
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        before = dict(state.accounts)
        for event in apply(state, command):
            if isinstance(event, Rested):
                assert may_rest(state.account(event.order.account), state.markets)
            if isinstance(event, Filled):
                for party in (event.taker, event.head.account):
                    assert_margin(state, before[party], state.account(party), event.head.market)


def assert_margin(state: State, before: Account, after: Account, market: int) -> None:
    equity, initial, maintenance = health(after, state.markets)
    assert equity * c.PPM_UNIT >= maintenance
    if equity * c.PPM_UNIT < initial:
        assert abs(after.positions[market]) < abs(before.positions[market])


@streams
def test_a_message_has_one_sequence_and_ends_in_at_most_five_steps(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    sequence = state.next_sequence
    for command in commands(seed, count, **crowd):
        events = apply(state, command)
        forces = isinstance(command, ProcessRequest) and command.request.kind == RequestKind.MESSAGE
        if not (forces or isinstance(command, SequenceMessage)):
            continue
        sequenced, *steps = events[1:] if forces else events
        assert isinstance(sequenced, MessageSequenced)
        assert (sequenced.sequence, sequenced.forced) == (sequence, forces)
        assert 1 <= len(steps) <= c.MAX_OUTCOMES + 1
        assert all(isinstance(step, Filled | MakerRemoved) for step in steps[:-1])
        assert_ended(steps[-1])
        sequence += 1
    assert state.next_sequence == sequence


def assert_ended(step: Any) -> None:
    if isinstance(step, Filled):
        assert step.taker_remaining == 0
    else:
        assert isinstance(step, Dropped | Rested | Cancelled | CancelledAll)


@streams
def test_after_a_message_the_book_it_looked_at_is_not_crossed(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    """The best bid is below the best ask: even a stale head was met before anything could rest beyond it."""
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        apply(state, command)
        for slot in range(c.MARKETS):
            bid, ask = state.book(slot, Side.BUY).head(), state.book(slot, Side.SELL).head()
            assert bid is None or ask is None or bid.price < ask.price


@given(seed=st.integers(0, 2**64 - 1))
def test_batches_keep_to_the_size_that_was_asked_for(seed: int) -> None:
    state = genesis(3, 1)
    for batch in batches(seed, 6, accounts=3, newcomers=1, messages=4, requests=4, steps=8):
        kinds = [type(command).__name__ for command in batch]
        assert kinds == sorted(kinds, key=["OpenEpoch", "ProcessRequest", "SequenceMessage"].index)
        assert kinds.count("OpenEpoch") == 1
        assert kinds.count("ProcessRequest") <= 4
        events = [event for command in batch for event in apply(state, command)]
        assert (
            sum(not isinstance(e, MessageSequenced) for e in events[1:]) - kinds.count("ProcessRequest") <= 8
        )
        assert set(state.accounts) <= {0, 1, 2, 3, 4}
