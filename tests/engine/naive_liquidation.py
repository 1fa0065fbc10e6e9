"""The referee: docs/spec/liquidation.md once more, as naive as the rest."""

import math
from fractions import Fraction

from sequencer.engine.events import (
    BookExhausted,
    CancelledAll,
    Dropped,
    Filled,
    MakerRemoved,
    StepEvent,
    TakenOver,
)
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from tests.engine import naive_trade
from tests.engine.naive_funding import count_fill, settle
from tests.engine.naive_state import BUY, FUND, SELL, Exchange, liquidation_rate
from tests.engine.naive_trade import in_bounds, only_reduces, traded


def is_unsigned(message: Message) -> bool:
    """A liquidation, whose limit is given by its side; or an unwinding, whose limit is free."""
    flags = message.ioc, message.post_only, message.reduce_only
    numbers = message.key_epoch, message.nonce, message.expiry, message.max_fee_ppm, message.target
    limit = 0 if message.side == SELL else 2**32 - 1
    is_plain = message.kind == 3 and not any(flags) and not any(numbers)
    return is_plain and (message.account == FUND or message.price == limit)


def reduce_risk(state: Exchange, sequence: int, message: Message) -> list[StepEvent]:
    """The verdicts in their order, one after the other; then through the book, step by step."""
    is_unwinding = message.account == FUND
    verdict = terms_fault(state, message) or (unwinding_fault(state, message) if is_unwinding else None)
    if verdict is not None:
        return [Dropped(sequence, verdict, message.size)]
    if is_unwinding:
        state.turns -= 1
    elif state.open_notional(message.account) > 0:
        if not is_liquidatable(state, message.account):
            return [Dropped(sequence, Verdict.NOT_DUE, message.size)]
        state.holders[message.account].dead_below = sequence
        return [CancelledAll(sequence, message.account)]
    events: list[StepEvent] = []
    left = message.size
    while left > 0:
        events.append(step(state, sequence, message, left, outcomes=len(events)))
        match events[-1]:
            case Filled(quantity=lots):
                left -= lots
            case BookExhausted():
                return [*events, take_over(state, sequence, message, left)]
            case Dropped():
                break
    return events


def terms_fault(state: Exchange, message: Message) -> Verdict | None:
    if message.market > 3 or state.markets[message.market].kind == 0:
        return Verdict.MARKET
    market = state.markets[message.market]
    if market.status == 2:
        return Verdict.HALTED
    if message.size == 0 or message.size > market.parameters.max_position:
        return Verdict.BOUNDS
    return None


def unwinding_fault(state: Exchange, message: Message) -> Verdict | None:
    market = state.markets[message.market]
    fee = Fraction(liquidation_rate(market), 10**6)
    if abs(message.price - market.mark) > fee * market.mark:
        return Verdict.PRICE_BAND
    return Verdict.NOT_DUE if state.turns == 0 else None


def is_liquidatable(state: Exchange, account: int) -> bool:
    holder = state.holder(account)
    return state.equity(holder) < state.maintenance_margin(holder)


def step(state: Exchange, sequence: int, message: Message, left: int, outcomes: int) -> StepEvent:
    """One maker outcome, the end of the book, or the end of the message."""
    is_unwinding = message.account == FUND
    opposite = state.side(message.market, 1 - message.side)
    head = opposite[0] if opposite else None
    if head is None or not naive_trade.crosses(message, head):
        if is_unwinding:
            return Dropped(sequence, Verdict.IOC_REMAINDER, left, True, head)
        return exhausted(state, BookExhausted(sequence, left, None, 0, 0), message, left)
    settle(state, head.account)
    if outcomes == 4:
        return Dropped(sequence, Verdict.FILL_LIMIT, left, True, head)
    stale = naive_trade.stale(state, head)
    if stale is not None:
        if not is_unwinding and not is_liquidatable(state, message.account):
            return Dropped(sequence, Verdict.NOT_DUE, left, True, head)
        state.orders.remove(head)
        return MakerRemoved(sequence, stale, head, 0, 0, left)
    if head.account == message.account:
        return Dropped(sequence, Verdict.SELF_TRADE, left, True, head)
    return meet(state, sequence, message, left, head)


def meet(state: Exchange, sequence: int, message: Message, left: int, head: Order) -> StepEvent:
    account, m = state.holder(message.account), message.market
    trade = naive_trade.proposed(state, message, left, head, liquidation_rate(state.markets[m]))
    fees = trade.taker_fee, trade.maker_fee
    if not only_reduces(account.positions[m], message.side, trade.quantity):
        return Dropped(sequence, Verdict.REDUCE_ONLY, left, True, head, *fees)
    if not in_bounds(state, m, trade.taker, True):
        return Dropped(sequence, Verdict.BOUNDS, left, True, head, *fees)
    if message.account != FUND:
        equity, maintenance = state.equity(account), state.maintenance_margin(account)
        if state.equity(trade.taker) * maintenance < equity * state.maintenance_margin(trade.taker):
            return exhausted(state, BookExhausted(sequence, left, head, *fees), message, trade.quantity)
        a_lot_less = traded(account, m, direction(message) * (trade.quantity - 1), 0)
        if state.maintenance_margin(a_lot_less) <= equity:
            return Dropped(sequence, Verdict.NOT_DUE, left, True, head, *fees)
    event = naive_trade.meet_maker(state, sequence, message, left, head, trade)
    if isinstance(event, Filled):
        state.holders[FUND].collateral += trade.taker_fee + trade.maker_fee
        count_fill(state, head, trade.quantity)
        if message.account == FUND:
            state.fund_trade = message.market, message.side
    return event


def exhausted(state: Exchange, event: BookExhausted, message: Message, lots: int) -> BookExhausted | Dropped:
    """The end of the book, if the account may be taken over at all."""
    account = state.holder(message.account)
    verdict = None
    if not only_reduces(account.positions[message.market], message.side, lots):
        verdict = Verdict.REDUCE_ONLY
    elif 2 * state.equity(account) >= state.maintenance_margin(account):
        verdict = Verdict.NOT_DUE
    if verdict is None:
        return event
    fees = event.taker_fee, event.maker_fee
    return Dropped(event.sequence, verdict, event.remaining, True, event.head, *fees)


def take_over(state: Exchange, sequence: int, message: Message, left: int) -> StepEvent:
    """The fund's turn: all that is left, at the bankruptcy price."""
    m, lots = message.market, direction(message) * left
    account, fund = state.holders[message.account], state.holders[FUND]
    if not only_reduces(account.positions[m], message.side, left):
        return Dropped(sequence, Verdict.REDUCE_ONLY, left)
    unpaid = traded(account, m, lots, 0)
    kept = state.equity(account) * state.maintenance_margin(unpaid) / state.maintenance_margin(account)
    cost = state.equity(unpaid) - math.floor(kept)
    new_account, new_fund = traded(account, m, lots, -cost), traded(fund, m, -lots, cost)
    fund_reduces = only_reduces(fund.positions[m], 1 - message.side, left)
    if not in_bounds(state, m, new_account, True) or not in_bounds(state, m, new_fund, fund_reduces):
        return Dropped(sequence, Verdict.BOUNDS, left, quote=direction(message) * cost)
    state.holders[message.account], state.holders[FUND] = new_account, new_fund
    state.fund_trade = message.market, message.side
    return TakenOver(sequence, message.account, m, message.side, left, direction(message) * cost)


def direction(message: Message) -> int:
    return 1 if message.side == BUY else -1
