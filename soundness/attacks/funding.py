"""Funding: a rate accrues from round to round, who is loaded is settled, and the winners cover the fund."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import records, sealed, tables
from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs
from sequencer.batch.stream import Stream
from sequencer.crypto import SparseTree
from sequencer.engine import closing, epoch, funding, liquidation, shortfall
from sequencer.engine import requests as processing
from sequencer.engine import state as states
from sequencer.engine.events import ShortfallCharged
from sequencer.engine.margin import Health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.words import to_field
from sequencer.state.ledger import LedgerChange
from soundness.attacks.attack import (
    STATE,
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
UNIT: Final = c.INDEX_UNIT
LOTS: Final = 100

ACCRUAL: Final = "rate x mark before x quote_per_tick_lot x seconds accrue, to one side and from the other"
CHARGE: Final = "who is loaded pays the ceiling of |size| x (index of the side - index settled), once"
INDICES: Final = "a batch leaves the positions that it loaded with the indices of their sides as it opened"
POOL: Final = "what accounts are charged goes to the funding pool"
SETTLED: Final = "margins, withdrawals and liquidations see the settled account"
READING: Final = "a position's word has one size and one index"
SLOTS: Final = "a slot that is not enabled holds nothing"
SHORTFALL: Final = "D = min(-E, open interest x lot value), and ceil(D x INDEX_UNIT / open interest) a lot"
TRADED: Final = "the fund is credited iff it traded in the batch and ends it below zero"
WINNERS: Final = (
    "those who won against the fund's most valuable position are charged, else against its last trade"
)

# ---- A long that owes 15.00035 units a lot, and a short that is owed 14.00035.

MARKET: Final = replace(
    PLAIN,
    oracle_time=START - c.FUNDING_SECONDS,
    long_index=7 * UNIT,
    short_index=-3 * UNIT,
)
RATE: Final = Premium(rate_ppm=10_000)
ACCRUED: Final = 10_000 * MARK * (c.FUNDING_SECONDS + 1)
OWED: Final = 1_501
OWED_TO: Final = 1_400


def _holders(
    *orders: Order, short: int = RICH, prices: tuple[int, ...] | None = None
) -> Callable[[], Exchange]:
    """Prepare the long and the short, who has this equity before it is settled."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            LONG: trader(LONG, positions=(LOTS, 0, 0, 0), indices=(2 * UNIT, 0, 0, 0)),
            SHORT: trader(SHORT, short + LOTS * MARK, positions=(-LOTS, 0, 0, 0), indices=(UNIT, 0, 0, 0)),
        }
        exchange = Exchange(accounts, orders, markets=(MARKET,), premiums=(RATE,))
        exchange.prices = prices or exchange.prices
        return exchange

    return prepare


def _both(exchange: Exchange) -> None:
    """Let each rest an order, far from the other's."""
    exchange.buy(LONG, 1, 990)
    exchange.sell(SHORT, 1, 1_110)


HELD = Scenario(_holders(), _both)
RISEN = Scenario(_holders(prices=(1_100, 0, 0, 0)), _both)
CLOSED = Scenario(
    _holders(resting(1, MAKER, BUY, MARK, LOTS)), lambda exchange: exchange.sell(LONG, LOTS, MARK)
)
WITHDRAWN = Scenario(_holders(), lambda exchange: exchange.withdraw(LONG, 2 * RICH))
HEALED = Scenario(
    _holders(resting(1, MAKER, SELL, MARK, 50), short=3_700),
    lambda exchange: exchange.unsigned(Message.liquidation(SHORT, 0, BUY, 20)),
)


def _accruing(lie: Callable[..., Market]) -> Cheat:
    """Leave other indices: `lie` gets the honest rule, the market before, the rate and the time."""
    return replaced(around(epoch, "accrued", lie))


def _twice(honest: Callable[..., Market], market: Market, rate_ppm: int, time: int) -> Market:
    return honest(honest(market, rate_ppm, time), rate_ppm, time)


