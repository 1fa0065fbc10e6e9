"""The referee: docs/spec/matching.md once more, deliberately naive.

Nothing is cached. The book is a list in no order; margins, order counts, open notionals and open interest
are added up from positions and orders each time. Rates are fractions, so that nothing is scaled by a million.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sequencer.engine.commands import Command, OpenEpoch, ProcessRequest, SequenceMessage
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
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Outcome, Request

BUY, SELL = 0, 1


@dataclass
class Holder:
    """An account without the sums."""

    owner: int
    collateral: int
    positions: list[int]
    key: tuple[int, int]
    key_epoch: int
    nonce: int
    tier: int
    dead_below: int


@dataclass
class Exchange:
    """Accounts, markets and one list of all orders."""

    configuration: Configuration
    domain: int
    markets: list[Market]
    fee_pool: int
    requests_consumed: int
    next_sequence: int
    timestamp: int
    holders: dict[int, Holder] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    def value(self, market: int, lots: int, price: int) -> int:
        return lots * price * self.markets[market].parameters.quote_per_tick_lot

    def side(self, market: int, side: int) -> list[Order]:
        """One side of a book: best price first, then the older order."""
        orders = [order for order in self.orders if (order.market, order.side) == (market, side)]
        return sorted(
            orders, key=lambda order: (order.price if side == SELL else -order.price, order.sequence)
        )

    def orders_of(self, account: int) -> list[Order]:
        return [order for order in self.orders if order.account == account]

    def open_notional(self, account: int) -> int:
        live = [o for o in self.orders_of(account) if o.sequence >= self.holders[account].dead_below]
        return sum(self.value(o.market, o.remaining, o.price) for o in live)

    def open_interest(self, market: int) -> int:
        return sum(max(holder.positions[market], 0) for holder in self.holders.values())

    def equity(self, holder: Holder) -> int:
        marks = [market.mark for market in self.markets]
        return holder.collateral + sum(
            self.value(m, holder.positions[m], marks[m]) for m in range(len(marks))
        )

    def initial_margin(self, holder: Holder) -> Fraction:
        return self._margin(holder, [market.parameters.initial_ppm for market in self.markets])

    def held_margin(self, holder: Holder) -> Fraction:
        full = 2**20 - 1
        return self._margin(
            holder, [m.parameters.initial_ppm if m.status == 1 else full for m in self.markets]
        )

    def maintenance_margin(self, holder: Holder) -> Fraction:
        return self._margin(holder, [market.parameters.maintenance_ppm for market in self.markets])

    def _margin(self, holder: Holder, rates_ppm: list[int]) -> Fraction:
        total = Fraction(0)
        for m, rate in enumerate(rates_ppm):
            total += Fraction(rate, 10**6) * self.value(m, abs(holder.positions[m]), self.markets[m].mark)
        return total

    def largest_rate(self) -> Fraction:
        return Fraction(max(market.parameters.initial_ppm for market in self.markets), 10**6)

    def seen_accounts(self) -> dict[int, Account]:
        """The accounts as the exchange publishes them, with the sums."""
        return {
            account: Account(
                owner=holder.owner,
                collateral=holder.collateral,
                positions=tuple(holder.positions),
                key=holder.key,
                key_epoch=holder.key_epoch,
                nonce=holder.nonce,
                tier=holder.tier,
                dead_below=holder.dead_below,
                orders=len(self.orders_of(account)),
                open_notional=self.open_notional(account),
            )
            for account, holder in self.holders.items()
        }

    def seen_markets(self) -> list[Market]:
        """The markets as the exchange publishes them, with the sums."""
        return [
            replace(
                market,
                bid_orders=len(self.side(m, BUY)),
                ask_orders=len(self.side(m, SELL)),
                open_interest=self.open_interest(m),
            )
            for m, market in enumerate(self.markets)
        ]


def exchange(
    configuration: Configuration,
    domain: int,
    accounts: Mapping[int, Account],
    markets: Sequence[Market],
    orders: Iterable[Order],
    *,
    fee_pool: int,
    requests_consumed: int,
    next_sequence: int,
    timestamp: int,
) -> Exchange:
    """An exchange of the same content as the engine's `State`."""
    holders = {
        account: Holder(
            seen.owner,
            seen.collateral,
            list(seen.positions),
            seen.key,
            seen.key_epoch,
            seen.nonce,
            seen.tier,
            seen.dead_below,
        )
        for account, seen in accounts.items()
    }
    return Exchange(
        configuration,
        domain,
        list(markets),
        fee_pool,
        requests_consumed,
        next_sequence,
        timestamp,
        holders,
        list(orders),
    )


def apply(state: Exchange, command: Command) -> list[Event]:
    if isinstance(command, OpenEpoch):
        return [open_epoch(state, command)]
    if isinstance(command, ProcessRequest):
        processed = consume(state, command.request)
        if command.request.kind != 4:
            return [processed]
        return [processed, *sequence_message(state, forced_message(*command.request.data), forced=True)]
    assert isinstance(command, SequenceMessage)
    return sequence_message(state, command.message)


