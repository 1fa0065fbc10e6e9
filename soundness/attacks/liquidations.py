"""Liquidation: what is due, stage by stage, at the bankruptcy price or better; its fees are the fund's."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch.draft import Draft
from sequencer.batch.footprint import Footprint
from sequencer.batch.signatures import UNSIGNED
from sequencer.batch.trace import MicroStep
from sequencer.engine import liquidation, matching, messages, unwinding
from sequencer.engine.book import Book
from sequencer.engine.events import (
    BookExhausted,
    CancelledAll,
    Dropped,
    Filled,
    RequestProcessed,
    StepEvent,
)
from sequencer.engine.margin import Health
from sequencer.engine.matching import Candidate
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, MessageKind, RequestKind, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.market import Market
from sequencer.model.message import Message, SignedMessage
from sequencer.model.order import Order
from sequencer.model.request import Request
from soundness.attacks.attack import APPLYING, STATE, Cheat, CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.exchange import BUY, FEES, FREE, MARK, PLAIN, RICH, SELL, Exchange, resting, trader
from soundness.attacks.sequencing import traced
from tests.strategies import START

FUND, FRIEND, DEBTOR, MAKER, OTHER = range(5)
FEELESS: Final = replace(PLAIN, parameters=replace(PLAIN.parameters, liquidation_fee_ppm=0))
LOTS: Final = 100
"""Of the debtor's position: worth 100,000 at the mark, with a maintenance margin of 5,000, 50 a lot."""

DUE: Final = "NOT_DUE unless (k - 1) x MM_lot < MM - E x 10^6"
LIQUIDATABLE: Final = "an account is liquidatable iff E x 10^6 < MM"
PRICE: Final = "E' x MM >= E x MM' through the book, fee included"
STAGES: Final = "live orders are cancelled first, then the book trades, then the insurance fund"
HALF: Final = "the fund takes over where 2 x E x 10^6 < MM"
QUOTE: Final = "the fund's quote leaves the account E' = floor(E x MM' / MM)"
NEXT: Final = "once the book is exhausted the next micro-step is the fund's"
FEE: Final = "the account pays ceil(notional x liquidation_fee_ppm / 10^6), and both fees go to the fund"
WORDS: Final = "a liquidation chooses its account, market, side and size only"
REDUCES: Final = "REDUCE_ONLY unless the lots only reduce the position"
TURN: Final = "the fund unwinds near the mark, once a batch, once more where L1 forces it, and only reduces"


