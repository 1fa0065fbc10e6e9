"""A settled market: its mark stands, no funding accrues, its positions are sure, and it only shrinks."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import closing, epoch, liquidation, matching, messages, shortfall, unwinding
from sequencer.engine import requests as processing
from sequencer.engine.funding import accrued
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.schedule import STATIC, MarginSchedule
from soundness.attacks.attack import (
    Cheat,
    CircuitAttack,
    Scenario,
    Tamper,
    around,
    at_seal,
    in_slot,
    replaced,
)
from soundness.attacks.exchange import BUY, MARK, PLAIN, RICH, SELL, Exchange, resting, trader
from soundness.attacks.restrictions import as_if_open
from tests.strategies import START

FUND, LONG, SHORT, MAKER = range(4)
TIME: Final = START + 1
SETTLED: Final = "a market is settled iff the last batch left it with fund_since = 1"
STANDS: Final = "the mark of a settled market is the one that the last batch left, and never jumps"
INTEREST: Final = "no funding accrues in a settled market, and in any other it does"
SURE: Final = "maintenance and initial margin are 1 ppm in a settled market, without a tier"
LIABLE: Final = "a withdrawal leaves the usual maintenance margin of a position in a settled market"
USUAL: Final = "margins are the usual ones in a market that is not settled"
STATUS: Final = "status 2 halted, 4 settled, 3 reduce-only, else 1 open"
TAKES: Final = "a settled market takes what a reduce-only one takes, in the band of its mark"
MAKERS: Final = "a maker is judged in a settled market as if its order were reduce-only"
FEELESS: Final = "the liquidation fee is 0 in a settled market"
AT_RISK: Final = (
    "the side that lost is that of the fund's largest position, first of all in markets not settled"
)
REOPENS: Final = "fund_since is 1 while anybody has a position in a settled market, and 0 after"
STEP: Final = "tier_step = ceil(lot value x tier_ppm x quote_per_tick_lot / 2^24)"

# ---- The fund has 50 lots of the first of two markets, a long 900, which need 90,000 or 45,000.

SECONDS: Final = 3_600
"""After which a market settles."""
SCHEDULE: Final = replace(STATIC, settle_seconds=SECONDS)
TIERED: Final = replace(SCHEDULE, tier_ppm=1_000_000)
LOTS: Final = 900
FUND_LOTS: Final = 50
ROUND: Final = 1_400
LEAPT: Final = 1_800
"""The round's price of the first market, on either side of a jump."""
NOTHING, RATE = Premium(), Premium(rate_ppm=10_000)
BEFORE: Final = START - c.FUNDING_SECONDS
"""The last round."""
OVERDUE: Final = TIME - SECONDS - 1
DUE: Final = TIME - SECONDS


def stuck(
    since: int,
    *orders: Order,
    equity: int = 20_000,
    lots: int = LOTS,
    fund: int = FUND_LOTS,
    means: int = RICH,
    mark: int = MARK,
    time: int = START,
    rate: Premium = NOTHING,
    schedule: MarginSchedule = SCHEDULE,
    elsewhere: int = 0,
    fund_elsewhere: int = 0,
    **fields: Any,
) -> Callable[[], Exchange]:
    """Prepare the fund, a long with this equity at the mark, and a short; the batch is at `TIME`.

    Parameters
    ----------
    since
        Since when the fund has had its position, 1 in a settled market.
    means
        What the fund is worth without its position.
    mark
        The round's price of the first market.
    time
        Of the last round.
    elsewhere, fund_elsewhere
        Lots that the long and the fund have in the second market.
    """

    def prepare() -> Exchange:
        worth = (lots + elsewhere) * MARK
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=means, positions=(fund, fund_elsewhere, 0, 0)),
            LONG: trader(LONG, equity - worth, positions=(lots, elsewhere, 0, 0)),
            SHORT: trader(SHORT, positions=(-lots - fund, 5 - elsewhere - fund_elsewhere, 0, 0)),
            MAKER: trader(MAKER, positions=(0, -5, 0, 0)),
        }
        status = MarketStatus.SETTLED if since == c.SETTLED_SINCE else MarketStatus.OPEN
        second = replace(PLAIN, oracle_time=time)
        first = replace(second, **{"status": status, "fund_since": since} | fields)
        exchange = Exchange(
            accounts,
            orders,
            markets=(first, second),
            schedules=(schedule, SCHEDULE),
            premiums=(rate, rate),
        )
        exchange.prices = mark, MARK, 0, 0
        return exchange

    return prepare