def sequence_message(state: Exchange, message: Message, forced: bool = False) -> list[Event]:
    sequence = state.next_sequence
    state.next_sequence += 1
    steps = carry_out(state, sequence, message)
    is_authentic = getattr(steps[0], "verdict", None) != Verdict.KEY_EPOCH
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
    state.timestamp = command.timestamp
    state.configuration = command.configuration or state.configuration
    for m, parameters in enumerate(state.configuration.markets):
        state.markets[m] = replace(state.markets[m], parameters=parameters)
    for m, market in enumerate(state.markets):
        low, median, high = sorted(report.prices[m] for report in command.reports)
        assert low <= median <= high
        if market.kind:
            state.markets[m] = halted_or_open(market, median, state.timestamp)
            state.markets[m] = replace(state.markets[m], oracle_time=command.reports[0].time)
    return EpochOpened(command.timestamp, tuple(market.mark for market in state.markets))


def halted_or_open(market: Market, mark: int, now: int) -> Market:
    allowed = Fraction(market.parameters.max_move_ppm, 10**6) * market.mark
    end = market.halted_until
    if market.mark != 0 and abs(Fraction(mark - market.mark)) > allowed:
        end = now + market.parameters.halt_seconds
    return replace(market, mark=mark, status=2 if now < end else 1, halted_until=end)


def consume(state: Exchange, request: Request) -> RequestProcessed:
    state.requests_consumed += 1
    if request.account not in state.holders:
        default = Account()
        state.holders[request.account] = Holder(request.owner, 0, [0, 0, 0, 0], default.key, 0, 0, 0, 0)
    holder = state.holders[request.account]
    if request.kind == 1:
        if holder.collateral + request.amount > 2**62 - 1:
            return RequestProcessed(request, Outcome(1, request.amount), 0)
        holder.collateral += request.amount
        return RequestProcessed(request, Outcome(0, 0), 0)
    if request.kind in (4, 6):
        return RequestProcessed(request, Outcome(0, 0), 0)
    if request.kind == 5:
        return RequestProcessed(request, Outcome(1, 0), 0)
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
    if market.status != 1:
        return Verdict.HALTED
    if order.price == 0 or not market.parameters.min_size <= order.size <= market.parameters.max_position:
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
        if head is None or not crosses(message, head):
            events.append(rest(state, sequence, message, left, head))
            break
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


def crosses(message: Message, head: Order) -> bool:
    return message.price >= head.price if message.side == BUY else message.price <= head.price


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
    taker, maker = state.holders[message.account], state.holders[head.account]
    tiers = state.configuration.tiers
    stale = None
    if head.expiry < state.timestamp:
        stale = Verdict.MAKER_EXPIRED
    elif head.sequence < maker.dead_below:
        stale = Verdict.MAKER_CANCELLED
    elif tiers[maker.tier].maker_ppm > head.max_fee_ppm:
        stale = Verdict.MAKER_FEE
    if stale is not None:
        state.orders.remove(head)
        return MakerRemoved(sequence, stale, head, 0, 0, left)
    if message.post_only:
        return Dropped(sequence, Verdict.POST_ONLY, left, True, head)
    if head.account == message.account:
        return Dropped(sequence, Verdict.SELF_TRADE, left, True, head)

    quantity = min(left, head.remaining)
    notional = state.value(message.market, quantity, head.price)
    taker_fee = math.ceil(notional * Fraction(tiers[taker.tier].taker_ppm, 10**6))
    maker_fee = math.ceil(notional * Fraction(tiers[maker.tier].maker_ppm, 10**6))
    m, direction = message.market, 1 if message.side == BUY else -1

    new_taker = traded(taker, m, direction * quantity, -direction * notional - taker_fee)
    taker_reduces = only_reduces(taker.positions[m], message.side, quantity)
    fault = judge(state, m, taker, new_taker, taker_reduces, message.reduce_only)
    if fault is not None:
        return Dropped(sequence, Verdict[fault], left, True, head, taker_fee, maker_fee)
    new_maker = traded(maker, m, -direction * quantity, direction * notional - maker_fee)
    maker_reduces = only_reduces(maker.positions[m], head.side, quantity)
    fault = judge(state, m, maker, new_maker, maker_reduces, head.reduce_only)
    if fault is not None:
        state.orders.remove(head)
        return MakerRemoved(sequence, Verdict[f"MAKER_{fault}"], head, taker_fee, maker_fee, left)

    state.holders[message.account], state.holders[head.account] = new_taker, new_maker
    state.fee_pool += taker_fee + maker_fee
    state.orders.remove(head)
    if quantity < head.remaining:
        state.orders.append(replace(head, remaining=head.remaining - quantity))
    return Filled(sequence, message.account, head, quantity, taker_fee, maker_fee, left - quantity)


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
    if abs(after.positions[market]) > state.markets[market].parameters.max_position and not is_reducing:
        return "BOUNDS"
    if not -(2**62) <= after.collateral <= 2**62 - 1:
        return "BOUNDS"
    equity, old_equity = state.equity(after), state.equity(before)
    maintenance, old_maintenance = state.maintenance_margin(after), state.maintenance_margin(before)
    if equity >= state.initial_margin(after):
        return None
    if is_reducing and equity >= maintenance and equity * old_maintenance >= old_equity * maintenance:
        return None
    return "MARGIN"