def _swapped(market: Market) -> Market:
    return replace(market, long_index=market.short_index, short_index=market.long_index)


def _shorts_pay(honest: Callable[..., Market], market: Market, *others: Any) -> Market:
    return _swapped(honest(_swapped(market), *others))


def _shorts_get_nothing(honest: Callable[..., Market], market: Market, *others: Any) -> Market:
    return replace(honest(market, *others), short_index=market.short_index)


def _charging(lie: Callable[..., int]) -> Cheat:
    """Charge otherwise: `lie` gets the honest rule, positions, indices and markets."""
    return replaced(around(funding, "unsettled", lie), around(tables, "unsettled", lie))


def _at_indices(edit: Callable[[Market], Market]) -> Cheat:
    """Settle at other indices of the markets."""

    def lie(
        honest: Callable[..., int], sizes: Sequence[int], indices: Sequence[int], markets: Sequence[Market]
    ) -> int:
        return honest(sizes, indices, [edit(market) for market in markets])

    return _charging(lie)


def _before(market: Market) -> Market:
    return replace(market, long_index=MARKET.long_index, short_index=MARKET.short_index)


def _unsettled(*others: Any) -> Cheat:
    """Leave all accounts as they are."""
    return replaced(
        (states, "settled", lambda account, markets: account),
        (states, "with_current_indices", lambda account, markets: account),
        *others,
    )


def _stored(number: int, index: Callable[[Market], int]) -> Cheat:
    """Leave an account with another index."""

    def edit(state: State) -> None:
        account = state.accounts[number]
        state._accounts[number] = replace(account, indices=(index(state.market(0)), 0, 0, 0))

    return at_seal(edit)


def _to_fees(state: State) -> None:
    state._assign("_fee_pool", state.fee_pool + state.funding_pool)
    state._assign("_funding_pool", 0)


def _moved_index(state: State) -> None:
    state.put_market(0, replace(state.market(0), long_index=state.market(0).long_index + 1))


def _poorer(honest: Callable[..., Health], account: Account, markets: Sequence[Market]) -> Health:
    """Judge the short by what it had before it was settled."""
    return honest(replace(account, collateral=account.collateral - OWED_TO), markets)


# ---- Words of the batch's inputs.


def _other_reading(inputs: Inputs) -> Inputs:
    """Read 2^64 more lots and an index less, which is the same word."""
    sizes, indices = [LOTS + (1 << c.POSITION_INDEX_AT), 0, 0, 0], [2 * UNIT - 1, 0, 0, 0]
    return in_slot(inputs, 0, accountPosition=sizes, accountIndex=indices)


def _fraction(inputs: Inputs) -> Inputs:
    """Charge a solution modulo p that leaves no rest."""
    owed = LOTS * (5 * UNIT + ACCRUED)
    charge = owed * pow(UNIT, -1, c.FIELD_MODULUS)
    return in_slot(inputs, 0, accountSettled=(RICH - charge) % c.FIELD_MODULUS)


# ---- A slot that is not enabled.