def _selling(**fields: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.sell(LONG, 10, MARK, **fields)


def _buying_elsewhere(exchange: Exchange) -> None:
    exchange.buy(LONG, 15, MARK, market=1)


def _withdrawing(exchange: Exchange) -> None:
    exchange.withdraw(LONG, RICH)


def _liquidating(lots: int, market: int = 0) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.liquidation(LONG, market, SELL, lots))


def _unwinding(price: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.unwinding(0, SELL, 20, price))


BID: Final = resting(1, SHORT, BUY, MARK, 20)
ASK: Final = resting(1, MAKER, SELL, MARK, 20, market=1)
TRADED = Scenario(stuck(1, BID, mark=ROUND), _selling(reduce_only=True))
ASTRAY = Scenario(stuck(1, BID, mark=LEAPT), _selling(reduce_only=True))
NOT_YET = Scenario(stuck(OVERDUE, BID, equity=RICH, mark=ROUND), _selling())
EMPTIED = Scenario(stuck(1, resting(1, SHORT, BUY, MARK, 10), lots=10, fund=0), _selling(reduce_only=True))
ELSEWHERE = Scenario(stuck(1, ASK), _buying_elsewhere)
ELSEWHERE_TIERED = Scenario(stuck(1, ASK, equity=1_520, schedule=TIERED), _buying_elsewhere)
STUCK_ELSEWHERE = Scenario(stuck(OVERDUE, ASK), _buying_elsewhere)
GAINED = Scenario(stuck(1, equity=100_000, mark=ROUND, schedule=TIERED), _withdrawing)
NOT_GAINED = Scenario(stuck(OVERDUE, equity=100_000), _withdrawing)
HEALTHY = Scenario(stuck(1, BID), _liquidating(10))
UNHEALTHY = Scenario(stuck(OVERDUE, resting(1, MAKER, BUY, MARK, 20)), _liquidating(10))
WORTHLESS = Scenario(stuck(1, BID, equity=0), _liquidating(10))
BANKRUPT = Scenario(stuck(1, equity=-1_000), _liquidating(LOTS))
UNWOUND = Scenario(stuck(1, resting(1, SHORT, BUY, 990, 20)), _unwinding(990))
UNWOUND_AT_THE_MARK = Scenario(stuck(1, BID), _unwinding(MARK))
UNFLAGGED = Scenario(stuck(1, BID), _selling())
OUT_OF_BAND = Scenario(
    stuck(1, resting(1, SHORT, BUY, 1_600, 20), mark=LEAPT),
    lambda exchange: exchange.sell(LONG, 10, 1_600, reduce_only=True),
)
OPENING_MAKER = Scenario(stuck(1, resting(1, MAKER, BUY, MARK, 20)), _selling(reduce_only=True))
OPENING_MAKER_OF_A_DEBT = Scenario(stuck(1, resting(1, MAKER, BUY, MARK, 20), equity=0), _liquidating(10))
ACCRUING = Scenario(stuck(1, BID, time=BEFORE, rate=RATE), _selling(reduce_only=True))
ACCRUING_STILL = Scenario(stuck(OVERDUE, BID, time=BEFORE, rate=RATE), _selling())
LOST = Scenario(stuck(1, equity=-1_000, lots=0, elsewhere=10, means=-FUND_LOTS * MARK), _liquidating(10, 1))
"""The fund is short of what it lost in the second market, and its largest position is in the first."""
LOST_AND_FLAT = Scenario(
    stuck(1, equity=-1_000, lots=0, elsewhere=10, fund_elsewhere=-10, means=(10 - FUND_LOTS) * MARK),
    _liquidating(10, 1),
)
"""Now it holds nothing in the second market, in which others do."""


# ---- What is settled.


def _settled(lie: Callable[[Market], bool]) -> Cheat:
    """Tell otherwise whether a market is settled, in all that follows from it."""
    return replaced((Market, "is_settled", property(lie)))


