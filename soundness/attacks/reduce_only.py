"""Reduce-only markets: after a shortfall, and only then, a market takes no order that is not flagged."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import closing, epoch, liquidation, messages, terms
from sequencer.engine.breaker import moved
from sequencer.engine.events import ShortfallCharged
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, at_seal, replaced
from soundness.attacks.exchange import BUY, MARK, PLAIN, SELL, Exchange, resting, trader
from tests.strategies import START

FUND, LONG, SHORT, MAKER = range(4)
HALT: Final = PLAIN.parameters.halt_seconds
FALLEN_LOTS: Final = 97

TAKES: Final = "REDUCE_ONLY: an order without the flag, in a market that takes only orders that reduce"
LASTS: Final = "a market that is not halted is reduce-only in batches before reduced_until, and open after"
BEGINS: Final = "a batch that ends with a charge in a market sets reduced_until = timestamp + halt_seconds"


SIZES: Final = "BOUNDS: size < min_size, of which an order with both reduce_only and ioc needs 1 lot only"


def _market(reduced_until: int, halted_until: int = 0) -> Market:
    """Return the market as a batch at `START` leaves it."""
    status = MarketStatus.REDUCE_ONLY if reduced_until > START else MarketStatus.OPEN
    if halted_until > START:
        status = MarketStatus.HALTED
    return replace(PLAIN, status=status, halted_until=halted_until, reduced_until=reduced_until)


def _holding(market: Market, *orders: Order, lots: int = 0, equity: int = 150_000) -> Callable[[], Exchange]:
    """Prepare a long of this equity and a short; the batch is at START + 1."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER),
            LONG: trader(LONG, equity - lots * MARK, positions=(lots, 0, 0, 0)),
            SHORT: trader(SHORT, positions=(-lots, 0, 0, 0)),
        }
        return Exchange(accounts, orders, markets=(market, PLAIN))

    return prepare