def _disabled(index: int, charge: int) -> Cheat:
    """Fill the third slot with an account that is not there, one lot long; publish its record."""
    before = Account(owner=1, positions=(1, 0, 0, 0), indices=(index, 0, 0, 0))
    slot, number = 2, OTHER

    def fill(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
        tree = SparseTree(c.ACCOUNT_DEPTH)
        tree.set(number, before.leaf())
        return in_slot(
            honest(draft),
            slot,
            accountId=number,
            accountOwner=before.owner,
            accountPosition=list(before.positions),
            accountIndex=list(map(to_field, before.indices)),
            accountSettled=to_field(-charge),
            accountPath=[list(nodes) for nodes in tree.path(number)[: c.ACCOUNT_DEPTH - c.CROWN_LEVELS]],
        )

    def publish(honest: Callable[..., Stream], draft: Draft, *others: Any) -> Stream:
        stream = honest(draft, *others)
        after = replace(before, collateral=-charge, indices=(draft.opened[0].long_index, 0, 0, 0))
        record = records.account_record(number, before, after)
        width, requests = c.ACCOUNT_RECORD_WORDS, draft.size.requests
        at = c.HEADER_WORDS + requests * (c.REQUEST_WORDS + 1) + slot * width
        slots = [*stream.slots[:at], *record, *stream.slots[at + width :]]
        words = sum(word is not None for word in record)
        counts = slots[c.HEADER_COUNTS]
        assert counts is not None
        slots[c.HEADER_COUNTS] = counts + (1 << c.COUNTS_ACCOUNTS_AT) + (words << c.COUNTS_WORDS_AT)
        return replace(stream, slots=tuple(slots))

    def count(honest: Callable[[Draft], LedgerChange], draft: Draft) -> LedgerChange:
        change = honest(draft)
        pool = change.counters.funding_pool + charge
        return replace(change, counters=replace(change.counters, funding_pool=pool))

    return replaced(
        around(sealed, "account_inputs", fill),
        around(sealed, "build_stream", publish),
        around(Draft, "change", count),
    )


# ---- A fund that is short of 1,000 once it took 97 lots over.

FALLEN_LOTS: Final = 97
MISSING: Final = 1_000
STEP: Final = -(-MISSING * UNIT // FALLEN_LOTS)


def _owing(
    *orders: Order, collateral: int = 0, fund: int = 0, equity: int = -MISSING, others: int = 0
) -> Callable[[], Exchange]:
    """Prepare a long with this equity, in a second market with `others` lots too, and a fund."""

    def prepare() -> Exchange:
        worth = (FALLEN_LOTS + others) * MARK
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=collateral, positions=(fund, 0, 0, 0)),
            LONG: trader(LONG, equity - worth, positions=(FALLEN_LOTS, others, 0, 0)),
            SHORT: trader(SHORT, positions=(-FALLEN_LOTS - fund, -others, 0, 0)),
        }
        return Exchange(accounts, orders, markets=(PLAIN, PLAIN))

    return prepare


def _flat_at_last() -> Exchange:
    """Prepare a fund that takes over what it is short of in two markets, and others who hold something."""
    accounts = {
        FUND: Account(owner=c.INSURANCE_OWNER, collateral=147_000, positions=(-97, -50, 0, 0)),
        LONG: trader(LONG, -MISSING - 147_000, positions=(97, 50, 0, 0)),
        SHORT: trader(SHORT, positions=(-30, -20, 0, 0)),
        OTHER: trader(OTHER, positions=(30, 20, 0, 0)),
    }
    return Exchange(accounts, markets=(PLAIN, PLAIN))


def _liquidate(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(LONG, 0, SELL, FALLEN_LOTS))


def _liquidate_and_trade(exchange: Exchange) -> None:
    _liquidate(exchange)
    exchange.buy(SHORT, 1, 990)


def _liquidate_both(exchange: Exchange) -> None:
    _liquidate(exchange)
    exchange.unsigned(Message.liquidation(LONG, 1, SELL, 50))


def _sell_in_part(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(LONG, 0, SELL, 20))


def _unwind(exchange: Exchange) -> None:
    exchange.unsigned(Message.unwinding(0, SELL, 20, 990))


FALLEN = Scenario(_owing(), _liquidate_and_trade)
FALLEN_TWICE = Scenario(_owing(others=50), _liquidate_both)
FLAT = Scenario(_flat_at_last, _liquidate_both)
DEEP = Scenario(_owing(collateral=-RICH), _liquidate)
SOLVENT = Scenario(_owing(collateral=RICH), _liquidate)
WITHOUT_WINNERS = Scenario(_owing(fund=-FALLEN_LOTS), _liquidate)
NOT_DUE = Scenario(_owing(collateral=-MISSING, equity=RICH), _liquidate)
THROUGH_THE_BOOK = Scenario(
    _owing(resting(1, MAKER, BUY, MARK, 50), collateral=-MISSING, equity=3_000), _sell_in_part
)
UNWOUND = Scenario(
    _owing(resting(1, MAKER, BUY, 990, 50), collateral=-50 * MARK, fund=50, equity=RICH), _unwind
)


