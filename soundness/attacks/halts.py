"""The circuit breaker: a market halts when its mark jumps and only then, as long as it must; money waits."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.engine import epoch
from sequencer.engine import requests as processing
from sequencer.engine.breaker import moved
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import PLAIN, SELL, Exchange, resting, trader
from tests.strategies import START

TAKER, MAKER, OWNER = 2, 3, 1
HALT: Final = PLAIN.parameters.halt_seconds
JUMPED: Final = (2_000, 0, 0, 0)
RULE: Final = "a mark further than max_move_ppm from the last one halts the market for halt_seconds"
OVER: Final = "a market is open in the first batch at or after halted_until whose mark does not jump"
HELD: Final = "a position in a halted market binds its full value"


def _exchange(halted_until: int = 0, prices: tuple[int, ...] | None = None) -> Callable[[], Exchange]:
    """Prepare an ask in a market, halted or not; the batch is at START + 1."""

    def prepare() -> Exchange:
        status = MarketStatus.HALTED if halted_until > START else MarketStatus.OPEN
        market = replace(PLAIN, status=status, halted_until=halted_until)
        exchange = Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5)], markets=(market,))
        exchange.prices = prices or exchange.prices
        return exchange

    return prepare


def _with_position() -> Exchange:
    """Let the owner's equity of 150,000 be bound by 100 lots, worth 100,000, in a halted market."""
    accounts = {
        OWNER: trader(OWNER, 150_000 - 100_000, positions=(100, 0, 0, 0)),
        4: trader(4, positions=(-100, 0, 0, 0)),
    }
    halted = replace(PLAIN, status=MarketStatus.HALTED, halted_until=START + HALT)
    return Exchange(accounts, markets=(halted,))


def _buy(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_200)


def _withdraw(exchange: Exchange) -> None:
    exchange.withdraw(OWNER, 1_000_000)


JUMP = Scenario(_exchange(prices=JUMPED), _buy)
CALM = Scenario(_exchange(), _buy)
EARLY = Scenario(_exchange(START + 2), _buy)
LATE = Scenario(_exchange(START + 1), _buy)
JUMP_AGAIN = Scenario(_exchange(START + 2, JUMPED), _buy)
WITHDRAW = Scenario(_with_position, _withdraw)


def _moving(edit: Callable[[Market, Market, int], Market]) -> Cheat:
    """Leave a market otherwise than the breaker: by what it was, what it should be, and the batch's time."""

    def lie(market: Market, mark: int, timestamp: int, *, restricted: bool) -> Market:
        after = moved(market, mark, timestamp, restricted=restricted)
        return edit(market, after, timestamp) if market.exists else after

    return replaced((epoch, "moved", lie))


def _with_end(end: Callable[[Market, int], int]) -> Cheat:
    """Halt a market as it must be, and write another end."""
    return _moving(lambda before, after, now: replace(after, halted_until=end(before, now)))


def _open(before: Market, after: Market, now: int) -> Market:
    return replace(after, status=MarketStatus.OPEN)


def _undisturbed(before: Market, after: Market, now: int) -> Market:
    return replace(after, status=MarketStatus.OPEN, halted_until=before.halted_until)


def _halted(before: Market, after: Market, now: int) -> Market:
    return replace(after, status=MarketStatus.HALTED)


def _halted_anew(before: Market, after: Market, now: int) -> Market:
    return replace(after, status=MarketStatus.HALTED, halted_until=now + HALT)


def _at_the_usual_margin(
    honest: Callable[[Account, list[Market]], int], account: Account, markets: list[Market]
) -> int:
    return honest(account, [replace(market, status=MarketStatus.OPEN) for market in markets])


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = RULE
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    _attack("keep-a-market-open-through-a-jump", "a jump halts", JUMP, _moving(_undisturbed), "Step"),
    _attack("halt-a-market-that-did-not-jump", "only a jump halts", CALM, _moving(_halted_anew), "Step"),
    _attack("open-a-market-before-its-time", "a halt lasts", EARLY, _moving(_open), "Step", rule=OVER),
    _attack("keep-a-market-halted-after-its-time", "a halt ends", LATE, _moving(_halted), "Step", rule=OVER),
    _attack(
        "shorten-a-halt",
        "a halt lasts",
        JUMP,
        _with_end(lambda before, now: now + 1),
        "Batch",
    ),
    _attack(
        "lengthen-a-halt",
        "a halt ends",
        JUMP,
        _with_end(lambda before, now: now + HALT + 1),
        "Batch",
    ),
    _attack(
        "let-a-jump-while-halted-pass",
        "a jump while halted starts the halt again",
        JUMP_AGAIN,
        _with_end(lambda before, now: before.halted_until),
        "Batch",
    ),
    _attack(
        "withdraw-at-the-usual-margin-from-a-halted-market",
        "nobody withdraws against a mark in doubt",
        WITHDRAW,
        replaced(around(processing, "free_collateral", _at_the_usual_margin)),
        "ProcessRequest",
        rule=HELD,
    ),
)
