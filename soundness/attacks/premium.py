"""The rate of a period: what the orders of the last one traded at, within its bounds, and nothing else."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed, tables
from sequencer.batch.signals import Inputs
from sequencer.engine import epoch, funding
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium, Turnover
from sequencer.model.words import to_field
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
from tests.strategies import START

FUND, LONG, SHORT, MAKER, OTHER = range(5)
LOTS: Final = 100
TAKEN_LOTS: Final = 97

RATE: Final = "rate = clamp(P + clamp(interest_ppm - P, -500, 500), -margins, margins), fixed for a period"
PREMIUM: Final = "P = floor(excess x 10^6 / max(weight, open interest x mark)), 0 where the divisor is 0"
FILLS: Final = "each fill adds its lots, its cost and lots x mark, at the mark of its batch"
EXCESS: Final = "a batch adds cost - clamp(cost, lots x low, lots x high), of the mark before and its own"
PERIOD: Final = "a period is floor(oracle time / 28,800), and a new one starts from 0"
ACCRUAL: Final = "what accrues until a new period does so at the rate of the last one"
HELD: Final = "the book root holds the premiums and the period"

# ---- A market in which longs have paid 700 ppm, and whose orders traded 1,600.6 ppm above the mark.

TIME: Final = START + 1
"""Oracle time of the batch, in the period that begins at `START`."""
PARAMETERS: Final = replace(PLAIN.parameters, interest_ppm=100)
SAME: Final = replace(PLAIN, parameters=PARAMETERS)
NEW: Final = replace(SAME, oracle_time=START - c.FUNDING_SECONDS)
TRADED: Final = Premium(8_003, 5_000_000, 700)
ELSEWHERE: Final = Premium(-9_000, 5_000_000, -700)
TOP: Final = tables.PREMIUM_PPM_TOP


def _holders(
    premium: Premium, *orders: Order, market: Market = NEW, lots: int = LOTS, mark: int = MARK
) -> Callable[[], Exchange]:
    """Prepare a long and a short with so many lots in the first of two markets, and its next mark."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            LONG: trader(LONG, positions=(lots, 0, 0, 0)),
            SHORT: trader(SHORT, positions=(-lots, 0, 0, 0)),
        }
        markets = market, replace(market, open_interest=0)
        exchange = Exchange(accounts, orders, markets=markets, premiums=(premium, ELSEWHERE))
        exchange.prices = mark, MARK, 0, 0
        return exchange

    return prepare


def _both(exchange: Exchange) -> None:
    """Load both accounts: each rests an order, far from the other's."""
    exchange.buy(LONG, 1, 990)
    exchange.sell(SHORT, 1, 1_110)


def _buy(exchange: Exchange) -> None:
    exchange.buy(LONG, 3, 1_010)