def _owing(
    equity: int,
    *orders: Order,
    lots: int = LOTS,
    fund: int = 0,
    maker: int = 0,
    means: int = RICH,
    prices: tuple[int, ...] | None = None,
    market: Market = PLAIN,
    tiers: tuple[FeeTier, ...] = FREE,
) -> Callable[[], Exchange]:
    """Prepare a debtor with this equity at the mark of 1000; debtor, fund and maker have these positions."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH, positions=(fund, 0, 0, 0)),
            DEBTOR: trader(DEBTOR, equity - lots * MARK, positions=(lots, 0, 0, 0)),
            MAKER: trader(MAKER, means, positions=(maker, 0, 0, 0), tier=1),
            OTHER: trader(OTHER, positions=(-lots - fund - maker, 0, 0, 0)),
        }
        exchange = Exchange(accounts, orders, markets=(market,), tiers=tiers)
        exchange.prices = prices or exchange.prices
        return exchange

    return prepare


def _bid(price: int = MARK, size: int = 50, sequence: int = 1, **fields: Any) -> Order:
    return resting(sequence, MAKER, BUY, price, size, **fields)


def _liquidating(size: int, side: int = SELL, account: int = DEBTOR) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.liquidation(account, 0, side, size))


def _selling_twice(exchange: Exchange) -> None:
    """Liquidate, then let a friend bid."""
    _liquidating(40)(exchange)
    exchange.buy(FRIEND, 1, 990)


def _unwinding(*sizes: int, price: int = MARK, side: int = SELL) -> Callable[[Exchange], None]:
    def play(exchange: Exchange) -> None:
        for size in sizes:
            exchange.unsigned(Message.unwinding(0, side, size, price))

    return play


# ---- Debtors. With the fee of 1.5 % the bankruptcy price is 974.6 ticks at 4,000 of equity, 994.9 at 2,001.

BELOW = Scenario(_owing(4_000, _bid(), tiers=FEES), _liquidating(20))
BY_A_LOT = Scenario(_owing(4_000, _bid()), _liquidating(21))
HEALED = Scenario(_owing(4_000, _bid(size=20), _bid(999, 20, 2)), _liquidating(40))
RECOVERED = Scenario(_owing(4_000, _bid(1_100), prices=(1_100, 0, 0, 0)), _liquidating(18))
HEALTHY = Scenario(_owing(5_000, _bid()), _liquidating(20))
HEALTHY_AND_STALE = Scenario(_owing(5_000, _bid(expiry=START)), _liquidating(20))
HEALTHY_AND_POOR = Scenario(_owing(5_000, _bid(), means=0), _liquidating(20))
HEALTHY_WITH_ORDERS = Scenario(_owing(5_000, resting(1, DEBTOR, SELL, 1_100)), _liquidating(20))
TOO_CHEAP = Scenario(_owing(4_000, _bid(974)), _liquidating(20))
FUNDS = Scenario(_owing(2_001, _bid(900)), _liquidating(33))
FUNDS_ALONE = Scenario(_owing(2_001), _liquidating(33))
FUNDS_AND_FRIEND = Scenario(_owing(2_001), _selling_twice)
GOOD_BID = Scenario(_owing(2_001, _bid(999)), _liquidating(33))
AT_HALF = Scenario(_owing(2_500), _liquidating(33))
AT_HALF_WITH_BID = Scenario(_owing(2_500, _bid(900)), _liquidating(33))
SHORT_FUND = Scenario(_owing(2_001, fund=-500), _liquidating(33))
FULL_FUND = Scenario(_owing(2_001, fund=990), _liquidating(33))
WITH_ORDERS = Scenario(
    _owing(4_000, _bid(), resting(2, DEBTOR, SELL, 1_100), resting(3, DEBTOR, SELL, 1_200)), _liquidating(20)
)
WITH_ORDERS_AND_NO_BID = Scenario(_owing(2_001, resting(2, DEBTOR, SELL, 1_100)), _liquidating(33))
FLIPPED = Scenario(_owing(100, _bid(), lots=10), _liquidating(11))
FLIPPED_BY_FUND = Scenario(_owing(100, lots=10), _liquidating(11))
FLIPPED_BEHIND_A_BID = Scenario(_owing(100, _bid(900, 10), lots=10), _liquidating(11))
INCREASED = Scenario(_owing(2_001, resting(1, MAKER, SELL, MARK, 50)), _liquidating(20, BUY))
OPENED = Scenario(_owing(4_000, _bid()), _liquidating(20, SELL, FRIEND))
TOO_LARGE = Scenario(_owing(49_000, _bid(size=1_001), lots=2_000, maker=-2_000), _liquidating(1_001))
FIVE_BIDS = Scenario(
    _owing(4_000, *(_bid(size=1, sequence=i) for i in range(1, 6)), market=FEELESS), _liquidating(5)
)
OF_FUND = Scenario(_owing(4_000, _bid(), fund=50), _liquidating(20, SELL, FUND))
HALTED = Scenario(
    _owing(4_000, _bid(), market=replace(PLAIN, status=MarketStatus.HALTED, halted_until=START + 1_000)),
    _liquidating(20),
)


def _at_the_end_of_the_batch() -> Exchange:
    """Let seven asks leave one micro-step of the batch for a liquidation that needs two."""
    return _owing(2_001, *(resting(i, MAKER, SELL, MARK + i) for i in range(1, 8)))()


def _fill_the_batch(exchange: Exchange) -> None:
    exchange.buy(FRIEND, 4, 1_010)
    exchange.buy(FRIEND, 3, 1_010)
    exchange.builder.add_unsigned(Message.liquidation(DEBTOR, 0, SELL, 33))


AT_THE_END = Scenario(_at_the_end_of_the_batch, _fill_the_batch)


def _malformed(**fields: Any) -> Scenario:
    """Let a message have all fields of a liquidation but some."""
    message = replace(Message.liquidation(DEBTOR, 0, SELL, 20), **fields)
    return Scenario(_owing(4_000, _bid()), lambda exchange: exchange.submit(SignedMessage(message, UNSIGNED)))


# ---- Cheats.


def _always(*arguments: Any, **named: Any) -> bool:
    return True


def _never(*arguments: Any, **named: Any) -> bool:
    return False


def _liquidation(name: str, lie: Callable[..., Any]) -> Cheat:
    return replaced((liquidation, name, lie))


def _traded(state: State, trade: Candidate) -> StepEvent:
    """Trade whatever the price."""
    event = matching.trade_with_maker(state, trade)
    if isinstance(event, Filled):
        liquidation.pay_fund(state, event.taker_fee + event.maker_fee)
    return event


def _anyhow(state: State, order: Order, head: Order) -> StepEvent:
    """Trade whatever is due."""
    fee_ppm = state.market(order.market).parameters.liquidation_fee_ppm
    return _traded(state, matching.candidate(state, order, head, fee_ppm))


def _jumping(state: State, order: Order, head: Order) -> BookExhausted:
    """Call the book exhausted, although its head would trade."""
    fee_ppm = state.market(order.market).parameters.liquidation_fee_ppm
    trade = matching.candidate(state, order, head, fee_ppm)
    return BookExhausted(order.sequence, order.remaining, head, trade.taker_fee, trade.maker_fee)


def _no_head(book: Book) -> None:
    return None


def _at_old_mark(honest: Callable[..., Health], account: Account, markets: list[Market]) -> Health:
    return honest(
        account, [replace(market, mark=PLAIN.mark) if market.exists else market for market in markets]
    )


def _as_at_first() -> Cheat:
    """Measure what is due once, when the liquidation begins."""
    first: list[int] = []

    def due(honest: Callable[..., int], now: Health, market: Market) -> int:
        first.append(honest(now, market))
        return first[0]

    return replaced(around(liquidation, "lots_due", due))


def _with_live_orders(
    honest: Callable[..., list[StepEvent]], state: State, sequence: int, message: Message
) -> Any:
    """Pass over the stage in which orders are cancelled."""
    before = state.account(message.account)
    state.put_account(message.account, replace(before, open_notional=0))
    events = honest(state, sequence, message)
    after = state.account(message.account)
    state.put_account(message.account, replace(after, open_notional=before.open_notional))
    return events


def _spare_one(honest: Callable[..., CancelledAll], state: State, sequence: int, message: Message) -> Any:
    """Keep the debtor's last order alive."""
    event = honest(state, sequence, message)
    state.put_account(message.account, replace(state.account(message.account), dead_below=3))
    return event


