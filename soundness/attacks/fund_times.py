"""Since when the fund has had a position in a market, and that this is too long: what a batch leaves."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import closing, final_settlement
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, MARK, PLAIN, SELL, Exchange, resting
from soundness.attacks.settled import (
    DUE,
    FUND_LOTS,
    LEAPT,
    LONG,
    LOTS,
    MAKER,
    OVERDUE,
    SHORT,
    TIME,
    stuck,
)

BEGINS: Final = "fund_since is the time of the batch that left the fund a position, as long as it holds one"
STAYS: Final = "where the fund has not traded, fund_since stays"
EMPTY: Final = "a market without positions has no fund_since"
SETTLES: Final = "fund_since becomes 1 where the fund has held a position for more than settle_seconds"
HALTED: Final = "in a halted market fund_since becomes the time of the batch, where the fund holds a position"

SINCE: Final = TIME - 60


def _taking_over(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(LONG, 0, SELL, LOTS))


def _unwinding(lots: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.unwinding(0, SELL, lots, MARK))


def _selling(**fields: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.sell(LONG, 10, MARK, **fields)


def _bid(account: int = MAKER, size: int = FUND_LOTS, market: int = 0) -> Order:
    return resting(1, account, BUY, MARK, size, market)


def _untraded(since: int, **fields: Any) -> Scenario:
    """Let others trade, while the fund has had a position since then."""
    return Scenario(stuck(since, _bid(), equity=200_000, **fields), _selling())


TAKEN_OVER = Scenario(stuck(0, equity=-1_000, fund=0), _taking_over)
TAKEN_OVER_AGAIN = Scenario(stuck(SINCE, equity=-1_000), _taking_over)
REDUCED = Scenario(stuck(SINCE, _bid()), _unwinding(20))
CLOSED = Scenario(stuck(SINCE, _bid()), _unwinding(FUND_LOTS))
CLOSED_AT_LAST = Scenario(stuck(OVERDUE, _bid()), _unwinding(FUND_LOTS))
EMPTIED = Scenario(stuck(SINCE, _bid(SHORT), lots=0), _unwinding(FUND_LOTS))
UNTRADED = _untraded(SINCE)
UNHELD = _untraded(0, fund=0)
HELD_TOO_LONG = _untraded(OVERDUE)
HELD_LONG = _untraded(DUE)
JUMPED = _untraded(SINCE, mark=LEAPT)
JUMPED_AT_LAST = _untraded(OVERDUE, mark=LEAPT)
RESTRICTED = Scenario(
    stuck(SINCE, _bid(SHORT), equity=200_000, status=MarketStatus.REDUCE_ONLY, reduced_until=TIME + 60),
    _selling(reduce_only=True),
)
ELSEWHERE = Scenario(
    stuck(SINCE, _bid(size=10, market=1), equity=200_000),
    lambda exchange: exchange.sell(LONG, 10, MARK, market=1),
)


def _leaving(since: int, slot: int = 0) -> Cheat:
    """End the batch with another time of the fund in a market."""

    def note(honest: Callable[[State], None], state: State) -> None:
        honest(state)
        state.put_market(slot, replace(state.market(slot), fund_since=since))

    return replaced(around(closing, "note_fund_positions", note))


def _in_the_other(honest: Callable[[State], None], state: State) -> None:
    """Note the fund's time in the other market."""
    honest(state)
    first, second = state.market(0), state.market(1)
    state.put_market(0, replace(first, fund_since=second.fund_since))
    state.put_market(1, replace(second, fund_since=first.fund_since))


def _at_half_time(
    honest: Callable[..., int], market: Market, held: int, timestamp: int, settle_seconds: int
) -> int:
    return honest(market, held, timestamp, PLAIN.parameters.halt_seconds // 2)


def _attack(name: str, claim: str, scenario: Scenario, cheat: Cheat, rule: str = BEGINS) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, ("Batch",), cheat)