def _at_once(honest: Callable[[State, int], None], state: State, round_time: int) -> None:
    """Settle the first market in the batch that finds it overdue."""
    state.put_market(0, replace(state.market(0), fund_since=c.SETTLED_SINCE))
    honest(state, round_time)


def _ending(since: int) -> Cheat:
    """End the batch with another time of the fund in the first market."""

    def note(honest: Callable[[State], None], state: State) -> None:
        honest(state)
        state.put_market(0, replace(state.market(0), fund_since=since))

    return replaced(around(closing, "note_fund_positions", note))


# ---- Its mark, and what does not accrue.


def _moving(lie: Callable[[Market, Market, int], Market]) -> Cheat:
    """Move the first market otherwise: by what it was, what it should be, and the round's price."""

    def move(honest: Callable[..., Market], market: Market, median: int, *time: int, **named: bool) -> Market:
        after = honest(market, median, *time, **named)
        return lie(market, after, median) if market.fund_since else after

    return replaced(around(epoch, "moved", move))


def _halted(before: Market, after: Market, median: int) -> Market:
    return replace(after, status=MarketStatus.HALTED, halted_until=TIME + PLAIN.parameters.halt_seconds)


def _at_the_round(honest: Callable[..., int], account: Account, markets: Sequence[Market]) -> int:
    """Value positions at the round's price."""
    return honest(account, [replace(markets[0], mark=ROUND), *markets[1:]])


def _accruing(settled: bool) -> Cheat:
    """Let all markets accrue, or all but the first."""

    def accrue(state: State, round_time: int) -> None:
        for slot in range(c.MARKETS):
            if settled or slot:
                rate = state.premium(slot).rate_ppm
                state.put_market(slot, accrued(state.market(slot), rate, round_time))

    return replaced((epoch, "_accrue", accrue))


# ---- Its margins.


def _rate(name: str, rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, name, property(rate)))


def _with_tier(market: Market) -> int:
    """Return a tier step, settled or not."""
    return -(-market.mark * market.tier_ppm >> c.TIER_UNIT_BITS)


def _configured_initial(market: Market) -> int:
    return market.parameters.initial_ppm


def _configured_maintenance(market: Market) -> int:
    return market.parameters.maintenance_ppm


# ---- What it takes.


def _in_the_band_of_the_round(
    honest: Callable[..., Verdict | None], order: Message, market: Market, ppm: int
) -> Verdict | None:
    return honest(order, replace(market, mark=LEAPT), ppm)


def _judging(maker: int, lie: Callable[[Order], Order]) -> Cheat:
    """Judge the order of a maker as another."""

    def judge(honest: Callable[..., Verdict | None], state: State, order: Order, *others: Any) -> Any:
        return honest(state, lie(order) if order.account == maker else order, *others)

    return replaced(around(matching, "_judge_party", judge))


def _as_unflagged(order: Order) -> Order:
    return replace(order, reduce_only=False)


def _longs_alone(honest: Callable[[int, int, int], bool], size: int, side: int, lots: int) -> bool:
    """Let no short reduce its position."""
    return size > 0 and honest(size, side, lots)


def _near_the_mark(
    honest: Callable[[int, Market, int], bool], price: int, market: Market, band_ppm: int
) -> bool:
    """Let the fund trade as far from the mark as its usual fee goes."""
    return honest(price, market, market.parameters.liquidation_fee_ppm)


def _publishing(status: MarketStatus) -> Cheat:
    return at_seal(lambda state: state.put_market(0, replace(state.market(0), status=status)))


