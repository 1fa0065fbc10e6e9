"""The insurance floor: judged by what the fund has when a batch that holds it ends, and what that stops."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.batch.footprint import Footprint
from sequencer.engine import closing, messages
from sequencer.engine.events import ShortfallCharged
from sequencer.engine.insurance import judge_insurance
from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.configuration import HASH, using
from soundness.attacks.exchange import BUY, MARK, PLAIN, SELL, Exchange, resting, trader
from soundness.attacks.liquidations import without_the_fund_slot
from soundness.attacks.parameters import enacting, keeping_old
from soundness.attacks.restrictions import ROOT, TAKES, as_if_open, opening_with
from tests.strategies import START

FUND, LONG, SHORT, MAKER = range(4)
JUDGED: Final = (
    "a batch that holds the fund's account leaves uninsured = equity of the fund < insurance_floor"
)
HOLDS: Final = "a batch that sequences a message that nobody signs holds the fund's account"
UNJUDGED: Final = "where the fund's account is not in the batch, uninsured stays"
CHARGED: Final = "the fund is judged after a charge"
STOPS: Final = "while the fund is below its floor all markets are reduce-only"
BOUND: Final = "the floor has 62 bits"

# ---- A long that owes 1,000 more than its 97 lots are worth, and a fund.

LOTS: Final = 97
MISSING: Final = 1_000
FLOOR: Final = 8_000
UNINSURED: Final = Venue(uninsured=True)


def _funded(
    collateral: int,
    *orders: Order,
    floor: int = FLOOR,
    venue: Venue = NO_RESTRICTIONS,
    lots: int = 0,
    mark: int = MARK,
) -> Callable[[], Exchange]:
    """Prepare a fund with this collateral and so many lots, and its floor; the batch is at `mark`."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=collateral, positions=(lots, 0, 0, 0)),
            LONG: trader(LONG, -MISSING - LOTS * MARK, positions=(LOTS, 0, 0, 0)),
            SHORT: trader(SHORT, positions=(-LOTS - lots, 0, 0, 0)),
        }
        exchange = Exchange(accounts, orders, markets=(PLAIN, PLAIN), venue=venue, insurance_floor=floor)
        exchange.prices = mark, MARK, 0, 0
        return exchange

    return prepare


def _taking_over(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(LONG, 0, SELL, LOTS))


def _asking_in_vain(exchange: Exchange) -> None:
    """Liquidate an account that is not due."""
    exchange.unsigned(Message.liquidation(SHORT, 0, BUY, 1))


def _unwinding_in_vain(exchange: Exchange) -> None:
    """Let the fund trade what it does not hold."""
    exchange.unsigned(Message.unwinding(1, SELL, 1, MARK))


def _paying(amount: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.deposit(FUND, amount)


def _restricting(exchange: Exchange) -> None:
    exchange.restrict(Venue(congested_until=START + 60))


def _buying(exchange: Exchange) -> None:
    exchange.buy(SHORT, 2, 1_001)


ASK: Final = resting(1, MAKER, SELL, 1_001, 5)
FALLEN = Scenario(_funded(FLOOR + MISSING - 1), _taking_over)
COVERED = Scenario(_funded(FLOOR + MISSING), _taking_over)
INDEBTED = Scenario(_funded(0, floor=0), _taking_over)
ASKED = Scenario(_funded(FLOOR - 1), _asking_in_vain)
ASKED_WITH_ORDERS = Scenario(_funded(FLOOR - 1, resting(1, LONG, BUY, 900)), _taking_over)
UNWOUND = Scenario(_funded(FLOOR - 1), _unwinding_in_vain)
RESTRICTED = Scenario(_funded(FLOOR - 1), _restricting)
SHORT_OF_IT = Scenario(_funded(FLOOR - 100, venue=UNINSURED), _paying(99))
PAID = Scenario(_funded(FLOOR - 100, venue=UNINSURED), _paying(100))
SHOWN = Scenario(_funded(FLOOR + 15 * MARK - 1, lots=-15), _paying(0))
RISEN = Scenario(_funded(FLOOR - 15 * MARK - 10, lots=15, mark=MARK + 1, venue=UNINSURED), _paying(0))
UNSHOWN = Scenario(_funded(FLOOR - 1, ASK), _buying)
UNSHOWN_AGAIN = Scenario(_funded(FLOOR, ASK, venue=UNINSURED), _buying)
STOPPED = Scenario(_funded(FLOOR - 1, ASK, venue=UNINSURED), _buying)


def _judging(lie: Callable[[State], bool]) -> Cheat:
    """End the batch with another judgement."""

    def judge(state: State) -> None:
        state.put_venue(replace(state.venue, uninsured=lie(state)))

    return replaced((closing, "judge_insurance", judge))


def _equity(state: State, number: int = FUND) -> int:
    return health(state.account(number), state.markets).equity


def _unjudged(state: State) -> None:
    """Leave what the last batch said."""


def _by_collateral(state: State) -> bool:
    return state.account(FUND).collateral < FLOOR


def _at_the_last_mark(state: State) -> bool:
    markets = [replace(market, mark=MARK) if market.exists else market for market in state.markets]
    return health(state.account(FUND), markets).equity < FLOOR


def _before_the_charge(
    honest: Callable[[State], ShortfallCharged | None], state: State
) -> ShortfallCharged | None:
    judge_insurance(state)
    return honest(state)


def _with(floor: int) -> Callable[[Configuration], Configuration]:
    return lambda terms: replace(terms, insurance_floor=floor)


def _changed() -> Exchange:
    """Let the batch before consume a change that raises the floor."""
    exchange = _funded(FLOOR, floor=0)()
    exchange.change(_with(FLOOR + 1)(exchange.state.configuration))
    return exchange


CHANGED = Scenario(_changed, _paying(0))


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = JUDGED
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat)


