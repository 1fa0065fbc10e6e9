"""Verdicts ignored: what a rule stops happens all the same."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from sequencer.engine import cancelling, matching, messages
from sequencer.engine.events import Cancelled, CancelledAll, StepEvent
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, MessageKind
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order, book_key
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, FEES, PLAIN, SELL, Exchange, resting, trader
from tests.strategies import START

TAKER, MAKER, OTHER = 2, 3, 1


def _ask(**fields: Any) -> Callable[[], Exchange]:
    orders = [resting(1, MAKER, SELL, 1_001, 5, **fields), resting(2, OTHER, SELL, 1_002, 5)]
    return lambda: Exchange(orders=orders)


def _buy(size: int = 2, price: int = 1_002, **fields: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.buy(TAKER, size, price, **fields)


# ---- Lies about the message.


def _with_message(**fields: Any) -> Cheat:
    """Judge the message as if these fields were other ones."""

    def carry_out(
        honest: Callable[..., Any], state: State, sequence: int, message: Message, account: Account
    ) -> Any:
        return honest(state, sequence, replace(message, **fields), account)

    return replaced(around(messages, "_carry_out", carry_out))


def _stepping(**fields: Any) -> Cheat:
    """Let each micro-step see another message."""

    def step(
        honest: Callable[..., Any], state: State, order: Order, message: Message, outcomes: int
    ) -> StepEvent:
        event: StepEvent = honest(state, order, replace(message, **fields), outcomes)
        return event

    return replaced(around(matching, "_micro_step", step))


def _trade_with_oneself(state: State, order: Order, message: Message, outcomes: int) -> StepEvent:
    head = state.book(order.market, 1 - order.side).head()
    assert head is not None
    return matching._trade(state, order, head)


_ANY_TERMS = replaced((messages, "judge_order", lambda message, market, taker_ppm: None))
_NEVER_STALE = replaced((matching, "judge_stale", lambda state, head: None))
_MAY_REST = replaced((matching, "_judge_rest", lambda state, order: None))
_MAY_TRADE = replaced((matching, "_judge_party", lambda *arguments: None))


# ---- Books.


def _halted_market() -> Exchange:
    halted = replace(PLAIN, status=MarketStatus.HALTED, halted_until=START + 1_000)
    return Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5, market=1)], markets=(PLAIN, halted))


def _dead_ask() -> Exchange:
    orders = [resting(1, MAKER, SELL, 1_001, 5), resting(2, MAKER, SELL, 1_002, 5)]
    return Exchange({MAKER: trader(MAKER, dead_below=2)}, orders)


def _five_asks() -> Exchange:
    return Exchange(orders=[resting(i, MAKER, SELL, 1_000 + i) for i in range(1, 7)])


def _holding(size: int) -> dict[int, Account]:
    """Let the taker hold a position, and another trader the other side of it."""
    return {
        TAKER: trader(TAKER, positions=(size, 0, 0, 0)),
        4: trader(4, positions=(-size, 0, 0, 0)),
    }


def _many_bids(owners: tuple[int, ...], each: int) -> Exchange:
    """Fill one side of the book, away from the price at which the taker rests."""
    orders = [
        resting(1 + place, owner, BUY, 700 + place // 10)
        for place, owner in enumerate(owner for owner in owners for _ in range(each))
    ]
    accounts = {number: trader(number) for number in owners}
    return Exchange(accounts, orders, orders_a_page=(10, 15))


def _notional_bound() -> Exchange:
    """Bring the taker's open orders close to 2^61."""
    return Exchange({TAKER: trader(TAKER, 1 << 61, open_notional=(1 << 61) - 1_000)})


def _with_min_size(size: int) -> Market:
    return replace(PLAIN, parameters=replace(PLAIN.parameters, min_size=size))


def _with_fees(**fields: Any) -> Exchange:
    """Put the maker into the tier that pays 200 ppm as maker; the taker's pays 500."""
    return Exchange({MAKER: trader(MAKER, tier=1)}, [resting(1, MAKER, SELL, 1_001, 5, **fields)], tiers=FEES)


# ---- Cancels.


def _cancel_anybodys(state: State, sequence: int, message: Message) -> Cancelled:
    order = state.book(message.market, message.side).find(
        book_key(message.side, message.price, message.target)
    )
    assert order is not None
    cancelling.remove_order(state, order)
    return Cancelled(sequence, order)


def _cancel_the_first(state: State, sequence: int, message: Message) -> Cancelled:
    order = state.book(message.market, message.side).head()
    assert order is not None
    cancelling.remove_order(state, order)
    return Cancelled(sequence, order)


