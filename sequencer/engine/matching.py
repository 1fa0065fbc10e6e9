"""Price-time priority: an order meets the opposite book, one head at a time, and then rests or ends."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sequencer.engine.cancelling import count_orders, is_dead, limit_notional, remove_order
from sequencer.engine.events import Dropped, Filled, MakerRemoved, Rested, StepEvent
from sequencer.engine.fees import fee_ceil
from sequencer.engine.margin import judge_fill, may_rest, reduces
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order, rank_of

_OF_MAKER: Final = {
    Verdict.REDUCE_ONLY: Verdict.MAKER_REDUCE_ONLY,
    Verdict.BOUNDS: Verdict.MAKER_BOUNDS,
    Verdict.MARGIN: Verdict.MAKER_MARGIN,
}


class Candidate(Struct, frozen=True, gc=False):
    """What a taker could trade with the head of the opposite book: as many lots as both have, at its price.

    Attributes
    ----------
    notional, taker_fee, maker_fee : int
        Quote units.
    before, after : Account
        The taker's, without and with the trade.
    """

    order: Order
    head: Order
    quantity: int
    notional: int
    taker_fee: int
    maker_fee: int
    before: Account
    after: Account

    def dropped(self, verdict: Verdict) -> Dropped:
        """Return the end of the taker's order by a verdict on this trade."""
        order = self.order
        return Dropped(
            order.sequence, verdict, order.remaining, True, self.head, self.taker_fee, self.maker_fee
        )


def match_order(state: State, sequence: int, message: Message) -> list[StepEvent]:
    """Carry an order through the book: at most `MAX_OUTCOMES` makers, then it rests or ends."""
    return walk(
        taker_order(sequence, message),
        lambda order, outcomes: _micro_step(state, order, message, outcomes=outcomes),
    )


def taker_order(sequence: int, message: Message) -> Order:
    """Return the order of a message that meets the book."""
    return Order(
        market=message.market,
        side=message.side,
        price=message.price,
        sequence=sequence,
        account=message.account,
        remaining=message.size,
        expiry=message.expiry,
        max_fee_ppm=message.max_fee_ppm,
        reduce_only=message.reduce_only,
    )


def walk(order: Order, micro_step: Callable[[Order, int], StepEvent]) -> list[StepEvent]:
    """Take micro-steps until nothing remains or one of them is no outcome.

    Parameters
    ----------
    micro_step
        Of what remains of the order and the number of outcomes before.
    """
    events: list[StepEvent] = []
    while True:
        assert len(events) <= c.MAX_OUTCOMES
        event = micro_step(order, len(events))
        events.append(event)
        if not isinstance(event, Filled | MakerRemoved) or event.taker_remaining == 0:
            return events
        order = replace(order, remaining=event.taker_remaining)


def dropped(order: Order, verdict: Verdict, head: Order | None) -> Dropped:
    """Return the end of an order that saw the head of the opposite book and was not judged against it."""
    return Dropped(order.sequence, verdict, order.remaining, looked=True, head=head)


def judge_stale(state: State, head: Order) -> Verdict | None:
    """Return why a resting order cannot trade any more, whoever meets it."""
    owner = state.account(head.account)
    if head.expiry < state.timestamp:
        return Verdict.MAKER_EXPIRED
    if is_dead(head, owner):
        return Verdict.MAKER_CANCELLED
    if state.configuration.tiers[owner.tier].maker_ppm > head.max_fee_ppm:
        return Verdict.MAKER_FEE
    return None


def remove_stale(state: State, order: Order, head: Order, verdict: Verdict) -> MakerRemoved:
    """Take a head that cannot trade any more out of the book; the order goes on."""
    remove_order(state, head)
    return MakerRemoved(order.sequence, verdict, head, 0, 0, order.remaining)


def candidate(state: State, order: Order, head: Order, taker_ppm: int) -> Candidate:
    """Return the largest trade of an order with the head, which the taker pays a fee of this rate for."""
    before, maker = state.account(order.account), state.account(head.account)
    quantity = min(order.remaining, head.remaining)
    notional = limit_notional(head, quantity, state.market(order.market))
    fee = fee_ceil(notional, taker_ppm)
    return Candidate(
        order=order,
        head=head,
        quantity=quantity,
        notional=notional,
        taker_fee=fee,
        maker_fee=fee_ceil(notional, state.configuration.tiers[maker.tier].maker_ppm),
        before=before,
        after=_after_fill(before, order, quantity, notional, fee),
    )


def trade_with_maker(state: State, trade: Candidate) -> Filled | MakerRemoved:
    """Carry out a trade that the taker may make, or remove the maker if it may not; nobody gets the fees."""
    order, head, quantity = trade.order, trade.head, trade.quantity
    maker = state.account(head.account)
    maker_after = _after_fill(maker, head, quantity, trade.notional, trade.maker_fee)
    # Where the mark stands still nobody opens a position, whatever an old order says.
    standing = replace(head, reduce_only=True) if state.market(order.market).is_settled else head
    verdict = _judge_party(state, standing, quantity, maker, maker_after)
    fees = trade.taker_fee, trade.maker_fee
    if verdict is not None:
        remove_order(state, head)
        return MakerRemoved(order.sequence, _OF_MAKER[verdict], head, *fees, order.remaining)
    conclude(state, order.market, ((order.account, trade.after), (head.account, maker_after)))
    _reduce_maker(state, head, quantity)
    state.count_fill(order.market, quantity, head.price)
    return Filled(order.sequence, order.account, head, quantity, *fees, order.remaining - quantity)