def _charge(index: int = STEP, amount: int = MISSING, market: int = 0, side: Side = SELL) -> Cheat:
    """End the batch with this charge."""

    def charge(state: State) -> ShortfallCharged:
        fund, charged = state.account(FUND), state.market(market)
        state.put_account(FUND, replace(fund, collateral=fund.collateral + amount))
        state.advance_funding(amount)
        if index:
            until = state.timestamp + charged.parameters.halt_seconds
            charged = replace(charged, reduced_until=until)
        if side == SELL:
            state.put_market(market, replace(charged, short_index=charged.short_index + index))
        else:
            state.put_market(market, replace(charged, long_index=charged.long_index + index))
        return ShortfallCharged(market, side, amount, index)

    return replaced((closing, "charge_shortfall", charge))


def _no_charge() -> Cheat:
    return replaced((closing, "charge_shortfall", lambda state: None))


def _first_trade(honest: Callable[..., None], state: State, market: int, side: int) -> None:
    if state.fund_trade is None:
        honest(state, market, side)


def _noted(honest: Callable[..., None], state: State, fees: int) -> None:
    """Take the fund's fee for a trade of the fund."""
    honest(state, fees)
    state.note_fund_trade(0, SELL)


def _escaping(honest: Callable[[State], ShortfallCharged], state: State) -> ShortfallCharged:
    """Let the short pass for one who paid already."""
    event = honest(state)
    short = state.accounts[SHORT]
    state._accounts[SHORT] = replace(short, indices=(state.market(0).short_index, 0, 0, 0))
    return event


def _attack(
    name: str,
    claim: str,
    rule: str,
    cheat: Cheat,
    *where: str,
    scenario: Scenario = HELD,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat, tamper)