def _spare_all(state: State, sequence: int, message: Message) -> CancelledAll:
    return CancelledAll(sequence, message.account)


_JUMPING_ORDERS: Final[Rule] = around(messages, "liquidate", _with_live_orders)


# ---- The fund's step.


def _taking_for(change: int) -> Cheat:
    """Let the debtor pay another quote for the lots that it sells."""
    return replaced(
        around(liquidation, "bankruptcy_quote", lambda honest, *arguments: honest(*arguments) + change)
    )


def _in_part(honest: Callable[..., StepEvent], state: State, order: Order) -> StepEvent:
    return honest(state, replace(order, remaining=order.remaining - 1))


def _without_the_fund(
    honest: Callable[..., list[StepEvent]], state: State, sequence: int, message: Message
) -> Any:
    """End where the fund's step would come."""
    with replaced((liquidation, "_take_over", lambda state, order: None))():
        return [*filter(None, honest(state, sequence, message))]


def _refused(state: State, order: Order) -> Dropped:
    """Say that the fund has no room for the lots, at the quote that it would pay."""
    lots = (1 - 2 * order.side) * order.remaining
    paid = liquidation.bankruptcy_quote(state.account(order.account), state.markets, order.market, lots)
    quote = (1 - 2 * order.side) * paid
    return Dropped(order.sequence, Verdict.BOUNDS, order.remaining, quote=quote)