def conclude(state: State, slot: int, parties: Sequence[tuple[int, Account]]) -> None:
    """Let both parties of a trade be as they are after it, and count its lots into the open interest."""
    before = tuple(state.account(number) for number, _ in parties)
    for number, after in parties:
        state.put_account(number, after)
    _count_open_interest(state, slot, before, tuple(after for _, after in parties))


def with_lots(account: Account, slot: int, lots: int, quote: int) -> Account:
    """Return the account with signed lots and quote units more."""
    positions = list(account.positions)
    positions[slot] += lots
    return replace(account, positions=tuple(positions), collateral=account.collateral + quote)


def _micro_step(state: State, order: Order, message: Message, outcomes: int) -> StepEvent:
    """Let the order meet the head of the opposite book: the rules of docs/spec/matching.md in their order."""
    head = state.book(order.market, 1 - order.side).head()
    if head is None or not crosses(order, head):
        verdict = Verdict.IOC_REMAINDER if message.ioc else _judge_rest(state, order)
        return dropped(order, verdict, head) if verdict is not None else _rest(state, order, head)
    state.settle(head.account)
    if outcomes == c.MAX_OUTCOMES:
        return dropped(order, Verdict.FILL_LIMIT, head)
    stale = judge_stale(state, head)
    if stale is not None:
        return remove_stale(state, order, head, stale)
    if message.post_only:
        return dropped(order, Verdict.POST_ONLY, head)
    if head.account == order.account:
        return dropped(order, Verdict.SELF_TRADE, head)
    return _trade(state, order, head)


def crosses(order: Order, head: Order) -> bool:
    """Tell whether the limit of an order reaches the head of the opposite book."""
    return rank_of(head.side, head.price) <= rank_of(head.side, order.price)


def _judge_rest(state: State, order: Order) -> Verdict | None:
    """Return what keeps an order that crosses nothing from resting."""
    account, market = state.account(order.account), state.market(order.market)
    if order.reduce_only and not reduces(account.positions[order.market], order.side, order.remaining):
        return Verdict.REDUCE_ONLY
    if account.orders >= c.ACCOUNT_ORDERS_MAX or market.side_orders(order.side) >= c.SIDE_ORDERS_MAX:
        return Verdict.BOOK_FULL
    resting = _with_order(account, order, market)
    if resting.open_notional >= c.OPEN_NOTIONAL_BOUND:
        return Verdict.BOUNDS
    return None if may_rest(resting, state.markets) else Verdict.MARGIN


def _rest(state: State, order: Order, head: Order | None) -> Rested:
    market = state.market(order.market)
    state.put_account(order.account, _with_order(state.account(order.account), order, market))
    state.put_market(order.market, count_orders(market, order.side, 1))
    state.book(order.market, order.side).put(order)
    return Rested(order, head)


def _trade(state: State, order: Order, head: Order) -> StepEvent:
    """Judge both parties at the largest quantity they could trade, the taker first, and fill if both pass."""
    taker = state.account(order.account)
    trade = candidate(state, order, head, state.configuration.tiers[taker.tier].taker_ppm)
    verdict = _judge_party(state, order, trade.quantity, trade.before, trade.after)
    if verdict is not None:
        return trade.dropped(verdict)
    event = trade_with_maker(state, trade)
    if isinstance(event, Filled):
        state.collect_fees(event.taker_fee + event.maker_fee)
    return event


def _judge_party(
    state: State, order: Order, quantity: int, before: Account, after: Account
) -> Verdict | None:
    reducing = reduces(before.positions[order.market], order.side, quantity)
    if order.reduce_only and not reducing:
        return Verdict.REDUCE_ONLY
    return judge_fill(before, after, state.markets, order.market, reducing=reducing)


def _after_fill(account: Account, order: Order, quantity: int, notional: int, fee: int) -> Account:
    """Return the account after its side of a fill: lots in, quote out, or the reverse."""
    direction = 1 - 2 * order.side
    return with_lots(account, order.market, direction * quantity, -direction * notional - fee)


def _count_open_interest(
    state: State, slot: int, before: tuple[Account, ...], after: tuple[Account, ...]
) -> None:
    """Move the open interest by half of what the fill adds to the sizes of both positions."""
    change = sum(abs(account.positions[slot]) for account in after)
    change -= sum(abs(account.positions[slot]) for account in before)
    assert change % 2 == 0, "positions of a market sum to zero"
    market = state.market(slot)
    assert market.open_interest + change // 2 >= 0
    state.put_market(slot, replace(market, open_interest=market.open_interest + change // 2))


def _reduce_maker(state: State, head: Order, quantity: int) -> None:
    """Take the filled lots off the maker's order and its open notional; an order with nothing left leaves."""
    if quantity == head.remaining:
        remove_order(state, head)
        return
    owner = state.account(head.account)
    left = owner.open_notional - limit_notional(head, quantity, state.market(head.market))
    assert left >= 0
    state.put_account(head.account, replace(owner, open_notional=left))
    state.book(head.market, head.side).put(replace(head, remaining=head.remaining - quantity))


def _with_order(account: Account, order: Order, market: Market) -> Account:
    return replace(
        account,
        orders=account.orders + 1,
        open_notional=account.open_notional + limit_notional(order, order.remaining, market),
    )