def _cancel_all_but_last(
    honest: Callable[..., CancelledAll], state: State, sequence: int, message: Message
) -> Any:
    """Spare the account's newest order."""
    event = honest(state, sequence, message)
    state.put_account(message.account, replace(state.account(message.account), dead_below=2))
    return event


def _cancel_all_keeping_notional(
    honest: Callable[..., CancelledAll], state: State, sequence: int, message: Message
) -> CancelledAll:
    open_notional = state.account(message.account).open_notional
    event = honest(state, sequence, message)
    state.put_account(message.account, replace(state.account(message.account), open_notional=open_notional))
    return event


def _own_bids() -> Exchange:
    return Exchange(orders=[resting(1, TAKER, BUY, 990, 5), resting(2, TAKER, BUY, 980, 5)])


def _dead_and_live_bid() -> Exchange:
    orders = [resting(1, TAKER, BUY, 990, 5), resting(3, TAKER, BUY, 995, 5)]
    return Exchange({TAKER: trader(TAKER, dead_below=2)}, orders)


def _attack(
    name: str,
    claim: str,
    rule: str,
    scenario: tuple[Callable[[], Exchange], Callable[[Exchange], None]],
    cheat: Cheat,
    *where: str,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, Scenario(*scenario), where, cheat)


ATTACKS = (
    _attack(
        "fill-an-expired-order",
        "an order ends with its expiry",
        "EXPIRED: expiry < timestamp",
        (_ask(), _buy(expiry=START, ioc=True)),
        _with_message(expiry=c.NEVER_EXPIRES),
        "Step",
    ),
    _attack(
        "carry-out-an-unknown-kind",
        "a message of no kind does nothing",
        "KIND: kind 3",
        (_ask(), _buy(kind=3)),
        _with_message(kind=MessageKind.ORDER),
        "Step",
    ),
    _attack(
        "trade-in-a-halted-market",
        "a halted market takes no orders",
        "HALTED: the mark jumped",
        (_halted_market, _buy(market=1)),
        replaced((Market, "is_open", property(lambda market: True))),
        "Step",
    ),
    _attack(
        "trade-less-than-the-smallest-size",
        "an order has at least the market's smallest size",
        "BOUNDS: size < min_size",
        (lambda: Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5)], markets=(_with_min_size(3),)), _buy()),
        _ANY_TERMS,
        "Step",
    ),
    _attack(
        "order-more-than-the-largest-position",
        "an order has at most the size of the largest position",
        "BOUNDS: size > max_position",
        (_ask(), _buy(size=1_001, price=990)),
        _ANY_TERMS,
        "Step",
    ),
    _attack(
        "sell-at-price-0",
        "an order has a price",
        "BOUNDS: price = 0",
        (lambda: Exchange(orders=[resting(1, MAKER, BUY, 990, 5)]), lambda x: x.sell(TAKER, 2, 0)),
        _ANY_TERMS,
        "Step",
    ),
    _attack(
        "charge-a-taker-more-than-it-signed",
        "a taker pays no higher rate than it signed",
        "MAX_FEE: the tier's taker rate > max_fee_ppm",
        (_with_fees, _buy(max_fee_ppm=100)),
        _ANY_TERMS,
        "Step",
    ),
    _attack(
        "accept-an-order-out-of-the-band",
        "no order is far from the mark",
        "PRICE_BAND: |price - mark| x 10^6 > band_ppm x mark",
        (_ask(), _buy(price=1_501)),
        _ANY_TERMS,
        "Step",
    ),
    _attack(
        "exceed-the-work-bound",
        "a message has at most four outcomes",
        "FILL_LIMIT: the message has had 4 outcomes already",
        (_five_asks, _buy(size=5, price=1_006)),
        replaced((c, "MAX_OUTCOMES", 5)),
        "OrderExchange",
    ),
    _attack(
        "fill-an-expired-maker",
        "a resting order ends with its expiry",
        "MAKER_EXPIRED: expiry < timestamp",
        (_ask(expiry=START), _buy()),
        _NEVER_STALE,
        "Step",
    ),
    _attack(
        "resurrect-an-order-below-the-watermark",
        "a cancelled order never trades",
        "MAKER_CANCELLED: sequence < its owner's dead_below",
        (_dead_ask, _buy()),
        _NEVER_STALE,
        "Step",
    ),
    _attack(
        "charge-a-maker-more-than-it-signed",
        "a maker pays no higher rate than it signed",
        "MAKER_FEE: its owner's maker rate > its signed maximum",
        (lambda: _with_fees(max_fee_ppm=100), _buy()),
        _NEVER_STALE,
        "FeeCeil",
    ),
    _attack(
        "let-a-post-only-order-take",
        "a post-only order never pays a taker fee",
        "POST_ONLY",
        (_ask(), _buy(post_only=True)),
        _stepping(post_only=False),
        "OrderExchange",
    ),
    _attack(
        "trade-with-oneself",
        "nobody trades with himself",
        "SELF_TRADE",
        (lambda: Exchange(orders=[resting(1, TAKER, SELL, 1_001, 5)]), _buy()),
        replaced((matching, "_micro_step", _trade_with_oneself)),
        "OrderExchange",
    ),
    _attack(
        "rest-an-immediate-order",
        "an immediate-or-cancel order leaves nothing in the book",
        "IOC_REMAINDER",
        (_ask(), _buy(price=995, ioc=True)),
        _stepping(ioc=False),
        "Step",
    ),
    _attack(
        "increase-by-a-reduce-only-order",
        "a reduce-only order only reduces",
        "REDUCE_ONLY of the taker",
        (_ask(), _buy(reduce_only=True)),
        _MAY_TRADE,
        "OrderExchange",
    ),
    _attack(
        "flip-by-a-reduce-only-order",
        "a reduce-only order does not turn a position round",
        "REDUCE_ONLY of the taker",
        (lambda: Exchange(_holding(-1), [resting(1, MAKER, SELL, 1_001, 5)]), _buy(reduce_only=True)),
        _MAY_TRADE,
        "OrderExchange",
    ),
    _attack(
        "increase-by-a-reduce-only-maker",
        "a reduce-only resting order only reduces",
        "MAKER_REDUCE_ONLY",
        (_ask(reduce_only=True), _buy()),
        _MAY_TRADE,
        "Step",
    ),
    _attack(
        "rest-a-reduce-only-order-that-increases",
        "a reduce-only order rests only if it reduces",
        "REDUCE_ONLY of a rest",
        (_ask(), _buy(price=995, reduce_only=True)),
        _MAY_REST,
        "Step",
    ),
    _attack(
        "rest-beyond-the-accounts-orders",
        "an account has at most 64 orders",
        "BOOK_FULL: the account has 64 orders",
        (lambda: _many_bids((TAKER,), 64), _buy(price=995)),
        _MAY_REST,
        "Step",
    ),
    _attack(
        "rest-beyond-the-sides-orders",
        "a side has at most 480 orders",
        "BOOK_FULL: the side has 480 orders",
        (lambda: _many_bids(tuple(range(11, 19)), 60), _buy(price=995)),
        _MAY_REST,
        "Step",
    ),
    _attack(
        "rest-beyond-the-notional-bound",
        "open orders stay below 2^61",
        "BOUNDS: ON + q x price x qptl >= 2^61",
        (_notional_bound, _buy(price=995)),
        _MAY_REST,
        "Step",
    ),
    _attack(
        "cancel-anothers-order",
        "only the owner cancels an order",
        "NOT_FOUND: not of this account",
        (_ask(), lambda exchange: exchange.cancel(TAKER, SELL, 1_001, 1)),
        replaced((messages, "cancel_order", _cancel_anybodys)),
        "OrderExchange",
    ),
    _attack(
        "cancel-another-order-than-named",
        "a cancel takes out the order that it names",
        "a cancel names its order by market, side, price and sequence",
        (_own_bids, lambda exchange: exchange.cancel(TAKER, BUY, 980, 2)),
        replaced((messages, "cancel_order", _cancel_the_first)),
        "Step",
    ),
    _attack(
        "cancel-all-but-one",
        "a cancel-all makes every older order dead",
        "dead_below := sequence of this message",
        (_own_bids, lambda exchange: exchange.cancel_all(TAKER)),
        replaced(around(messages, "cancel_all", _cancel_all_but_last)),
        "Batch",
    ),
    _attack(
        "keep-the-margin-of-cancelled-orders",
        "a cancel-all frees the margin of all orders",
        "open_notional := 0",
        (_own_bids, lambda exchange: exchange.cancel_all(TAKER)),
        replaced(around(messages, "cancel_all", _cancel_all_keeping_notional)),
        "Batch",
    ),
    _attack(
        "free-the-margin-of-a-dead-order-again",
        "a dead order's margin was freed by the cancel-all and is not freed twice",
        "removing a dead order does not lower ON",
        (_dead_and_live_bid, lambda exchange: exchange.cancel(TAKER, BUY, 990, 1)),
        replaced((cancelling, "is_dead", lambda order, owner: False)),
        "Batch",
    ),
)