def _buy(**fields: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.buy(SHORT, 2, 1_001, **fields)


def _liquidate(lots: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.liquidation(LONG, 0, SELL, lots))


ASK: Final = resting(1, MAKER, SELL, 1_001, 5)
REDUCED = Scenario(_holding(_market(START + 2), ASK), _buy())
REDUCING = Scenario(_holding(_market(START + 2), ASK, lots=50), _buy(reduce_only=True))
OVER = Scenario(_holding(_market(START + 1), ASK), _buy())
HALTED = Scenario(_holding(_market(START + 60, START + 60), ASK, lots=50), _buy(reduce_only=True))
LIQUIDATED = Scenario(
    _holding(_market(START + 2), resting(1, MAKER, BUY, MARK, 50), lots=FALLEN_LOTS, equity=3_000),
    _liquidate(20),
)
FALLEN = Scenario(_holding(PLAIN, lots=FALLEN_LOTS, equity=-1_000), _liquidate(FALLEN_LOTS))
CALM = Scenario(_holding(PLAIN, ASK), _buy())
COARSE: Final = replace(PLAIN, parameters=replace(PLAIN.parameters, min_size=3))
REMAINDER = Scenario(_holding(COARSE, ASK, lots=2), _buy(reduce_only=True, ioc=True))
REDUCING_TOO_LITTLE = Scenario(_holding(COARSE, ASK, lots=2), _buy(reduce_only=True))
BUYING_TOO_LITTLE = Scenario(_holding(COARSE, ASK, lots=2), _buy(ioc=True))


# ---- What a reduce-only market takes.


def _judging(lie: Callable[..., Verdict | None]) -> Cheat:
    """Judge the terms of an order otherwise."""
    return replaced(around(messages, "judge_order", lie))


def _as_if_open(honest: Callable[..., Verdict | None], order: Message, market: Market, ppm: int) -> Any:
    return honest(order, replace(market, status=MarketStatus.OPEN), ppm)


def _as_if_unflagged(honest: Callable[..., Verdict | None], order: Message, *others: Any) -> Any:
    return honest(replace(order, reduce_only=False), *others)


def _of_size(lots: int) -> Cheat:
    """Ask for this many lots of each order."""
    return replaced((terms, "smallest_size", lambda order, parameters: lots))


# ---- How long a market is reduce-only.


def _moving(**fields: Any) -> Cheat:
    """Open the batch with another first market."""

    def lie(market: Market, mark: int, timestamp: int, *, restricted: bool) -> Market:
        after = moved(market, mark, timestamp, restricted=restricted)
        return replace(after, **fields) if after.open_interest or after.ask_orders else after

    return replaced((epoch, "moved", lie))


def _left(slot: int, reduced_until: int) -> Cheat:
    """Leave a market with another end."""
    return at_seal(
        lambda state: state.put_market(slot, replace(state.market(slot), reduced_until=reduced_until))
    )


# ---- What makes a market reduce-only.


def _charging(lie: Callable[[State, ShortfallCharged], ShortfallCharged | None]) -> Cheat:
    """End the batch with the honest charge, and then with more."""

    def charge(honest: Callable[[State], ShortfallCharged], state: State) -> ShortfallCharged | None:
        return lie(state, honest(state))

    return replaced(around(closing, "charge_shortfall", charge))


def _reducing(slot: int, reduced_until: int) -> Callable[[State, ShortfallCharged], ShortfallCharged]:
    """Let the charge leave no market reduce-only but this one."""

    def lie(state: State, event: ShortfallCharged) -> ShortfallCharged:
        state.put_market(0, replace(state.market(0), reduced_until=0))
        state.put_market(slot, replace(state.market(slot), reduced_until=reduced_until))
        return event

    return lie


def _hidden(state: State, event: ShortfallCharged) -> None:
    """Charge the winners and credit the fund, and tell nobody."""
    state.put_market(0, replace(state.market(0), reduced_until=0))


def _attack(name: str, claim: str, rule: str, scenario: Scenario, cheat: Cheat, *where: str) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    _attack(
        "take-an-order-that-is-not-flagged",
        "a reduce-only market takes orders that are flagged",
        TAKES,
        REDUCED,
        _judging(_as_if_open),
        "Step",
    ),
    _attack(
        "refuse-an-order-that-is-flagged",
        "a reduce-only market lets positions be reduced",
        TAKES,
        REDUCING,
        _judging(_as_if_unflagged),
        "Step",
    ),
    _attack(
        "refuse-an-order-of-an-open-market-that-is-not-flagged",
        "an open market takes all orders",
        TAKES,
        CALM,
        _judging(lambda honest, *arguments: Verdict.REDUCE_ONLY),
        "Step",
    ),
    _attack(
        "refuse-a-liquidation-in-a-reduce-only-market",
        "a reduce-only market liquidates",
        TAKES,
        LIQUIDATED,
        replaced((liquidation, "judge_market", lambda state, message: Verdict.HALTED)),
        "Step",
    ),
    _attack(
        "refuse-to-close-a-remainder",
        "whatever is left of a position can be closed",
        SIZES,
        REMAINDER,
        _of_size(3),
        "Step",
    ),
    _attack(
        "reduce-by-less-than-the-smallest-size",
        "what may rest has the smallest size",
        SIZES,
        REDUCING_TOO_LITTLE,
        _of_size(1),
        "Step",
    ),
    _attack(
        "open-a-position-of-less-than-the-smallest-size",
        "what opens a position has the smallest size",
        SIZES,
        BUYING_TOO_LITTLE,
        _of_size(1),
        "Step",
    ),
    _attack(
        "open-a-reduce-only-market-before-its-time",
        "a market is reduce-only for as long as a halt",
        LASTS,
        REDUCED,
        _moving(status=MarketStatus.OPEN),
        "Step",
    ),
    _attack(
        "open-a-reduce-only-market-and-forget-its-end",
        "a market is reduce-only for as long as a halt",
        LASTS,
        REDUCED,
        _moving(status=MarketStatus.OPEN, reduced_until=0),
        "Step",
    ),
    _attack(
        "keep-a-market-reduce-only-after-its-time",
        "a market opens again",
        LASTS,
        OVER,
        _moving(status=MarketStatus.REDUCE_ONLY),
        "Step",
    ),
    _attack(
        "reduce-in-a-halted-market",
        "a halted market takes no order, flagged or not",
        LASTS,
        HALTED,
        _moving(status=MarketStatus.REDUCE_ONLY),
        "Step",
    ),
    _attack(
        "shorten-the-time-of-a-reduce-only-market",
        "a market is reduce-only for as long as a halt",
        LASTS,
        REDUCED,
        _left(0, START + 1),
        "Batch",
    ),
    _attack(
        "make-a-market-reduce-only-without-a-charge",
        "only a charge makes a market reduce-only",
        BEGINS,
        CALM,
        _left(0, START + 1 + HALT),
        "Batch",
    ),
    _attack(
        "leave-a-market-open-after-a-charge",
        "a charge makes its market reduce-only",
        BEGINS,
        FALLEN,
        _charging(_reducing(0, 0)),
        "Batch",
    ),
    _attack(
        "make-a-market-reduce-only-for-longer",
        "a market is reduce-only for as long as a halt",
        BEGINS,
        FALLEN,
        _charging(_reducing(0, START + 2 + HALT)),
        "Batch",
    ),
    _attack(
        "make-another-market-reduce-only",
        "the market that is charged is reduce-only",
        BEGINS,
        FALLEN,
        _charging(_reducing(1, START + 1 + HALT)),
        "Batch",
    ),
    _attack(
        "hide-a-charge",
        "whoever is charged is told, and its market is reduce-only",
        BEGINS,
        FALLEN,
        _charging(_hidden),
        "Shortfall",
    ),
)
