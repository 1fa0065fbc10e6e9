"""The referee: docs/spec/matching.md once more, deliberately naive."""

import math
from fractions import Fraction

from msgspec.structs import replace

from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import (
    Cancelled,
    CancelledAll,
    Dropped,
    EpochOpened,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    Rested,
    StepEvent,
)
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Outcome, Request
from tests.engine import naive_margins, naive_trade
from tests.engine.naive_breakers import marked, note_the_fund, restricted
from tests.engine.naive_funding import (
    EIGHT_HOURS,
    accrue,
    charge_shortfall,
    count_fill,
    new_rate,
    settle,
    write_down,
)
from tests.engine.naive_liquidation import is_unsigned, reduce_risk
from tests.engine.naive_state import FUND, Exchange, Holder, is_settled
from tests.engine.naive_trade import only_reduces


def apply(state: Exchange, command: Command) -> list[Event]:
    if isinstance(command, OpenEpoch):
        return [open_epoch(state, command)]
    if isinstance(command, CloseEpoch):
        charges = charge_shortfall(state)
        note_the_fund(state)
        return [*charges]
    if isinstance(command, ProcessRequest):
        processed = consume(state, command.request)
        if command.request.kind != 4:
            return [processed]
        state.turns += command.request.account == FUND
        return [processed, *sequence_message(state, forced_message(*command.request.data), forced=True)]
    assert isinstance(command, SequenceMessage)
    return sequence_message(state, command.message)


def sequence_message(state: Exchange, message: Message, forced: bool = False) -> list[Event]:
    sequence = state.next_sequence
    state.next_sequence += 1
    state.fund_shown |= message.account == FUND or is_unsigned(message)
    for account in {message.account, FUND} if is_unsigned(message) else {message.account}:
        settle(state, account)
    steps = carry_out(state, sequence, message)
    is_known = getattr(steps[0], "verdict", None) != Verdict.KEY_EPOCH
    is_authentic = is_known and not is_unsigned(message)
    return [MessageSequenced(sequence, message, is_authentic, forced), *steps]


def forced_message(w0: int, w1: int) -> Message:
    """Read the words from their low ends, field by field."""

    def take(word: int, *widths: int) -> list[int]:
        fields = []
        for width in widths:
            word, field_ = divmod(word, 2**width)
            fields.append(field_)
        assert word == 0
        return fields

    account, epoch, nonce, kind, market, side, *flags, expiry, fee = take(
        w0, 20, 16, 48, 2, 8, 1, 1, 1, 1, 40, 20
    )
    price, size, target = take(w1, 32, 48, 40)
    ioc, post_only, reduce_only = map(bool, flags)
    return Message(
        account,
        epoch,
        nonce,
        kind,
        market,
        side,
        ioc,
        post_only,
        reduce_only,
        expiry,
        fee,
        price,
        size,
        target,
    )


def open_epoch(state: Exchange, command: OpenEpoch) -> EpochOpened:
    write_down(state)
    state.timestamp, state.turns, state.fund_trade = command.timestamp, 1, None
    state.fund_shown = False
    state.configuration = command.configuration or state.configuration
    for m, parameters in enumerate(state.configuration.markets):
        state.markets[m] = replace(state.markets[m], parameters=parameters)
    state.trades, state.premiums_before = {}, {}
    state.marks_before = {m: market.mark for m, market in enumerate(state.markets)}
    time = command.reports[0].time
    for m, market in enumerate(state.markets):
        low, median, high = sorted(report.prices[m] for report in command.reports)
        assert low <= median <= high
        if market.kind:
            mark = market.mark if is_settled(market) else median
            longs, shorts = accrue(market, state.premiums[m].rate_ppm, time)
            if time // EIGHT_HOURS != state.period:
                state.premiums[m] = Premium(rate_ppm=new_rate(state, m))
            market = naive_margins.opened(state, m, market, mark, time)
            market = replace(market, long_index=longs, short_index=shorts, oracle_time=time)
            state.markets[m] = marked(state, m, market, mark)
    state.period = time // EIGHT_HOURS
    return EpochOpened(command.timestamp, tuple(market.mark for market in state.markets))


def consume(state: Exchange, request: Request) -> RequestProcessed:
    state.requests_consumed += 1
    state.fund_shown |= request.account == FUND
    settle(state, request.account)
    if request.account not in state.holders:
        state.holders[request.account] = replace(state.holder(request.account), owner=request.owner)
    holder = state.holders[request.account]
    if request.kind == 1:
        if holder.collateral + request.amount > 2**62 - 1:
            return RequestProcessed(request, Outcome(1, request.amount), 0)
        holder.collateral += request.amount
        return RequestProcessed(request, Outcome(0, 0), 0)
    if request.kind == 5:
        state.venue = restricted(state.venue, request.data[0])
    if request.kind in (4, 5, 6):
        return RequestProcessed(request, Outcome(0, 0), 0)
    if request.kind == 2:
        if holder.key_epoch == 65535:
            return RequestProcessed(request, Outcome(1, 0), 0)
        holder.key, holder.key_epoch = request.data, holder.key_epoch + 1
        return RequestProcessed(request, Outcome(0, 0), 0)
    at_stake = state.held_margin(holder) + state.largest_rate() * state.open_notional(request.account)
    free = math.floor(state.equity(holder) - at_stake)
    paid = max(0, min(request.amount, free))
    holder.collateral -= paid
    return RequestProcessed(request, Outcome(0, paid), free)