def _left_out(name: str, scenario: Scenario) -> CircuitAttack:
    """Return the attack that leaves the fund out of a batch with a liquidation."""
    cheat = replaced(around(Footprint, "of", without_the_fund_slot), (closing, "judge_insurance", _unjudged))
    return _attack(f"leave-the-fund-out-of-{name}", _NOTICED, scenario, cheat, "Step", rule=HOLDS)


def _unjudging(name: str, scenario: Scenario, claim: str) -> CircuitAttack:
    return _attack(name, claim, scenario, replaced((closing, "judge_insurance", _unjudged)))


_NOTICED: Final = "a fund below its floor stops new risk"
_ENOUGH: Final = "a fund at its floor is enough"
_WORTH: Final = "the fund has what it is worth"
_THEIRS: Final = "the floor is the one that the contract holds"

ATTACKS = (
    # ---- It is judged where it is there.
    _unjudging("leave-the-fund-unjudged-after-a-takeover", FALLEN, _NOTICED),
    _unjudging("leave-the-fund-unjudged-when-it-is-paid", PAID, _ENOUGH),
    _unjudging("leave-the-fund-unjudged-at-a-liquidation-in-vain", ASKED, _NOTICED),
    _unjudging("leave-the-fund-unjudged-at-an-unwinding-in-vain", UNWOUND, _NOTICED),
    _unjudging("leave-the-fund-unjudged-at-a-restriction", RESTRICTED, _NOTICED),
    _left_out("a-liquidation-in-vain", ASKED),
    _left_out("a-liquidation-that-cancels-orders", ASKED_WITH_ORDERS),
    _attack("hide-that-the-fund-is-below-its-floor", _NOTICED, FALLEN, _judging(lambda s: False)),
    _attack("keep-a-fund-at-its-floor-for-uninsured", _ENOUGH, PAID, _judging(lambda s: True)),
    _attack("take-a-fund-for-uninsured", _ENOUGH, COVERED, _judging(lambda s: True)),
    _attack("take-a-unit-less-for-enough", _NOTICED, FALLEN, _judging(lambda s: _equity(s) + 1 < FLOOR)),
    _attack("ask-for-a-unit-more-than-the-floor", _ENOUGH, COVERED, _judging(lambda s: _equity(s) <= FLOOR)),
    _attack("pay-too-little-for-the-floor", _NOTICED, SHORT_OF_IT, _judging(lambda s: False)),
    # ---- By its equity, at the new marks, after a charge.
    _attack("judge-the-fund-by-its-collateral", _WORTH, SHOWN, _judging(_by_collateral)),
    _attack("judge-the-fund-at-the-last-mark", _WORTH, RISEN, _judging(_at_the_last_mark)),
    _attack("judge-another-account", _WORTH, FALLEN, _judging(lambda state: _equity(state, SHORT) < FLOOR)),
    _attack(
        "judge-the-fund-before-a-charge",
        "a debt that is charged is none",
        INDEBTED,
        replaced(
            around(closing, "charge_shortfall", _before_the_charge),
            (closing, "judge_insurance", _unjudged),
        ),
        rule=CHARGED,
    ),
    # ---- And where it is not, it is not.
    _attack(
        "judge-a-fund-that-is-not-there",
        "nobody is judged unseen",
        UNSHOWN,
        _judging(lambda state: _equity(state) < FLOOR),
        rule=UNJUDGED,
    ),
    _attack(
        "let-a-fund-that-is-not-there-be-insured",
        "what stopped new risk is shown to be over",
        UNSHOWN_AGAIN,
        _judging(lambda state: _equity(state) < FLOOR),
        rule=UNJUDGED,
    ),
    # ---- What it stops.
    _attack(
        "open-markets-that-are-uninsured",
        _NOTICED,
        STOPPED,
        replaced((Venue, "restricts", lambda venue, slot, now: False)),
        "Step",
        rule=STOPS,
    ),
    _attack(
        "stop-one-market-alone",
        _NOTICED,
        STOPPED,
        replaced((Venue, "restricts", lambda venue, slot, now: slot == 1)),
        "Step",
        rule=STOPS,
    ),
    _attack(
        "take-an-order-that-is-not-flagged-in-an-uninsured-market",
        "an uninsured market takes orders that are flagged",
        STOPPED,
        replaced(around(messages, "judge_order", as_if_open)),
        "Step",
        rule=TAKES,
    ),
    _attack(
        "find-the-fund-insured",
        "a batch opens with what the last one left",
        STOPPED,
        replaced(*opening_with(NO_RESTRICTIONS)),
        rule=ROOT,
    ),
    # ---- The floor is the contract's.
    _attack("judge-by-another-floor", _THEIRS, FALLEN, replaced(*using(_with(0))), rule=HASH),
    _attack(
        "keep-the-old-floor-after-a-change",
        "a change holds from the next batch on",
        CHANGED,
        replaced(around(Exchange, "open", keeping_old)),
        rule=HASH,
    ),
    _attack(
        "enact-a-floor-beyond-its-bound",
        "no floor breaks the comparison",
        COVERED,
        enacting(_with(1 << 62)),
        "Configuration",
        rule=BOUND,
    ),
    _attack(
        "enact-a-negative-floor",
        "no floor breaks the comparison",
        COVERED,
        enacting(_with(c.FIELD_MODULUS - 1)),
        "Configuration",
        rule=BOUND,
    ),
)
