"""Liquidation: what reduces an account's risk against its will (docs/spec/liquidation.md)."""

from collections.abc import Sequence

from msgspec.structs import replace

from sequencer.engine.cancelling import cancel_all
from sequencer.engine.events import BookExhausted, Dropped, Filled, StepEvent, TakenOver
from sequencer.engine.margin import Health, health, is_bounded, reduces
from sequencer.engine.matching import (
    Candidate,
    candidate,
    conclude,
    dropped,
    judge_stale,
    remove_stale,
    taker_order,
    trade_with_maker,
    walk,
    with_lots,
)
from sequencer.engine.state import State
from sequencer.engine.terms import judge_market
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order


def is_liquidatable(state: State, number: int) -> bool:
    """Tell whether an account is below its maintenance margin; the insurance fund never counts as such."""
    now = health(state.account(number), state.markets)
    return number != c.INSURANCE_ACCOUNT and now.equity * c.PPM_UNIT < now.maintenance


def is_below_half(now: Health) -> bool:
    """Tell whether less than half of the maintenance margin is left: the insurance fund may take over."""
    return 2 * now.equity * c.PPM_UNIT < now.maintenance


def lots_due(now: Health, market: Market) -> int:
    """Return how many lots restore an account's maintenance margin, at the mark and without a fee."""
    return -((now.equity * c.PPM_UNIT - now.maintenance) // _lot_maintenance(market))


def bankruptcy_quote(account: Account, markets: Sequence[Market], slot: int, lots: int) -> int:
    """Return what an account pays for signed lots at its bankruptcy price, in quote units.

    That leaves it the equity per maintenance margin that it had, rounded down.
    """
    before, after = health(account, markets), health(with_lots(account, slot, lots, 0), markets)
    return after.equity - before.equity * after.maintenance // before.maintenance


def liquidate(state: State, sequence: int, message: Message) -> list[StepEvent]:
    """Carry out a liquidation: cancel the account's orders if any is live, else reduce its position."""
    verdict = judge_market(state, message)
    if verdict is not None:
        return [Dropped(sequence, verdict, message.size)]
    if state.account(message.account).open_notional > 0:
        if not is_liquidatable(state, message.account):
            return [Dropped(sequence, Verdict.NOT_DUE, message.size)]
        return [cancel_all(state, sequence, message)]
    order = taker_order(sequence, message)
    events = walk(order, lambda order, outcomes: _micro_step(state, order, outcomes))
    last = events[-1]
    if isinstance(last, BookExhausted):
        events.append(_take_over(state, replace(order, remaining=last.remaining)))
    return events


def _micro_step(state: State, order: Order, outcomes: int) -> StepEvent:
    """Let what remains meet the head of the opposite book, any price of which crosses."""
    head = state.book(order.market, 1 - order.side).head()
    if head is None:
        return _meet_nobody(state, order)
    state.settle(head.account)
    if outcomes == c.MAX_OUTCOMES:
        return dropped(order, Verdict.FILL_LIMIT, head)
    stale = judge_stale(state, head)
    if stale is not None:
        if not is_liquidatable(state, order.account):
            return dropped(order, Verdict.NOT_DUE, head)
        return remove_stale(state, order, head, stale)
    if head.account == order.account:
        return dropped(order, Verdict.SELF_TRADE, head)
    return _trade(state, order, head)


def _meet_nobody(state: State, order: Order) -> StepEvent:
    account = state.account(order.account)
    if not reduces(account.positions[order.market], order.side, order.remaining):
        return dropped(order, Verdict.REDUCE_ONLY, None)
    if not is_below_half(health(account, state.markets)):
        return dropped(order, Verdict.NOT_DUE, None)
    return BookExhausted(order.sequence, order.remaining, None)


def _trade(state: State, order: Order, head: Order) -> StepEvent:
    """Trade with the head, unless its price is worse than the bankruptcy price or not all lots are due."""
    markets, market = state.markets, state.market(order.market)
    trade = candidate(state, order, head, market.liquidation_fee_ppm)
    if not reduces(trade.before.positions[order.market], order.side, trade.quantity):
        return trade.dropped(Verdict.REDUCE_ONLY)
    if not is_bounded(trade.after, markets, order.market, reducing=True):
        return trade.dropped(Verdict.BOUNDS)
    before, after = health(trade.before, markets), health(trade.after, markets)
    if after.equity * before.maintenance < before.equity * after.maintenance:
        return _refuse_price(state, trade)
    if trade.quantity > lots_due(before, market):
        return trade.dropped(Verdict.NOT_DUE)
    event = trade_with_maker(state, trade)
    if isinstance(event, Filled):
        pay_fund(state, event.taker_fee + event.maker_fee)
    return event


def _refuse_price(state: State, trade: Candidate) -> StepEvent:
    if not is_below_half(health(trade.before, state.markets)):
        return trade.dropped(Verdict.NOT_DUE)
    order = trade.order
    return BookExhausted(order.sequence, order.remaining, trade.head, trade.taker_fee, trade.maker_fee)


def _take_over(state: State, order: Order) -> TakenOver | Dropped:
    """Let the insurance fund take all that remains at the bankruptcy price."""
    slot, quantity = order.market, order.remaining
    account, fund = state.account(order.account), state.account(c.INSURANCE_ACCOUNT)
    direction = 1 - 2 * order.side
    lots = direction * quantity
    if not reduces(account.positions[slot], order.side, quantity):
        return Dropped(order.sequence, Verdict.REDUCE_ONLY, quantity)
    paid = bankruptcy_quote(account, state.markets, slot, lots)
    account_after, fund_after = with_lots(account, slot, lots, -paid), with_lots(fund, slot, -lots, paid)
    quote = direction * paid
    relieving = reduces(fund.positions[slot], 1 - order.side, quantity)
    if not (
        is_bounded(account_after, state.markets, slot, reducing=True)
        and is_bounded(fund_after, state.markets, slot, reducing=relieving)
    ):
        return Dropped(order.sequence, Verdict.BOUNDS, quantity, quote=quote)
    conclude(state, slot, ((order.account, account_after), (c.INSURANCE_ACCOUNT, fund_after)))
    state.note_fund_trade(slot, order.side)
    return TakenOver(order.sequence, order.account, slot, order.side, quantity, quote)


def pay_fund(state: State, amount: int) -> None:
    """Add to what the insurance fund has."""
    fund = state.account(c.INSURANCE_ACCOUNT)
    state.put_account(c.INSURANCE_ACCOUNT, replace(fund, collateral=fund.collateral + amount))


def _lot_maintenance(market: Market) -> int:
    """Return the maintenance margin of one lot, in 1e-6 of a quote unit."""
    return market.value(1) * market.maintenance_ppm