def carry_out(state: Exchange, sequence: int, message: Message) -> list[StepEvent]:
    """The verdicts of a message in their order, one after the other."""
    if is_unsigned(message):
        return reduce_risk(state, sequence, message)
    size = message.size if message.kind == 0 else 0

    def drop(verdict: Verdict) -> list[StepEvent]:
        return [Dropped(sequence, verdict, size)]

    holder = state.holders.get(message.account)
    if holder is None or message.key_epoch == 0 or message.key_epoch != holder.key_epoch:
        return drop(Verdict.KEY_EPOCH)
    if message.nonce <= holder.nonce:
        return drop(Verdict.NONCE)
    holder.nonce = message.nonce
    if message.expiry < state.timestamp:
        return drop(Verdict.EXPIRED)
    if message.kind == 2:
        holder.dead_below = sequence
        return [CancelledAll(sequence, message.account)]
    if message.kind == 3:
        return drop(Verdict.KIND)
    if message.market > 3 or state.markets[message.market].kind == 0:
        return drop(Verdict.MARKET)
    if message.kind == 1:
        return [cancel(state, sequence, message)]
    fault = terms_fault(state, holder, message)
    return match(state, sequence, message) if fault is None else drop(fault)


def terms_fault(state: Exchange, holder: Holder, order: Message) -> Verdict | None:
    market = state.markets[order.market]
    if market.status == 2:
        return Verdict.HALTED
    if market.status in (3, 4) and not order.reduce_only:
        return Verdict.REDUCE_ONLY
    least = 1 if order.reduce_only and order.ioc else market.parameters.min_size
    if order.price == 0 or not least <= order.size <= market.parameters.max_position:
        return Verdict.BOUNDS
    if state.configuration.tiers[holder.tier].taker_ppm > order.max_fee_ppm:
        return Verdict.MAX_FEE
    if abs(order.price - market.mark) > Fraction(market.parameters.band_ppm, 10**6) * market.mark:
        return Verdict.PRICE_BAND
    return None


def cancel(state: Exchange, sequence: int, message: Message) -> StepEvent:
    wanted = (message.account, message.market, message.side, message.price, message.target)
    for order in state.orders:
        if (order.account, order.market, order.side, order.price, order.sequence) == wanted:
            state.orders.remove(order)
            return Cancelled(sequence, order)
    return Dropped(sequence, Verdict.NOT_FOUND, 0)


def match(state: Exchange, sequence: int, message: Message) -> list[StepEvent]:
    events: list[StepEvent] = []
    left = message.size
    while left > 0:
        opposite = state.side(message.market, 1 - message.side)
        head = opposite[0] if opposite else None
        if head is None or not naive_trade.crosses(message, head):
            events.append(rest(state, sequence, message, left, head))
            break
        settle(state, head.account)
        if len(events) == 4:
            events.append(Dropped(sequence, Verdict.FILL_LIMIT, left, True, head))
            break
        step = meet(state, sequence, message, left, head)
        events.append(step)
        if isinstance(step, Dropped):
            break
        if isinstance(step, Filled):
            left -= step.quantity
    return events


def rest(state: Exchange, sequence: int, message: Message, left: int, head: Order | None) -> StepEvent:
    def drop(verdict: Verdict) -> Dropped:
        return Dropped(sequence, verdict, left, True, head)

    holder = state.holders[message.account]
    if message.ioc:
        return drop(Verdict.IOC_REMAINDER)
    if message.reduce_only and not only_reduces(holder.positions[message.market], message.side, left):
        return drop(Verdict.REDUCE_ONLY)
    if len(state.orders_of(message.account)) >= 64 or len(state.side(message.market, message.side)) >= 480:
        return drop(Verdict.BOOK_FULL)
    notional = state.open_notional(message.account) + state.value(message.market, left, message.price)
    if notional >= 2**61:
        return drop(Verdict.BOUNDS)
    if state.equity(holder) < state.initial_margin(holder) + state.largest_rate() * notional:
        return drop(Verdict.MARGIN)
    order = Order(
        message.market,
        message.side,
        message.price,
        sequence,
        message.account,
        left,
        message.expiry,
        message.max_fee_ppm,
        message.reduce_only,
    )
    state.orders.append(order)
    return Rested(order, head)


def meet(state: Exchange, sequence: int, message: Message, left: int, head: Order) -> StepEvent:
    """One maker outcome, or the end of the taker."""

    def drop(verdict: Verdict, *fees: int) -> Dropped:
        return Dropped(sequence, verdict, left, True, head, *fees)

    stale = naive_trade.stale(state, head)
    if stale is not None:
        state.orders.remove(head)
        return MakerRemoved(sequence, stale, head, 0, 0, left)
    if message.post_only:
        return drop(Verdict.POST_ONLY)
    if head.account == message.account:
        return drop(Verdict.SELF_TRADE)

    taker, m = state.holders[message.account], message.market
    taker_ppm = state.configuration.tiers[taker.tier].taker_ppm
    trade = naive_trade.proposed(state, message, left, head, taker_ppm)
    reduces = only_reduces(taker.positions[m], message.side, trade.quantity)
    fault = naive_trade.judge(state, m, taker, trade.taker, reduces, message.reduce_only)
    if fault is not None:
        return drop(Verdict[fault], trade.taker_fee, trade.maker_fee)
    event = naive_trade.meet_maker(state, sequence, message, left, head, trade)
    if isinstance(event, Filled):
        state.fee_pool += trade.taker_fee + trade.maker_fee
        count_fill(state, head, trade.quantity)
    return event