ENDED = Scenario(_holders(TRADED), _both)
BELOW = Scenario(_holders(replace(TRADED, excess=-8_003)), _both)
THIN = Scenario(_holders(Premium(160, LOTS * MARK // 2), mark=1_100), _both)
STEEP = Scenario(_holders(Premium(1_000_000, 5_000_000)), _both)
IDLE = Scenario(_holders(Premium(rate_ppm=700), lots=0), _both)
WITHIN = Scenario(_holders(TRADED, resting(1, MAKER, SELL, 1_003, 5), market=SAME, mark=1_001), _buy)
PASSED = Scenario(_holders(TRADED, resting(1, MAKER, SELL, 1_003, 5), market=SAME, mark=1_008), _buy)
CHEAP = Scenario(_holders(TRADED, resting(1, MAKER, SELL, 997, 5), market=SAME, mark=1_001), _buy)
MIXED = Scenario(
    _holders(
        TRADED, resting(1, MAKER, SELL, 998, 2), resting(2, MAKER, SELL, 1_003, 5), market=SAME, mark=1_001
    ),
    _buy,
)
BEGUN = Scenario(_holders(TRADED, resting(1, MAKER, SELL, 1_003, 5), mark=1_001), _buy)


# ---- The rate.


def _setting(lie: Callable[..., int]) -> Cheat:
    """Set another rate: `lie` gets the honest rule, the premium, the market before and the parameters."""
    return replaced(around(epoch, "next_rate", lie))


def _at_premium(lie: Callable[..., int]) -> Cheat:
    """Take another P, in the batch's hint too: `lie` gets the honest rule, the premium and the market."""
    return replaced(around(funding, "premium_ppm", lie), around(tables, "premium_ppm", lie))


def _clamping(lie: Callable[[int, int], int]) -> Cheat:
    """Hold a value within a bound in another way."""
    return replaced((funding, "_clamp", lie))


def _within(value: int, bound: int) -> int:
    return max(-bound, min(value, bound))


def _without_interest_open(honest: Callable[..., int], premium: Premium, market: Market) -> int:
    return honest(premium, replace(market, open_interest=0))


def _by_the_interest_open(honest: Callable[..., int], premium: Premium, market: Market) -> int:
    return honest(replace(premium, weight=0), market) if market.open_interest else honest(premium, market)


def _at_the_new_mark(honest: Callable[..., int], premium: Premium, market: Market) -> int:
    return honest(premium, replace(market, mark=1_100))


def _towards_zero(honest: Callable[..., int], premium: Premium, market: Market) -> int:
    return -honest(replace(premium, excess=-premium.excess), market)


def _of_the_first(value: int) -> Callable[..., int]:
    """Give the first market this P."""

    def lie(honest: Callable[..., int], premium: Premium, market: Market) -> int:
        return honest(premium, market) if premium == ELSEWHERE else value

    return lie


def _elsewhere(
    honest: Callable[..., int], premium: Premium, market: Market, parameters: MarketParameters
) -> int:
    return honest(ELSEWHERE, market, parameters)


def _at_another_interest(
    honest: Callable[..., int], premium: Premium, market: Market, parameters: MarketParameters
) -> int:
    return honest(premium, market, replace(parameters, interest_ppm=5_000))


def _fraction(inputs: Inputs) -> Inputs:
    """Take the P modulo p that leaves no rest."""
    ppm = TRADED.excess * c.PPM_UNIT * pow(TRADED.weight, -1, c.FIELD_MODULUS)
    return in_slot(inputs, 0, premiumPpm=ppm % c.FIELD_MODULUS)


# ---- The period.


def _next(state: State, slot: int, markets: tuple[MarketParameters, ...]) -> int:
    return funding.next_rate(state.premium(slot), state.market(slot), markets[slot])


def _beginning(lie: Callable[[State, tuple[MarketParameters, ...], int], None]) -> Cheat:
    """Begin the batch's period otherwise."""
    return replaced((epoch, "_begin_period", lie))


def _rate_within(state: State, markets: tuple[MarketParameters, ...], period: int) -> None:
    """Set rates though the period goes on, and keep its sums."""
    for slot in range(len(markets)):
        rate = _next(state, slot, markets)
        state.put_premium(slot, replace(state.premium(slot), rate_ppm=rate))


def _begun_again(state: State, markets: tuple[MarketParameters, ...], period: int) -> None:
    """Begin the period though it goes on."""
    for slot in range(len(markets)):
        state.put_premium(slot, Premium(rate_ppm=_next(state, slot, markets)))


def _sums_dropped(state: State, markets: tuple[MarketParameters, ...], period: int) -> None:
    for slot in range(len(markets)):
        state.put_premium(slot, Premium(rate_ppm=state.premium(slot).rate_ppm))


def _sums_kept(state: State, markets: tuple[MarketParameters, ...], period: int) -> None:
    state.set_period(period)
    _rate_within(state, markets, period)


def _weight_kept(state: State, markets: tuple[MarketParameters, ...], period: int) -> None:
    state.set_period(period)
    for slot in range(len(markets)):
        rate, weight = _next(state, slot, markets), state.premium(slot).weight
        state.put_premium(slot, Premium(weight=weight, rate_ppm=rate))


def _opened(**signals: Any) -> Any:
    """Return the rule that opens the batch with other premiums."""
    return around(sealed, "premium_inputs", lambda honest, *arguments: honest(*arguments) | signals)


def _in_period(period: int) -> Cheat:
    """Take the batch to be in this period."""
    begin = epoch._begin_period

    def lie(state: State, markets: tuple[MarketParameters, ...], honest: int) -> None:
        begin(state, markets, period)

    return replaced((epoch, "_begin_period", lie), _opened(oraclePeriod=period))


def _after_period(period: int) -> Cheat:
    """Take the last batch to have been in this period."""
    begin = epoch._begin_period

    def lie(state: State, markets: tuple[MarketParameters, ...], honest: int) -> None:
        state.set_period(period)
        begin(state, markets, honest)

    return replaced((epoch, "_begin_period", lie), _opened(premiumPeriod=period))


NOW: Final = TIME // c.FUNDING_SECONDS
FRACTION: Final = (TIME - 7) * pow(c.FUNDING_SECONDS, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
"""A period modulo p that leaves a rest of 7 seconds."""


# ---- The fills.


def _filling(lie: Callable[..., None]) -> Cheat:
    """Count a fill otherwise: `lie` gets the honest rule, the state, the market, the lots and the price."""
    return replaced(around(State, "count_fill", lie))


def _uncounted(honest: Callable[..., None], state: State, slot: int, lots: int, price: int) -> None:
    return None


def _twice(honest: Callable[..., None], *fill: Any) -> None:
    honest(*fill)
    honest(*fill)


def _at_price(price_of: Callable[[int, int], int]) -> Cheat:
    """Count a fill at the price that mark and price give."""

    def lie(honest: Callable[..., None], state: State, slot: int, lots: int, price: int) -> None:
        honest(state, slot, lots, price_of(state.market(slot).mark, price))

    return _filling(lie)


def _negated(honest: Callable[..., None], state: State, slot: int, *fill: int) -> None:
    before = state.premium(slot).excess
    honest(state, slot, *fill)
    after = state.premium(slot)
    state.put_premium(slot, replace(after, excess=2 * before - after.excess))


def _without_weight(honest: Callable[..., None], state: State, slot: int, *fill: int) -> None:
    before = state.premium(slot).weight
    honest(state, slot, *fill)
    state.put_premium(slot, replace(state.premium(slot), weight=before))


def _into_the_other(honest: Callable[..., None], state: State, slot: int, *fill: int) -> None:
    honest(state, 1, *fill)


def _alone(honest: Callable[..., None], state: State, slot: int, lots: int, price: int) -> None:
    """Measure each fill by itself, not what those of the batch cost together."""
    state._turnover[slot] = Turnover()
    honest(state, slot, lots, price)


def _measuring(marks_of: Callable[[int, int], tuple[int, int]]) -> Cheat:
    """Measure what a batch traded from other marks than the one before and the new one."""
    return replaced(
        around(Turnover, "excess", lambda honest, turnover, *marks: honest(turnover, *marks_of(*marks)))
    )


def _taken_over(state: State) -> None:
    state.count_fill(0, TAKEN_LOTS, MARK)


def _liquidated(*orders: Order, equity: int, lots: int) -> Scenario:
    """Liquidate lots of a long with this equity, and let nothing else happen."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            LONG: trader(LONG, equity - TAKEN_LOTS * MARK, positions=(TAKEN_LOTS, 0, 0, 0)),
            SHORT: trader(SHORT, positions=(-TAKEN_LOTS, 0, 0, 0)),
        }
        return Exchange(accounts, orders, markets=(SAME,), premiums=(TRADED,))

    return Scenario(prepare, lambda exchange: exchange.unsigned(Message.liquidation(LONG, 0, SELL, lots)))


def _unwinding() -> Exchange:
    accounts = {
        FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH, positions=(50, 0, 0, 0)),
        SHORT: trader(SHORT, positions=(-50, 0, 0, 0)),
    }
    bid = resting(1, MAKER, BUY, 995, 50)
    return Exchange(accounts, (bid,), markets=(SAME,), premiums=(TRADED,))


LIQUIDATED = _liquidated(resting(1, MAKER, BUY, MARK, 50), equity=3_000, lots=20)
TAKEN_OVER = _liquidated(equity=1_000, lots=TAKEN_LOTS)
UNWOUND = Scenario(_unwinding, lambda exchange: exchange.unsigned(Message.unwinding(0, SELL, 20, 990)))


# ---- The book root.


def _edited(**fields: int) -> Cheat:
    """Leave another premium of the first market."""
    return at_seal(lambda state: state.put_premium(0, replace(state.premium(0), **fields)))


def _found(premium: Premium) -> Cheat:
    """Open the batch with another premium of the first market, and go on from there."""

    def opening(honest: Callable[..., None], state: State, *arguments: Any) -> None:
        state.put_premium(0, premium)
        honest(state, *arguments)

    def opened(honest: Callable[..., Inputs], *arguments: Any) -> Inputs:
        inputs, ppm = honest(*arguments), funding.premium_ppm(premium, NEW)
        return in_slot(
            inputs,
            0,
            premiumExcess=to_field(premium.excess),
            premiumWeight=premium.weight,
            premiumRate=to_field(premium.rate_ppm),
            premiumPpm=to_field(ppm),
        )

    return replaced(around(epoch, "_accrue", opening), around(sealed, "premium_inputs", opened))


def _accruing(rate_ppm: int) -> Cheat:
    """Let the first market accrue at another rate."""

    def lie(honest: Callable[..., Market], market: Market, rate: int, time: int) -> Market:
        return honest(market, rate_ppm if market.open_interest else rate, time)

    return replaced(around(epoch, "accrued", lie))


def _attack(
    name: str,
    claim: str,
    rule: str,
    cheat: Cheat,
    *where: str,
    scenario: Scenario = ENDED,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


ATTACKS = (
    # ---- The rate.
    _attack(
        "keep-the-old-rate-in-a-new-period",
        "a new period has a new rate",
        RATE,
        _setting(lambda honest, premium, market, parameters: premium.rate_ppm),
    ),
    _attack(
        "set-a-rate-without-the-premium",
        "who pays above the mark pays for it",
        RATE,
        _setting(lambda honest, premium, market, parameters: parameters.interest_ppm),
    ),
    _attack(
        "set-a-rate-at-another-interest",
        "the interest is the configuration's",
        RATE,
        _setting(_at_another_interest),
    ),
    _attack(
        "set-a-rate-by-another-markets-premium",
        "a market's rate is that of its own orders",
        RATE,
        _setting(_elsewhere),
    ),
    _attack(
        "set-a-rate-without-the-dampener",
        "what is close to the interest changes nothing",
        RATE,
        _clamping(lambda value, bound: value if bound == c.PREMIUM_DAMPENER_PPM else _within(value, bound)),
    ),
    _attack(
        "set-a-rate-beyond-its-cap",
        "no period costs more than the buffer between the margins",
        RATE,
        _clamping(lambda value, bound: _within(value, bound) if bound == c.PREMIUM_DAMPENER_PPM else value),
        scenario=STEEP,
    ),
    _attack(
        "set-a-rate-of-the-other-sign",
        "who pays above the mark pays",
        RATE,
        _setting(lambda honest, *arguments: -honest(*arguments)),
    ),
    # ---- The premium.
    _attack(
        "round-a-premium-up",
        "a premium has one value",
        PREMIUM,
        _at_premium(_of_the_first(1_601)),
        "NextRate",
    ),
    _attack(
        "round-a-premium-down-twice",
        "a premium has one value",
        PREMIUM,
        _at_premium(_of_the_first(1_599)),
        "NextRate",
    ),
    _attack(
        "round-a-discount-towards-zero",
        "a premium has one value",
        PREMIUM,
        _at_premium(_towards_zero),
        "NextRate",
        scenario=BELOW,
    ),
    _attack(
        "claim-the-highest-premium",
        "a premium passes for the highest only where it is no less",
        PREMIUM,
        _at_premium(_of_the_first(TOP)),
        "NextRate",
    ),
    _attack(
        "solve-for-a-premium-modulo-p",
        "a premium is an integer",
        PREMIUM,
        nullcontext,
        "NextRate",
        tamper=_fraction,
    ),
    _attack(
        "divide-by-the-weight-alone",
        "who trades little moves little",
        PREMIUM,
        _at_premium(_without_interest_open),
        "NextRate",
        scenario=THIN,
    ),
    _attack(
        "divide-by-the-open-interest-alone",
        "a premium is that of what was traded",
        PREMIUM,
        _at_premium(_by_the_interest_open),
        "NextRate",
    ),
    _attack(
        "weigh-the-open-interest-at-the-new-mark",
        "a premium is that of the period that ended",
        PREMIUM,
        _at_premium(_at_the_new_mark),
        "NextRate",
        scenario=THIN,
    ),
    _attack(
        "make-a-premium-of-nothing",
        "who does not trade has no premium",
        PREMIUM,
        _at_premium(_of_the_first(1_600)),
        "NextRate",
        scenario=IDLE,
    ),
    # ---- Accrual.
    _attack(
        "accrue-at-the-new-rate", "a rate holds from its period on", ACCRUAL, _accruing(1_100), "Settlement"
    ),
    _attack(
        "accrue-without-the-premium",
        "the rate is the one of the state",
        ACCRUAL,
        _accruing(PARAMETERS.interest_ppm),
        "Settlement",
    ),
    _attack(
        "accrue-at-another-markets-rate",
        "a market has a rate of its own",
        ACCRUAL,
        _accruing(ELSEWHERE.rate_ppm),
        "Settlement",
    ),
    # ---- The period.
    _attack(
        "set-a-rate-within-a-period",
        "a rate is fixed for its period",
        PERIOD,
        _beginning(_rate_within),
        scenario=WITHIN,
    ),
    _attack(
        "begin-a-period-again",
        "a period begins once",
        PERIOD,
        _beginning(_begun_again),
        scenario=WITHIN,
    ),
    _attack(
        "drop-the-sums-within-a-period",
        "all fills of a period count",
        PERIOD,
        _beginning(_sums_dropped),
        scenario=WITHIN,
    ),
    _attack(
        "keep-the-sums-over-a-periods-end",
        "no fill counts in two periods",
        PERIOD,
        _beginning(_sums_kept),
        scenario=BEGUN,
    ),
    _attack(
        "keep-the-weight-over-a-periods-end",
        "no fill counts in two periods",
        PERIOD,
        _beginning(_weight_kept),
        scenario=BEGUN,
    ),
    _attack(
        "pass-over-the-end-of-a-period",
        "a period ends",
        PERIOD,
        _in_period(NOW - 1),
        "PeriodOf",
    ),
    _attack(
        "begin-a-period-before-its-time",
        "a period lasts",
        PERIOD,
        _in_period(NOW + 1),
        "PeriodOf",
        scenario=WITHIN,
    ),
    _attack(
        "choose-a-period-modulo-p",
        "a period is an integer",
        PERIOD,
        _in_period(FRACTION),
        "PeriodOf",
        scenario=WITHIN,
    ),
    _attack(
        "claim-that-the-last-batch-was-in-this-period",
        "a period ends",
        HELD,
        _after_period(NOW),
    ),
    _attack(
        "claim-that-the-last-batch-was-in-another-period",
        "a period lasts",
        HELD,
        _after_period(NOW - 1),
        scenario=WITHIN,
    ),
    _attack(
        "leave-another-period",
        "a period ends once",
        HELD,
        at_seal(lambda state: state.set_period(NOW - 1)),
    ),
    # ---- The fills.
    _attack("leave-a-fill-out", "every fill counts", FILLS, _filling(_uncounted), scenario=WITHIN),
    _attack("count-a-fill-twice", "a fill counts once", FILLS, _filling(_twice), scenario=WITHIN),
    _attack(
        "leave-a-fill-out-of-a-new-period",
        "every fill counts",
        FILLS,
        _filling(_uncounted),
        scenario=BEGUN,
    ),
    _attack(
        "count-a-fill-at-its-limit",
        "a fill counts at its price",
        FILLS,
        _at_price(lambda mark, price: 1_010),
        scenario=WITHIN,
    ),
    _attack(
        "count-a-fill-at-the-mark",
        "a fill counts at its price",
        FILLS,
        _at_price(lambda mark, price: mark),
        scenario=WITHIN,
    ),
    _attack(
        "count-a-fill-with-the-other-sign",
        "who buys above the mark makes longs pay",
        FILLS,
        _filling(_negated),
        scenario=WITHIN,
    ),
    _attack(
        "count-a-fill-without-its-weight",
        "what is divided counts in the divisor",
        FILLS,
        _filling(_without_weight),
        scenario=WITHIN,
    ),
    _attack(
        "count-a-fill-in-another-market",
        "a fill counts in its market",
        FILLS,
        _filling(_into_the_other),
        scenario=WITHIN,
    ),
    _attack(
        "leave-a-liquidations-fill-out",
        "fills of liquidations count",
        FILLS,
        _filling(_uncounted),
        scenario=LIQUIDATED,
    ),
    _attack(
        "leave-an-unwindings-fill-out",
        "fills of unwindings count",
        FILLS,
        _filling(_uncounted),
        scenario=UNWOUND,
    ),
    _attack("count-a-takeover", "a takeover is no fill", FILLS, at_seal(_taken_over), scenario=TAKEN_OVER),
    # ---- What a batch traded beyond its two marks.
    _attack(
        "measure-a-premium-from-the-old-mark",
        "what is above both marks counts from the higher",
        EXCESS,
        _measuring(lambda before, mark: (before, before)),
        scenario=WITHIN,
    ),
    _attack(
        "measure-a-premium-from-the-new-mark",
        "a price between two marks is no premium",
        EXCESS,
        _measuring(lambda before, mark: (mark, mark)),
        scenario=PASSED,
    ),
    _attack(
        "measure-a-discount-from-the-higher-mark",
        "what is below both marks counts from the lower",
        EXCESS,
        _measuring(lambda before, mark: (mark, mark)),
        scenario=CHEAP,
    ),
    _attack(
        "measure-each-fill-alone",
        "the fills of a batch count together",
        EXCESS,
        _filling(_alone),
        scenario=MIXED,
    ),
    # ---- The book root.
    _attack("edit-a-rate", "a rate changes with a period", HELD, _edited(rate_ppm=1_099)),
    _attack("edit-an-excess", "an excess changes by fills", HELD, _edited(excess=1), scenario=WITHIN),
    _attack("edit-a-weight", "a weight changes by fills", HELD, _edited(weight=1), scenario=WITHIN),
    _attack(
        "find-another-rate",
        "a batch opens with the rate of the last",
        HELD,
        _found(replace(TRADED, rate_ppm=0)),
    ),
    _attack(
        "find-another-excess",
        "a batch opens with the sums of the last",
        HELD,
        _found(replace(TRADED, excess=0)),
    ),
    _attack(
        "find-another-weight",
        "a batch opens with the sums of the last",
        HELD,
        _found(replace(TRADED, weight=6_000_000)),
    ),
)
