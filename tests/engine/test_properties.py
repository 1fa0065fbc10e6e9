"""What holds after every command, whatever traders, oracles and L1 do."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sequencer.engine import apply
from sequencer.engine.commands import CloseEpoch, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    Rested,
    ShortfallCharged,
    TakenOver,
)
from sequencer.engine.margin import health, may_rest
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, RequestStatus, Side
from sequencer.model.funding import unsettled_of_all
from sequencer.model.message import Message
from tests.strategies import batches, commands, genesis

INDEBTED = {"accounts": 4, "markets": 2, "resting": 8, "leverage": 16}
CROWDS: list[dict[str, int]] = [
    {"accounts": 4, "markets": 1, "resting": 6},
    {"accounts": 6, "markets": 3, "newcomers": 1, "messages": 12, "steps": 60},
    INDEBTED,
]
streams = given(seed=st.integers(0, 2**64 - 1), count=st.integers(1, 60), crowd=st.sampled_from(CROWDS))


def start(crowd: dict[str, int]) -> State:
    return genesis(crowd["accounts"], crowd["markets"], crowd.get("resting", 0), crowd.get("leverage", 1))


def money(state: State) -> int:
    pools = state.fee_pool + state.funding_pool
    return pools + sum(account.collateral for account in state.accounts.values())


def owed(state: State) -> int:
    """What all accounts owe since they were settled."""
    return unsettled_of_all(state.accounts.values(), state.markets)


def from_outside(events: list[Event]) -> int:
    """What a command brings in from L1, or takes out."""
    event = events[0] if events else None
    if not isinstance(event, RequestProcessed):
        return 0
    if event.request.kind == RequestKind.DEPOSIT and event.outcome.status == RequestStatus.DONE:
        return event.request.amount
    return -event.outcome.paid if event.request.kind == RequestKind.WITHDRAW else 0


@streams
def test_collateral_and_pools_change_by_deposits_and_withdrawals_only(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        before = money(state)
        events = apply(state, command)
        assert money(state) == before + from_outside(events)


@given(seed=st.integers(0, 2**64 - 1))
def test_the_funding_pool_and_what_is_owed_to_it_are_the_units_that_rounding_left(seed: int) -> None:
    state, left = start(INDEBTED), 0
    for command in commands(seed, 150, **INDEBTED):
        before = state.funding_pool
        events = apply(state, command)
        # At most one unit an account that was settled, or would be now, and one a charge.
        left += len(state.accounts) if state.funding_pool != before else 0
        left += sum(isinstance(event, ShortfallCharged) for event in events)
        assert 0 <= state.funding_pool + owed(state) <= left + len(state.accounts)


@given(seed=st.integers(0, 2**64 - 1))
def test_when_a_batch_ends_the_fund_that_traded_owes_nothing_or_has_all_that_its_market_holds(
    seed: int,
) -> None:
    state, traded = start(INDEBTED), False
    for command in commands(seed, 150, **INDEBTED):
        events = apply(state, command)
        match command:
            case OpenEpoch():
                traded = False
            case CloseEpoch() if traded:
                assert state.fund_trade is not None
                market = state.market(state.fund_trade[0])
                charged = sum(event.amount for event in events if isinstance(event, ShortfallCharged))
                is_solvent = health(state.accounts[c.INSURANCE_ACCOUNT], state.markets).equity >= 0
                assert is_solvent or charged == market.value(market.open_interest)
            case _:
                traded |= is_trade_of_the_fund(events)


@given(seed=st.integers(0, 2**64 - 1))
def test_the_fund_is_not_among_those_who_are_charged(seed: int) -> None:
    state = start(INDEBTED)
    for command in commands(seed, 150, **INDEBTED):
        if any(isinstance(event, ShortfallCharged) for event in apply(state, command)):
            left = state.accounts[c.INSURANCE_ACCOUNT].collateral
            assert state.account(c.INSURANCE_ACCOUNT).collateral == left


def is_trade_of_the_fund(events: list[Event]) -> bool:
    message = unsigned_in(events)
    kind = Filled if message is not None and message.is_unwinding else TakenOver
    return any(isinstance(event, kind) for event in events)


@given(seed=st.integers(0, 2**64 - 1))
def test_a_market_counts_the_time_in_which_the_fund_holds_something_or_is_settled(seed: int) -> None:
    """A settled market stays settled until nobody has a position, and is never halted."""
    state = start(INDEBTED)
    for command in commands(seed, 150, **INDEBTED):
        before = tuple(state.markets)
        apply(state, command)
        positions = state.account(c.INSURANCE_ACCOUNT).positions
        for was, market, position in zip(before, state.markets, positions, strict=True):
            if not isinstance(command, CloseEpoch):
                assert market.fund_since == was.fund_since
            elif market.open_interest == 0:
                assert market.fund_since == 0
            else:
                assert (market.fund_since > 0) == (position != 0 or was.is_settled)
                assert market.is_settled or not was.is_settled
                assert market.is_open or market.fund_since in (0, state.timestamp)
            assert not market.is_settled or market.is_open
            assert market.fund_since <= state.timestamp


@given(seed=st.integers(0, 2**64 - 1))
def test_neither_mark_nor_funding_moves_in_a_settled_market(seed: int) -> None:
    state = start(INDEBTED)
    for command in commands(seed, 150, **INDEBTED):
        before = tuple(state.markets)
        apply(state, command)
        for was, market in zip(before, state.markets, strict=True):
            if market.is_settled and isinstance(command, OpenEpoch):
                assert (market.mark, market.long_index, market.short_index, market.halted_until) == (
                    was.mark,
                    was.long_index,
                    was.short_index,
                    was.halted_until,
                )


@streams
def test_the_insurance_is_judged_by_what_a_batch_shows_of_the_fund(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        before, shown = state.venue.uninsured, state.fund_shown
        apply(state, command)
        equity = health(state.accounts[c.INSURANCE_ACCOUNT], state.markets).equity
        judged = equity < state.configuration.insurance_floor
        assert state.venue.uninsured == (judged if shown and isinstance(command, CloseEpoch) else before)


@streams
def test_a_stored_account_has_the_index_of_its_side_for_each_position_once_it_is_touched(
    seed: int, count: int, crowd: dict[str, int]
) -> None:
    """And none has an index where it has no position."""
    state = start(crowd)
    for command in commands(seed, count, **crowd):
        before = dict(state.accounts)
        apply(state, command)
        for number, account in state.accounts.items():
            for size, index, market in zip(account.positions, account.indices, state.markets, strict=True):
                assert size or index == 0
                if account != before.get(number) and not isinstance(command, CloseEpoch):
                    assert index == market.index(size)


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
        events = apply(state, command)
        unsigned = unsigned_in(events)
        unjudged = unsigned.account if unsigned else None
        for event in events:
            if isinstance(event, Rested):
                assert may_rest(state.account(event.order.account), state.markets)
            if isinstance(event, Filled):
                for party in {event.taker, event.head.account} - {unjudged}:
                    assert_margin(state, before[party], state.account(party), event.head.market)


def assert_margin(state: State, before: Account, after: Account, market: int) -> None:
    equity, initial, maintenance = health(after, state.markets)
    assert equity * c.PPM_UNIT >= maintenance
    if equity * c.PPM_UNIT < initial:
        assert abs(after.positions[market]) < abs(before.positions[market])


def unsigned_in(events: list[Event]) -> Message | None:
    """The liquidation or unwinding that a command brought."""
    sequenced = [event.message for event in events if isinstance(event, MessageSequenced)]
    return sequenced[0] if sequenced and sequenced[0].is_unsigned else None


@given(seed=st.integers(0, 2**64 - 1))
def test_a_liquidation_shrinks_positions_and_costs_no_equity_per_margin(seed: int) -> None:
    """Of an account that is not healthy; the fund alone rounds, by less than a quote unit."""
    state = start(INDEBTED)
    for command in commands(seed, 150, **INDEBTED):
        accounts = {number: state.account(number) for number in state.accounts}
        events = apply(state, command)
        message = unsigned_in(events)
        if message is None or message.is_unwinding or message.account not in accounts:
            continue
        before, after = accounts[message.account], state.account(message.account)
        if after.positions == before.positions:
            continue
        assert before.open_notional == 0
        for old, new in zip(before.positions, after.positions, strict=True):
            assert abs(new) <= abs(old)
            assert new * old >= 0
        (equity, _, maintenance), (new_equity, _, new_maintenance) = (
            health(each, state.markets) for each in (before, after)
        )
        assert equity * c.PPM_UNIT < maintenance
        is_rounded = any(isinstance(event, TakenOver) for event in events)
        assert (new_equity + is_rounded) * maintenance >= equity * new_maintenance


@given(seed=st.integers(0, 2**64 - 1))
def test_the_fund_unwinds_once_a_batch_near_the_mark_and_only_what_it_holds(seed: int) -> None:
    state = start(INDEBTED)
    turns = 0
    for command in commands(seed, 150, **INDEBTED):
        held = state.account(c.INSURANCE_ACCOUNT).positions
        events = apply(state, command)
        turns = 0 if isinstance(command, OpenEpoch) else turns
        message = unsigned_in(events)
        fills = [event for event in events if isinstance(event, Filled)]
        if message is None or not message.is_unwinding or not fills:
            continue
        turns += 1
        assert turns == 1
        market = state.market(message.market)
        allowed = market.mark * market.parameters.liquidation_fee_ppm
        for fill in fills:
            away = (1 - 2 * message.side) * (fill.head.price - market.mark)
            assert away * c.PPM_UNIT <= allowed
        left = state.account(c.INSURANCE_ACCOUNT).positions
        assert all(abs(new) <= abs(old) and new * old >= 0 for old, new in zip(held, left, strict=True))


@streams
def test_a_message_has_one_sequence_and_ends_after_at_most_four_outcomes(
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
        *outcomes, last = steps
        if outcomes and isinstance(outcomes[-1], BookExhausted):
            assert isinstance(last, TakenOver | Dropped)
            outcomes.pop()
        assert len(outcomes) <= c.MAX_OUTCOMES
        assert all(isinstance(outcome, Filled | MakerRemoved) for outcome in outcomes)
        assert_ended(last)
        sequence += 1
    assert state.next_sequence == sequence


def assert_ended(step: Any) -> None:
    if isinstance(step, Filled):
        assert step.taker_remaining == 0
    else:
        assert isinstance(step, Dropped | Rested | Cancelled | CancelledAll | TakenOver)


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