ATTACKS = (
    # ---- Accrual.
    _attack(
        "skip-the-accrual",
        "a rate accrues in every batch",
        ACCRUAL,
        _accruing(lambda honest, market, rate_ppm, time: market),
        "Settlement",
    ),
    _attack("accrue-twice", "a rate accrues once", ACCRUAL, _accruing(_twice), "Settlement"),
    _attack(
        "accrue-by-the-new-mark",
        "a rate is on what a position was worth",
        ACCRUAL,
        _accruing(
            lambda honest, market, rate_ppm, time: replace(
                honest(replace(market, mark=1_100), rate_ppm, time), mark=market.mark
            )
        ),
        "Settlement",
        scenario=RISEN,
    ),
    _attack(
        "accrue-at-another-rate",
        "the rate is the one of the state",
        ACCRUAL,
        _accruing(lambda honest, market, rate_ppm, time: honest(market, 5_000, time)),
        "Settlement",
    ),
    _attack(
        "accrue-for-another-time",
        "a rate is for the time between two rounds",
        ACCRUAL,
        _accruing(lambda honest, market, rate_ppm, time: honest(market, rate_ppm, time - 14_400)),
        "Settlement",
    ),
    _attack("let-shorts-pay-longs", "longs pay shorts", ACCRUAL, _accruing(_shorts_pay), "Settlement"),
    _attack(
        "keep-what-shorts-are-owed",
        "shorts get what longs pay",
        ACCRUAL,
        _accruing(_shorts_get_nothing),
        "Settlement",
    ),
    _attack(
        "move-an-index", "an index moves by accrual and shortfalls", ACCRUAL, at_seal(_moved_index), "Batch"
    ),
    # ---- Settlement.
    _attack(
        "leave-loaded-accounts-unsettled",
        "who is loaded pays what it owes",
        CHARGE,
        _unsettled((tables, "unsettled", lambda *arguments: 0)),
        "Settlement",
    ),
    _attack("claim-to-settle-and-do-not", "who is loaded pays what it owes", CHARGE, _unsettled(), *STATE),
    _attack(
        "settle-the-longs-only",
        "who is owed is paid",
        CHARGE,
        _charging(lambda honest, *arguments: max(honest(*arguments), 0)),
        "Settlement",
    ),
    _attack(
        "settle-at-an-older-index",
        "what is owed counts up to this batch",
        CHARGE,
        _at_indices(_before),
        "Settlement",
    ),
    _attack(
        "settle-at-the-other-sides-index",
        "a side pays its own index",
        CHARGE,
        _at_indices(_swapped),
        "Settlement",
    ),
    _attack(
        "round-a-charge-down",
        "a charge is rounded against the account",
        CHARGE,
        _charging(lambda honest, *arguments: honest(*arguments) - 1),
        "Settlement",
    ),
    _attack(
        "charge-a-unit-too-much",
        "a charge is rounded by less than a unit",
        CHARGE,
        _charging(lambda honest, *arguments: honest(*arguments) + 1),
        "Settlement",
    ),
    _attack(
        "charge-a-fraction-modulo-p",
        "a charge is an integer",
        CHARGE,
        nullcontext,
        "Settlement",
        tamper=_fraction,
    ),
    _attack(
        "read-a-position-word-otherwise",
        "nobody has lots that are an index",
        READING,
        nullcontext,
        "PositionSide",
        tamper=_other_reading,
    ),
    _attack(
        "keep-the-index-of-who-paid",
        "nobody pays twice",
        INDICES,
        _stored(LONG, lambda market: 2 * UNIT),
        *STATE,
    ),
    _attack(
        "keep-the-index-of-who-was-paid",
        "nobody is paid twice",
        INDICES,
        _stored(SHORT, lambda market: UNIT),
        *STATE,
    ),
    _attack(
        "take-the-index-of-the-other-side",
        "a side pays its own index",
        INDICES,
        _stored(LONG, lambda market: market.short_index),
        *STATE,
    ),
    _attack(
        "give-a-closed-position-an-index",
        "without a position there is no index",
        INDICES,
        _stored(LONG, lambda market: market.long_index),
        *STATE,
        scenario=CLOSED,
    ),
    _attack(
        "withdraw-what-is-owed",
        "nobody withdraws what it owes",
        SETTLED,
        replaced(around(processing, "free_collateral", lambda honest, *arguments: honest(*arguments) + OWED)),
        "ProcessRequest",
        scenario=WITHDRAWN,
    ),
    _attack(
        "liquidate-before-settling",
        "who covers the maintenance margin with what it is owed is not liquidated",
        SETTLED,
        replaced(around(liquidation, "health", _poorer)),
        "OrderExchange",
        scenario=HEALED,
    ),
    # ---- The funding pool.
    _attack(
        "let-a-charge-vanish",
        "no money is lost",
        POOL,
        at_seal(lambda state: state._assign("_funding_pool", 0)),
        *STATE,
    ),
    _attack("pay-charges-as-fees", "a charge is no fee", POOL, at_seal(_to_fees), *STATE),
    # ---- Slots out of use.
    _attack(
        "fill-the-funding-pool-from-a-disabled-slot",
        "only accounts of the tree are charged",
        SLOTS,
        _disabled(-1_000 * UNIT, 1_018),
        "LoadAccounts",
    ),
    _attack(
        "publish-the-record-of-a-disabled-slot",
        "what is published is in the tree",
        SLOTS,
        _disabled(7 * UNIT + ACCRUED + 1, 0),
        "LoadAccounts",
    ),
    # ---- The shortfall.
    _attack(
        "charge-no-shortfall",
        "the fund's debt is covered",
        TRADED,
        _no_charge(),
        "Shortfall",
        scenario=FALLEN,
    ),
    _attack(
        "charge-for-a-solvent-fund",
        "nobody pays for a fund that has enough",
        TRADED,
        _charge(),
        "Shortfall",
        scenario=SOLVENT,
    ),
    _attack(
        "charge-though-the-fund-did-not-trade",
        "nobody pays for an old debt of the fund",
        TRADED,
        _charge(),
        "Shortfall",
        scenario=NOT_DUE,
    ),
    _attack(
        "charge-for-a-liquidation-through-the-book",
        "a fee is no trade of the fund",
        TRADED,
        replaced(around(liquidation, "pay_fund", _noted)),
        "Shortfall",
        scenario=THROUGH_THE_BOOK,
    ),
    _attack(
        "hide-an-unwinding",
        "the fund's debt is covered after an unwinding too",
        TRADED,
        replaced((State, "note_fund_trade", lambda state, market, side: None)),
        "Shortfall",
        scenario=UNWOUND,
    ),
    _attack(
        "charge-the-losing-side", "only winners pay", WINNERS, _charge(side=BUY), "Batch", scenario=FALLEN
    ),
    _attack(
        "charge-another-market", "only winners pay", WINNERS, _charge(market=1), "Batch", scenario=FALLEN
    ),
    _attack(
        "charge-by-a-smaller-position",
        "the largest position of the fund says who pays",
        WINNERS,
        replaced((shortfall, "losing_side", lambda state: state.fund_trade)),
        "Shortfall",
        scenario=FALLEN_TWICE,
    ),
    _attack(
        "charge-by-an-earlier-trade",
        "the last trade of a fund that holds nothing says who pays",
        WINNERS,
        replaced(around(State, "note_fund_trade", _first_trade)),
        "Shortfall",
        scenario=FLAT,
    ),
    _attack(
        "escape-a-charge",
        "nobody who holds a position escapes",
        WINNERS,
        replaced(around(closing, "charge_shortfall", _escaping)),
        *STATE,
        scenario=FALLEN,
    ),
    _attack(
        "charge-less-a-lot",
        "what is credited is charged",
        SHORTFALL,
        _charge(STEP - 1),
        "Shortfall",
        scenario=FALLEN,
    ),
    _attack(
        "charge-more-a-lot", "no more is charged", SHORTFALL, _charge(STEP + 1), "Shortfall", scenario=FALLEN
    ),
    _attack(
        "charge-more-than-is-missing",
        "the fund gets its debt",
        SHORTFALL,
        _charge(2 * STEP, 2 * MISSING),
        "Shortfall",
        scenario=FALLEN,
    ),
    _attack(
        "credit-the-fund-and-charge-nobody",
        "no money is made",
        SHORTFALL,
        _charge(0),
        "Shortfall",
        scenario=FALLEN,
    ),
    _attack(
        "charge-and-credit-nobody", "no money is lost", SHORTFALL, _charge(amount=0), *STATE, scenario=FALLEN
    ),
    _attack(
        "credit-the-fund-out-of-nothing",
        "the pool advances what will be paid",
        POOL,
        replaced((State, "advance_funding", lambda state, amount: None)),
        *STATE,
        scenario=FALLEN,
    ),
    _attack(
        "charge-more-than-positions-are-worth",
        "nobody is charged more than the value of its position",
        SHORTFALL,
        _charge(2 * MARK * UNIT, 2 * MARK * FALLEN_LOTS),
        "Shortfall",
        scenario=DEEP,
    ),
    _attack(
        "credit-the-fund-without-winners",
        "without open interest nobody pays",
        SHORTFALL,
        _charge(0),
        *STATE,
        scenario=WITHOUT_WINNERS,
    ),
    _attack(
        "move-an-index-without-winners",
        "without open interest nobody pays",
        SHORTFALL,
        _charge(amount=0),
        "Shortfall",
        scenario=WITHOUT_WINNERS,
    ),
)
