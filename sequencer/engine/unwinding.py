"""Unwinding: the insurance fund trades away what it had to take over (docs/spec/liquidation.md)."""

from sequencer.engine.events import Dropped, Filled, StepEvent
from sequencer.engine.liquidation import pay_fund
from sequencer.engine.margin import is_bounded, reduces
from sequencer.engine.matching import (
    candidate,
    crosses,
    dropped,
    judge_stale,
    remove_stale,
    taker_order,
    trade_with_maker,
    walk,
)
from sequencer.engine.state import State
from sequencer.engine.terms import judge_market, lies_in_band
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order


def unwind(state: State, sequence: int, message: Message) -> list[StepEvent]:
    """Carry the fund's order through the book near the mark, if it has a turn; what remains of it ends."""
    verdict = _judge_terms(state, message)
    if verdict is not None:
        return [Dropped(sequence, verdict, message.size)]
    state.take_turn()
    return walk(taker_order(sequence, message), lambda order, outcomes: _micro_step(state, order, outcomes))


def _judge_terms(state: State, message: Message) -> Verdict | None:
    verdict = judge_market(state, message)
    if verdict is not None:
        return verdict
    market = state.market(message.market)
    if not lies_in_band(message.price, market, market.liquidation_fee_ppm):
        return Verdict.PRICE_BAND
    return None if state.turns else Verdict.NOT_DUE


def _micro_step(state: State, order: Order, outcomes: int) -> StepEvent:
    """Let what remains meet the head of the opposite book, if the limit reaches it."""
    head = state.book(order.market, 1 - order.side).head()
    if head is None or not crosses(order, head):
        return dropped(order, Verdict.IOC_REMAINDER, head)
    state.settle(head.account)
    if outcomes == c.MAX_OUTCOMES:
        return dropped(order, Verdict.FILL_LIMIT, head)
    stale = judge_stale(state, head)
    if stale is not None:
        return remove_stale(state, order, head, stale)
    return _trade(state, order, head)


def _trade(state: State, order: Order, head: Order) -> StepEvent:
    """Trade with the head, as far as it reduces the position: the fund's margin is not asked for."""
    trade = candidate(state, order, head, state.market(order.market).liquidation_fee_ppm)
    if not reduces(trade.before.positions[order.market], order.side, trade.quantity):
        return trade.dropped(Verdict.REDUCE_ONLY)
    if not is_bounded(trade.after, state.markets, order.market, reducing=True):
        return trade.dropped(Verdict.BOUNDS)
    event = trade_with_maker(state, trade)
    if isinstance(event, Filled):
        state.note_fund_trade(order.market, order.side)
        pay_fund(state, event.taker_fee + event.maker_fee)
    return event