def _funds_lots(lie: Callable[[int, int], tuple[int, int]]) -> Cheat:
    """Give the fund other (lots, quote) than the debtor gives up."""

    def with_lots(honest: Callable[..., Account], account: Account, slot: int, *moved: int) -> Account:
        is_fund = account.owner == c.INSURANCE_OWNER
        return honest(account, slot, *(lie(*moved) if is_fund else moved))

    return replaced(around(liquidation, "with_lots", with_lots))


def _paused(made: list[MicroStep]) -> list[MicroStep]:
    return [made[0], MicroStep(made[0].message, takes=False), *made[1:]]


def _interrupted(made: list[MicroStep]) -> list[MicroStep]:
    return [made[0], made[2], made[1]]


# ---- Fees.


def _at_rate(fee_ppm: int) -> Cheat:
    def candidate(honest: Callable[..., Candidate], state: State, order: Order, head: Order, _: int) -> Any:
        return honest(state, order, head, fee_ppm)

    return replaced(around(liquidation, "candidate", candidate))


def _to_pool(state: State, fees: int) -> None:
    state.collect_fees(fees)


def _makers_to_pool(honest: Callable[..., None], state: State, fees: int) -> None:
    """Let the pool have the 4 units of the maker's fee."""
    honest(state, fees - 4)
    state.collect_fees(4)


def _to_a_friend(state: State, fees: int) -> None:
    maker = state.account(MAKER)
    state.put_account(MAKER, replace(maker, collateral=maker.collateral + fees))


def _to_nobody(state: State, fees: int) -> None:
    return None


def without_the_fund_slot(honest: Callable[..., Footprint], events: Any) -> Footprint:
    """Leave the fund out of the batch, so that what it gets goes nowhere and nobody judges it."""
    part = honest(events)
    part.accounts.discard(FUND)
    return part


# ---- Words.

_BY_ANY_WORDS: Final[tuple[Rule, ...]] = (
    (Message, "is_unsigned", property(lambda message: True)),
    (Message, "is_liquidation", property(lambda message: True)),
)
_FIELDS: Final[dict[str, Any]] = {
    "key_epoch": 2,
    "nonce": 1,
    "kind": MessageKind.ORDER,
    "ioc": True,
    "post_only": True,
    "reduce_only": True,
    "expiry": c.NEVER_EXPIRES,
    "max_fee_ppm": 20_000,
    "price": 990,
    "target": 1,
}


def _with_its_nonce(honest: Callable[..., Any], state: State, message: Message) -> Any:
    """Burn a nonce of the debtor."""
    events = honest(state, message)
    account = state.account(message.account)
    state.put_account(message.account, replace(account, nonce=account.nonce + 1))
    return events


# ---- The fund's position: 50 lots long, and 15 ticks from the mark at most.


def _holding(*orders: Order, **others: Any) -> Callable[[], Exchange]:
    return _owing(RICH, *orders, fund=50, **others)


UNWOUND = Scenario(_holding(_bid()), _unwinding(20))
UNWOUND_TWICE = Scenario(_holding(_bid()), _unwinding(20, 10))
FAR_FROM_THE_MARK = Scenario(_holding(_bid(984)), _unwinding(20, price=984))
UNMATCHED = Scenario(_holding(_bid(985)), _unwinding(20, price=990))
GROWING = Scenario(_holding(resting(1, MAKER, SELL, MARK, 50)), _unwinding(20, side=BUY))


def _forced_before(account: int, forced: Message, *sizes: int) -> Callable[[Exchange], None]:
    """Let L1 force a message, and the fund be unwound besides."""

    def play(exchange: Exchange) -> None:
        exchange.request(RequestKind.MESSAGE, account, data=forced.words())
        _unwinding(*sizes)(exchange)

    return play


