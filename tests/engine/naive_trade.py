"""The referee's trades: what orders and liquidations share when they meet a maker."""

import math
from dataclasses import dataclass
from fractions import Fraction

from msgspec.structs import replace

from sequencer.engine.events import Filled, MakerRemoved
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from tests.engine.naive_state import BUY, Exchange, Holder, is_settled


@dataclass(frozen=True)
class Trade:
    """A fill that may happen, with both parties as it would leave them."""

    quantity: int
    taker: Holder
    maker: Holder
    taker_fee: int
    maker_fee: int


def crosses(message: Message, head: Order) -> bool:
    return message.price >= head.price if message.side == BUY else message.price <= head.price


def stale(state: Exchange, head: Order) -> Verdict | None:
    maker = state.holders[head.account]
    if head.expiry < state.timestamp:
        return Verdict.MAKER_EXPIRED
    if head.sequence < maker.dead_below:
        return Verdict.MAKER_CANCELLED
    if state.configuration.tiers[maker.tier].maker_ppm > head.max_fee_ppm:
        return Verdict.MAKER_FEE
    return None


def proposed(state: Exchange, message: Message, left: int, head: Order, taker_ppm: int) -> Trade:
    taker, maker = state.holder(message.account), state.holder(head.account)
    quantity = min(left, head.remaining)
    notional = state.value(message.market, quantity, head.price)
    taker_fee = math.ceil(notional * Fraction(taker_ppm, 10**6))
    maker_fee = math.ceil(notional * Fraction(state.configuration.tiers[maker.tier].maker_ppm, 10**6))
    direction = 1 if message.side == BUY else -1
    return Trade(
        quantity,
        traded(taker, message.market, direction * quantity, -direction * notional - taker_fee),
        traded(maker, message.market, -direction * quantity, direction * notional - maker_fee),
        taker_fee,
        maker_fee,
    )


def meet_maker(
    state: Exchange, sequence: int, message: Message, left: int, head: Order, trade: Trade
) -> Filled | MakerRemoved:
    """Judge the maker and trade with it or remove it; the fees are left to the caller."""
    maker = state.holders[head.account]
    reduces = only_reduces(maker.positions[head.market], head.side, trade.quantity)
    must_reduce = head.reduce_only or is_settled(state.markets[head.market])
    fault = judge(state, head.market, maker, trade.maker, reduces, must_reduce)
    state.orders.remove(head)
    fees = trade.taker_fee, trade.maker_fee
    if fault is not None:
        return MakerRemoved(sequence, Verdict[f"MAKER_{fault}"], head, *fees, left)
    state.holders[message.account], state.holders[head.account] = trade.taker, trade.maker
    if trade.quantity < head.remaining:
        state.orders.append(replace(head, remaining=head.remaining - trade.quantity))
    return Filled(sequence, message.account, head, trade.quantity, *fees, left - trade.quantity)


def only_reduces(position: int, side: int, lots: int) -> bool:
    return position <= -lots if side == BUY else position >= lots


def traded(holder: Holder, market: int, lots: int, quote: int) -> Holder:
    positions = [p + lots if m == market else p for m, p in enumerate(holder.positions)]
    return replace(holder, positions=positions, collateral=holder.collateral + quote)


def judge(
    state: Exchange, market: int, before: Holder, after: Holder, is_reducing: bool, reduce_only: bool
) -> str | None:
    if reduce_only and not is_reducing:
        return "REDUCE_ONLY"
    if not in_bounds(state, market, after, is_reducing):
        return "BOUNDS"
    equity, old_equity = state.equity(after), state.equity(before)
    maintenance, old_maintenance = state.maintenance_margin(after), state.maintenance_margin(before)
    if equity >= state.initial_margin(after):
        return None
    if is_reducing and equity >= maintenance and equity * old_maintenance >= old_equity * maintenance:
        return None
    return "MARGIN"


def in_bounds(state: Exchange, market: int, after: Holder, is_reducing: bool) -> bool:
    if abs(after.positions[market]) > state.markets[market].parameters.max_position and not is_reducing:
        return False
    return -(2**62) <= after.collateral <= 2**62 - 1