def _attack(
    name: str,
    claim: str,
    scenario: Scenario,
    cheat: Cheat,
    *where: str,
    rule: str = SETTLED,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


def _published(name: str, scenario: Scenario, status: MarketStatus) -> CircuitAttack:
    claim = "who reads L1 sees what a market takes"
    return _attack(f"publish-{name}", claim, scenario, _publishing(status), rule=STATUS)


_STUCK: Final = "a market that is settled stays so"
_SURE: Final = "what has been won in a settled market pays for risk elsewhere"
_UNSURE: Final = "nothing is sure before a market is settled"
_SHRINKS: Final = "every trade in a settled market lowers its open interest"

ATTACKS = (
    # ---- What is settled.
    _attack("open-a-settled-market", _STUCK, TRADED, _settled(lambda market: False)),
    _attack(
        "settle-a-market-in-the-batch-that-finds-it-overdue",
        "a market is settled from the batch after on",
        NOT_YET,
        replaced(around(epoch, "_accrue", _at_once)),
        "Step",
    ),
    _attack("reopen-a-settled-market", _STUCK, TRADED, _ending(0), rule=REOPENS),
    _attack("let-the-fund-begin-again-in-a-settled-market", _STUCK, TRADED, _ending(TIME), rule=REOPENS),
    _attack(
        "keep-an-empty-market-settled",
        "a settled market without positions opens",
        EMPTIED,
        _ending(c.SETTLED_SINCE),
        rule=REOPENS,
    ),
    # ---- Its mark.
    _attack(
        "move-the-mark-of-a-settled-market",
        "the mark of a settled market stands",
        TRADED,
        _moving(lambda before, after, median: replace(after, mark=median)),
        rule=STANDS,
    ),
    _attack(
        "let-the-mark-stand-before-a-market-is-settled",
        "the mark of a market is its median",
        NOT_YET,
        _moving(lambda before, after, median: replace(after, mark=before.mark)),
        rule=STANDS,
    ),
    _attack(
        "halt-a-settled-market-by-the-round",
        "no round moves a settled market",
        ASTRAY,
        _moving(_halted),
        "Step",
        rule=STANDS,
    ),
    _attack(
        "withdraw-at-the-mark-of-the-round",
        "positions of a settled market are worth its mark",
        GAINED,
        replaced(around(processing, "free_collateral", _at_the_round)),
        "ProcessRequest",
        rule=STANDS,
    ),
    # ---- Funding.
    _attack(
        "accrue-funding-in-a-settled-market",
        "nobody pays funding in a settled market",
        ACCRUING,
        _accruing(settled=True),
        "Settlement",
        rule=INTEREST,
    ),
    _attack(
        "accrue-no-funding-before-a-market-is-settled",
        "funding accrues until a market is settled",
        ACCRUING_STILL,
        _accruing(settled=False),
        "Settlement",
        rule=INTEREST,
    ),
    # ---- Its margins.
    _attack(
        "ask-for-the-usual-margin-in-a-settled-market",
        _SURE,
        ELSEWHERE,
        _rate("initial_ppm", _configured_initial),
        "OrderExchange",
        rule=SURE,
    ),
    _attack(
        "ask-for-a-tier-in-a-settled-market",
        _SURE,
        ELSEWHERE_TIERED,
        _rate("tier_step", _with_tier),
        "OrderExchange",
        rule=SURE,
    ),
    _attack(
        "liquidate-by-the-usual-margin-in-a-settled-market",
        "who is above zero in a settled market is not liquidated",
        HEALTHY,
        _rate("maintenance_ppm", _configured_maintenance),
        "OrderExchange",
        rule=SURE,
    ),
    _attack(
        "withhold-the-usual-margin-from-a-settled-market",
        "a settled market holds back no more than its maintenance margin",
        GAINED,
        _rate("held_ppm", _configured_initial),
        "ProcessRequest",
        rule=LIABLE,
    ),
    _attack(
        "withhold-a-tier-from-a-settled-market",
        "a settled market holds back no more than its maintenance margin",
        GAINED,
        _rate("tier_step", _with_tier),
        "ProcessRequest",
        rule=LIABLE,
    ),
    _attack(
        "withdraw-the-maintenance-margin-from-a-settled-market",
        "what has been won in a settled market stays liable for its debts",
        GAINED,
        _rate("held_ppm", lambda market: c.SETTLED_PPM),
        "ProcessRequest",
        rule=LIABLE,
    ),
    _attack(
        "tell-no-tier-of-a-settled-market",
        "a tier step has one value, settled or not",
        GAINED,
        nullcontext,
        "TierStep",
        rule=STEP,
        tamper=lambda inputs: in_slot(inputs, 0, marketTierStep=0),
    ),
    _attack(
        "withdraw-gains-before-a-market-is-settled",
        _UNSURE,
        NOT_GAINED,
        _rate("held_ppm", _configured_maintenance),
        "ProcessRequest",
        rule=USUAL,
    ),
    _attack(
        "open-on-gains-before-a-market-is-settled",
        _UNSURE,
        STUCK_ELSEWHERE,
        _rate("initial_ppm", lambda market: c.SETTLED_PPM),
        "OrderExchange",
        rule=USUAL,
    ),
    _attack(
        "spare-an-account-before-its-market-is-settled",
        _UNSURE,
        UNHEALTHY,
        _rate("maintenance_ppm", lambda market: c.SETTLED_PPM),
        "OrderExchange",
        rule=USUAL,
    ),
    # ---- What it takes.
    _attack(
        "take-an-order-that-is-not-flagged-in-a-settled-market",
        "a settled market takes orders that are flagged",
        UNFLAGGED,
        replaced(around(messages, "judge_order", as_if_open)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "refuse-an-order-that-is-flagged-in-a-settled-market",
        "a settled market lets positions be reduced",
        TRADED,
        replaced((messages, "judge_order", lambda *terms: Verdict.REDUCE_ONLY)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "take-an-order-in-the-band-of-the-round-in-a-settled-market",
        "a settled market trades near its mark",
        OUT_OF_BAND,
        replaced(around(messages, "judge_order", _in_the_band_of_the_round)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "open-a-position-as-a-maker-in-a-settled-market",
        _SHRINKS,
        OPENING_MAKER,
        _judging(MAKER, _as_unflagged),
        "Step",
        rule=MAKERS,
    ),
    _attack(
        "open-a-position-as-a-maker-of-a-liquidation-in-a-settled-market",
        _SHRINKS,
        OPENING_MAKER_OF_A_DEBT,
        _judging(MAKER, _as_unflagged),
        "Step",
        rule=MAKERS,
    ),
    _attack(
        "remove-a-maker-that-reduces-in-a-settled-market",
        "a settled market lets positions be reduced",
        TRADED,
        replaced(around(matching, "reduces", _longs_alone)),
        "Step",
        rule=MAKERS,
    ),
    # ---- Liquidations and the fund.
    _attack(
        "charge-for-a-liquidation-in-a-settled-market",
        "nobody pays for what the fund could not do",
        WORTHLESS,
        _rate("liquidation_fee_ppm", lambda market: market.parameters.liquidation_fee_ppm),
        "FeeCeil",
        rule=FEELESS,
    ),
    _attack(
        "unwind-below-the-mark-of-a-settled-market",
        "the fund unwinds at the mark of a settled market or better",
        UNWOUND,
        replaced(around(unwinding, "lies_in_band", _near_the_mark)),
        "Step",
        rule=FEELESS,
    ),
    _attack(
        "refuse-to-unwind-in-a-settled-market",
        "the fund gets rid of its position in a settled market too",
        UNWOUND_AT_THE_MARK,
        replaced((unwinding, "lies_in_band", lambda *terms: False)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "refuse-a-liquidation-in-a-settled-market",
        "the fund takes over who is below zero in a settled market",
        BANKRUPT,
        replaced((liquidation, "judge_market", lambda state, message: Verdict.HALTED)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "charge-the-winners-of-a-settled-market",
        "who has won in a settled market pays for no loss elsewhere",
        LOST,
        replaced((shortfall, "_rank", lambda market, position: (False, market.value(abs(position))))),
        "Shortfall",
        rule=AT_RISK,
    ),
    _attack(
        "spare-the-winners-of-a-settled-market",
        "where the fund holds nothing else, those have won who won against it in a settled market",
        LOST_AND_FLAT,
        replaced((shortfall, "losing_side", lambda state: state.fund_trade)),
        "Shortfall",
        rule=AT_RISK,
    ),
    # ---- Its status.
    _published("that-a-settled-market-is-open", TRADED, MarketStatus.OPEN),
    _published("that-a-settled-market-is-halted", TRADED, MarketStatus.HALTED),
    _published("that-a-settled-market-is-reduce-only", TRADED, MarketStatus.REDUCE_ONLY),
    _published("that-an-open-market-is-settled", NOT_YET, MarketStatus.SETTLED),
)