UNWOUND_THRICE = Scenario(_holding(_bid()), _forced_before(FUND, Message.unwinding(0, SELL, 20, MARK), 10, 5))
UNWOUND_BEHIND_ANOTHER = Scenario(
    _holding(_bid()), _forced_before(FRIEND, Message.liquidation(FRIEND, 0, SELL, 1), 10, 5)
)


def _each_time(state: State) -> None:
    """Forget that the fund had its turn."""


def _granting(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Grant a turn for whatever L1 forces."""
    state.grant_turn()
    return honest(state, request)


def _resting(honest: Callable[..., StepEvent], state: State, order: Order, outcomes: int) -> StepEvent:
    """Let what remains of the fund's order rest."""
    event = honest(state, order, outcomes)
    return matching._rest(state, order, None) if isinstance(event, Dropped) else event


def _attack(name: str, claim: str, rule: str, scenario: Scenario, cheat: Cheat, *where: str) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


def _word_attack(field: str, value: Any) -> CircuitAttack:
    name = field.replace("_ppm", "").replace("_", "-")
    claim = f"nobody is liquidated by a message with another {name}"
    scenario = _malformed(**{field: value})
    return _attack(f"liquidate-by-another-{name}", claim, WORDS, scenario, replaced(*_BY_ANY_WORDS), "Step")


ATTACKS = (
    # ---- What is due.
    _attack(
        "liquidate-a-healthy-account",
        "nobody is liquidated who covers the maintenance margin",
        LIQUIDATABLE,
        HEALTHY,
        _liquidation("lots_due", lambda now, market: LOTS),
        "OrderExchange",
    ),
    _attack(
        "liquidate-between-two-marks",
        "who is healthy at this batch's marks is not liquidated for an older one",
        LIQUIDATABLE,
        RECOVERED,
        replaced(around(liquidation, "health", _at_old_mark)),
        "OrderExchange",
    ),
    _attack(
        "sell-a-lot-more-than-is-due",
        "no lot more is sold than restores the maintenance margin",
        DUE,
        BY_A_LOT,
        _liquidation("lots_due", lambda now, market: LOTS),
        "OrderExchange",
    ),
    _attack(
        "go-on-when-enough-is-sold",
        "what is due is measured before each fill",
        DUE,
        HEALED,
        _as_at_first(),
        "OrderExchange",
    ),
    _attack(
        "refuse-a-liquidation-that-is-due",
        "what is due is carried out",
        DUE,
        BELOW,
        _liquidation("lots_due", lambda now, market: 0),
        "OrderExchange",
    ),
    _attack(
        "remove-a-stale-maker-for-a-healthy-account",
        "a liquidation that is not due touches no order",
        LIQUIDATABLE,
        HEALTHY_AND_STALE,
        _liquidation("is_liquidatable", _always),
        "Step",
    ),
    _attack(
        "remove-a-poor-maker-for-a-healthy-account",
        "a liquidation that is not due touches no order",
        "the taker is judged first",
        HEALTHY_AND_POOR,
        _liquidation("lots_due", lambda now, market: LOTS),
        "Step",
    ),
    # ---- Price.
    _attack(
        "sell-beyond-the-bankruptcy-price",
        "equity per maintenance margin never falls through the book",
        PRICE,
        TOO_CHEAP,
        _liquidation("_refuse_price", _traded),
        "OrderExchange",
    ),
    _attack(
        "sell-beyond-the-bankruptcy-price-instead-of-to-the-fund",
        "no friend gets the lots for less than the fund would pay",
        PRICE,
        FUNDS,
        _liquidation("_refuse_price", _traded),
        "Step",
    ),
    # ---- Stages.
    _attack(
        "sell-before-the-orders-are-cancelled",
        "live orders are cancelled before anything is sold",
        STAGES,
        WITH_ORDERS,
        replaced(_JUMPING_ORDERS),
        "Step",
    ),
    _attack(
        "take-over-before-the-orders-are-cancelled",
        "live orders are cancelled before the fund takes over",
        STAGES,
        WITH_ORDERS_AND_NO_BID,
        replaced(_JUMPING_ORDERS),
        "Step",
    ),
    _attack(
        "cancel-the-orders-of-a-healthy-account",
        "no order is cancelled while the maintenance margin is covered",
        LIQUIDATABLE,
        HEALTHY_WITH_ORDERS,
        _liquidation("is_liquidatable", _always),
        *STATE,
    ),
    _attack(
        "spare-an-order-in-a-liquidation",
        "a liquidation cancels all orders",
        STAGES,
        WITH_ORDERS,
        replaced(around(liquidation, "cancel_all", _spare_one)),
        *STATE,
    ),
    _attack(
        "spare-all-orders-in-a-liquidation",
        "a liquidation cancels all orders",
        STAGES,
        WITH_ORDERS,
        _liquidation("cancel_all", _spare_all),
        *STATE,
    ),
    _attack(
        "take-over-what-a-bidder-would-take",
        "the fund takes only what the book does not",
        STAGES,
        GOOD_BID,
        _liquidation("_trade", _jumping),
        "Step",
    ),
    _attack(
        "take-over-from-a-book-that-is-not-empty",
        "the fund takes only what the book does not",
        STAGES,
        GOOD_BID,
        replaced((Book, "head", _no_head)),
        "SelectRows",
    ),
    _attack(
        "take-over-above-half-of-the-margin",
        "above half of the maintenance margin a liquidation waits for the book",
        HALF,
        AT_HALF,
        _liquidation("is_below_half", _always),
        "Step",
    ),
    _attack(
        "take-over-above-half-of-the-margin-from-a-cheap-bid",
        "above half of the maintenance margin a liquidation waits for the book",
        HALF,
        AT_HALF_WITH_BID,
        _liquidation("is_below_half", _always),
        "Step",
    ),
    # ---- The fund's step.
    _attack(
        "take-over-for-a-unit-less",
        "the fund pays the bankruptcy price",
        QUOTE,
        FUNDS_ALONE,
        _taking_for(1),
        "TakerMargin",
    ),
    _attack(
        "take-over-for-a-unit-more",
        "the fund gives no account anything",
        QUOTE,
        FUNDS_ALONE,
        _taking_for(-1),
        "TakerMargin",
    ),
    _attack(
        "take-over-in-part",
        "the fund takes all that remains",
        QUOTE,
        FUNDS_ALONE,
        replaced(around(liquidation, "_take_over", _in_part)),
        "TakerMargin",
    ),
    _attack(
        "take-over-as-somebody-else",
        "nobody but the fund gets lots at the bankruptcy price",
        "the maker of the fund's step is account 0",
        FUNDS_ALONE,
        replaced((c, "INSURANCE_ACCOUNT", FRIEND)),
        "Step",
    ),
    _attack(
        "exceed-the-largest-position-of-the-fund",
        "the fund holds no more than anybody may",
        "BOUNDS of either party",
        FULL_FUND,
        _liquidation("is_bounded", _always),
        *STATE,
    ),
    _attack(
        "let-the-fund-refuse",
        "the fund takes what it has room for",
        "BOUNDS is computed",
        FUNDS_ALONE,
        _liquidation("_take_over", _refused),
        *STATE,
    ),
    _attack(
        "keep-the-fund-from-its-turn",
        "a liquidation below half of the margin does not wait",
        HALF,
        FUNDS_ALONE,
        _liquidation("is_below_half", _never),
        "Step",
    ),
    _attack(
        "pass-the-funds-step-over",
        "a liquidation that the book ended is the fund's at once",
        NEXT,
        FUNDS_ALONE,
        replaced(around(messages, "liquidate", _without_the_fund)),
        "Step",
    ),
    _attack(
        "pause-before-the-funds-step",
        "a liquidation that the book ended is the fund's at once",
        NEXT,
        FUNDS_ALONE,
        traced(_paused),
        "Step",
    ),
    _attack(
        "interrupt-a-liquidation-before-the-funds-step",
        "nothing happens between the book and the fund",
        NEXT,
        FUNDS_AND_FRIEND,
        traced(_interrupted),
        "Step",
    ),
    _attack(
        "leave-the-funds-step-to-no-batch",
        "no liquidation is half done when the batch ends",
        "nothing is carried out of the batch",
        AT_THE_END,
        replaced(around(messages, "liquidate", _without_the_fund)),
        "Steps",
    ),
    _attack(
        "take-over-without-payment",
        "the fund pays what the account gets",
        "a takeover moves lots one way and the quote the other",
        FUNDS_ALONE,
        _funds_lots(lambda lots, quote: (lots, 0)),
        *STATE,
    ),
    _attack(
        "give-the-fund-more-lots-than-the-account-gives",
        "positions of a market sum to zero",
        "a takeover moves lots one way and the quote the other",
        FUNDS_ALONE,
        _funds_lots(lambda lots, quote: (lots + 2, quote)),
        *STATE,
    ),
    _attack(
        "misstate-the-open-interest-of-a-takeover",
        "open interest is the sum of the long sizes",
        "open interest moves by half of the change of the sizes",
        SHORT_FUND,
        replaced((matching, "_count_open_interest", lambda *arguments: None)),
        *STATE,
    ),
    # ---- Fees.
    _attack("liquidate-without-a-fee", "a liquidation costs the fee", FEE, BELOW, _at_rate(0), "FeeCeil"),
    _attack(
        "liquidate-at-a-higher-fee", "a liquidation costs no more", FEE, BELOW, _at_rate(30_000), "FeeCeil"
    ),
    _attack(
        "liquidate-at-the-tiers-fee",
        "the fee of a liquidation is the market's, not the tier's",
        FEE,
        BELOW,
        _at_rate(FEES[0].taker_ppm),
        "FeeCeil",
    ),
    _attack(
        "pay-the-liquidation-fee-into-the-pool",
        "the fees of a liquidation are the fund's",
        FEE,
        BELOW,
        _liquidation("pay_fund", _to_pool),
        *STATE,
    ),
    _attack(
        "pay-the-makers-fee-of-a-liquidation-into-the-pool",
        "the fees of a liquidation are the fund's",
        FEE,
        BELOW,
        replaced(around(liquidation, "pay_fund", _makers_to_pool)),
        *STATE,
    ),
    _attack(
        "pay-the-liquidation-fee-to-a-friend",
        "the fees of a liquidation are the fund's",
        FEE,
        BELOW,
        _liquidation("pay_fund", _to_a_friend),
        *STATE,
    ),
    _attack(
        "let-the-liquidation-fee-vanish",
        "no money is lost",
        "a batch that liquidates holds the fund",
        BELOW,
        replaced(around(Footprint, "of", without_the_fund_slot), (liquidation, "pay_fund", _to_nobody)),
        "Step",
    ),
    # ---- Terms.
    *(_word_attack(field, value) for field, value in _FIELDS.items()),
    _attack(
        "trade-by-an-order-that-nobody-signed",
        "nobody trades for an account but its owner",
        "a message of kind 3 reduces a position or does nothing",
        OPENED,
        replaced((messages, "liquidate", matching.match_order)),
        "FeeCeil",
    ),
    _attack(
        "open-a-position-by-a-liquidation",
        "nobody trades for an account but its owner",
        REDUCES,
        OPENED,
        _liquidation("_trade", _anyhow),
        "OrderExchange",
    ),
    _attack(
        "increase-a-position-by-a-liquidation",
        "a liquidation only reduces",
        REDUCES,
        INCREASED,
        _liquidation("_trade", _anyhow),
        "OrderExchange",
    ),
    _attack(
        "flip-a-position-by-a-liquidation",
        "a liquidation does not turn a position round",
        REDUCES,
        FLIPPED,
        _liquidation("_trade", _anyhow),
        "OrderExchange",
    ),
    _attack(
        "flip-a-position-by-a-takeover",
        "a takeover does not turn a position round",
        REDUCES,
        FLIPPED_BY_FUND,
        _liquidation("reduces", _always),
        "Step",
    ),
    _attack(
        "flip-a-position-by-a-takeover-behind-a-bid",
        "a takeover does not turn a position round",
        REDUCES,
        FLIPPED_BEHIND_A_BID,
        _liquidation("reduces", _always),
        "Step",
    ),
    _attack(
        "liquidate-the-insurance-fund",
        "the fund is never liquidated",
        "NOT_DUE of account 0",
        OF_FUND,
        replaced((Message, "is_liquidation", property(lambda message: message.kind == MessageKind.BY_RULE))),
        "Step",
    ),
    _attack(
        "liquidate-in-a-halted-market",
        "nobody is liquidated at a mark in doubt",
        "HALTED: the mark jumped",
        HALTED,
        replaced((Market, "is_open", property(lambda market: True))),
        "Step",
    ),
    _attack(
        "liquidate-more-than-the-largest-position",
        "a liquidation has at most the size of the largest position",
        "BOUNDS: size > max_position",
        TOO_LARGE,
        _liquidation("judge_market", lambda state, message: None),
        "Step",
    ),
    _attack(
        "exceed-the-work-bound-of-a-liquidation",
        "a message has at most four outcomes",
        "FILL_LIMIT: the message has had 4 outcomes already",
        FIVE_BIDS,
        replaced((c, "MAX_OUTCOMES", 5)),
        "OrderExchange",
    ),
    _attack(
        "burn-a-nonce-by-a-liquidation",
        "only a signed message moves the nonce",
        "a liquidation consumes no nonce",
        BELOW,
        replaced(around(APPLYING, "sequence_message", _with_its_nonce)),
        *STATE,
    ),
    _attack(
        "leave-a-liquidation-out-of-the-log",
        "every liquidation is in the log",
        "a liquidation takes a sequence and stands in the log",
        BELOW,
        replaced(around(Draft, "log_leaves", lambda honest, draft: [])),
        "Batch",
    ),
    # ---- Unwinding.
    _attack(
        "unwind-twice-in-a-batch",
        "the fund trades at most four makers a batch",
        TURN,
        UNWOUND_TWICE,
        replaced((State, "take_turn", _each_time)),
        "Step",
    ),
    _attack(
        "unwind-thrice-with-a-turn-of-l1",
        "the fund trades at most four makers a turn",
        TURN,
        UNWOUND_THRICE,
        replaced((State, "take_turn", _each_time)),
        "Step",
    ),
    _attack(
        "let-a-turn-of-l1-take-the-only-one",
        "whoever forces an unwinding takes nobody's turn",
        TURN,
        UNWOUND_THRICE,
        replaced((State, "grant_turn", _each_time)),
        "Step",
    ),
    _attack(
        "unwind-twice-by-anothers-forced-message",
        "only who forces an unwinding gives the fund a turn",
        TURN,
        UNWOUND_BEHIND_ANOTHER,
        replaced(around(APPLYING, "process_request", _granting)),
        "Step",
    ),
    _attack(
        "unwind-far-from-the-mark",
        "the fund trades no further from the mark than its own fee",
        TURN,
        FAR_FROM_THE_MARK,
        replaced((unwinding, "lies_in_band", _always)),
        "Step",
    ),
    _attack(
        "grow-the-funds-position-by-an-unwinding",
        "an unwinding only reduces",
        TURN,
        GROWING,
        replaced((unwinding, "reduces", _always)),
        "OrderExchange",
    ),
    _attack(
        "rest-an-unwinding",
        "an unwinding leaves nothing in the book",
        TURN,
        UNMATCHED,
        replaced(around(unwinding, "_micro_step", _resting)),
        "Step",
    ),
    _attack(
        "unwind-without-a-makers-fee",
        "an unwinding pays and takes what a fill does",
        FEE,
        UNWOUND,
        replaced((unwinding, "pay_fund", _to_nobody)),
        *STATE,
    ),
)