_RUNS: Final = "the time of a fund that holds a position runs on"
_OVER: Final = "a fund that is rid of its position is not stuck"
_BEGUN: Final = "the time of the fund begins when it takes over"
_ALONE: Final = "the fund's trades alone begin and end its time"
_STUCK: Final = "where the fund is stuck, the market settles"
_FREE: Final = "only where the fund is stuck does a market settle"
_HALT: Final = "nothing can be unwound in a halt"

ATTACKS = (
    # ---- When the fund's time begins and ends.
    _attack("note-no-takeover", _BEGUN, TAKEN_OVER, _leaving(0)),
    _attack("begin-the-time-of-the-fund-a-second-late", _BEGUN, TAKEN_OVER, _leaving(TIME + 1)),
    _attack("begin-the-time-of-the-fund-a-second-early", _BEGUN, TAKEN_OVER, _leaving(TIME - 1)),
    _attack(
        "note-a-takeover-in-another-market",
        "each market has its own time of the fund",
        TAKEN_OVER,
        replaced(around(closing, "note_fund_positions", _in_the_other)),
    ),
    _attack(
        "hide-a-takeover-from-the-time-of-the-fund",
        _BEGUN,
        TAKEN_OVER,
        replaced((State, "note_fund_trade", lambda state, market, side: None)),
    ),
    _attack("begin-again-at-another-takeover", _RUNS, TAKEN_OVER_AGAIN, _leaving(TIME)),
    _attack("begin-again-at-an-unwinding-in-part", _RUNS, REDUCED, _leaving(TIME)),
    _attack("forget-the-time-of-a-fund-that-holds-less", _RUNS, REDUCED, _leaving(0)),
    _attack("keep-the-time-of-a-fund-that-holds-nothing", _OVER, CLOSED, _leaving(SINCE)),
    _attack("keep-the-time-of-the-fund-in-an-empty-market", _OVER, EMPTIED, _leaving(SINCE), EMPTY),
    _attack("begin-again-without-a-trade-of-the-fund", _ALONE, UNTRADED, _leaving(TIME), STAYS),
    _attack("end-the-time-of-the-fund-without-its-trade", _ALONE, UNTRADED, _leaving(0), STAYS),
    _attack("age-the-time-of-the-fund", _ALONE, UNTRADED, _leaving(SINCE - 1), STAYS),
    _attack("begin-the-time-of-the-fund-by-anothers-trade", _ALONE, UNHELD, _leaving(TIME), STAYS),
    _attack(
        "begin-the-time-of-the-fund-in-a-market-that-it-does-not-hold",
        _ALONE,
        ELSEWHERE,
        _leaving(TIME, 1),
        STAYS,
    ),
    # ---- When a market settles.
    _attack("never-settle-a-market", _STUCK, HELD_TOO_LONG, _leaving(OVERDUE), SETTLES),
    _attack("let-the-fund-off-when-a-market-should-settle", _STUCK, HELD_TOO_LONG, _leaving(0), SETTLES),
    _attack("settle-a-market-at-exactly-its-time", _FREE, HELD_LONG, _leaving(c.SETTLED_SINCE), SETTLES),
    _attack(
        "settle-a-market-by-another-time",
        _FREE,
        UNTRADED,
        replaced(around(final_settlement, "_since", _at_half_time)),
        SETTLES,
    ),
    _attack(
        "settle-a-market-in-which-the-fund-holds-nothing", _FREE, UNHELD, _leaving(c.SETTLED_SINCE), SETTLES
    ),
    _attack(
        "settle-a-market-that-the-fund-has-left", _OVER, CLOSED_AT_LAST, _leaving(c.SETTLED_SINCE), SETTLES
    ),
    _attack(
        "settle-another-market",
        _FREE,
        HELD_TOO_LONG,
        replaced(around(closing, "note_fund_positions", _in_the_other)),
        SETTLES,
    ),
    # ---- A halt restarts the clock, and nothing else does.
    _attack("let-the-time-of-the-fund-run-in-a-halt", _HALT, JUMPED, _leaving(SINCE), HALTED),
    _attack("settle-a-halted-market", _HALT, JUMPED_AT_LAST, _leaving(c.SETTLED_SINCE), HALTED),
    _attack("begin-again-in-a-restricted-market", _RUNS, RESTRICTED, _leaving(TIME), HALTED),
)
