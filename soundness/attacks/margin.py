"""Margin: nobody trades or rests what he cannot bear, and nobody is refused who can."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import margin, matching
from sequencer.engine.cancelling import remove_order
from sequencer.engine.events import MakerRemoved, StepEvent
from sequencer.engine.margin import Health
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.market import Market
from sequencer.model.order import Order
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, PLAIN, SELL, Exchange, resting, trader

TAKER, MAKER = 2, 3
RULE: Final = "after a fill equity covers the initial margin, or the fill reduces and relieves"


def _ask_ten() -> Exchange:
    return Exchange({TAKER: trader(TAKER, 500)}, [resting(1, MAKER, SELL, 1_000, 10)])


def _poor_maker() -> Exchange:
    return Exchange({MAKER: trader(MAKER, 500)}, [resting(1, MAKER, SELL, 1_000, 10)])


def _short_of_initial_margin() -> Exchange:
    """Give the taker an equity between the two margins of its position of 100 lots; a friend bids low."""
    accounts = {
        TAKER: trader(TAKER, 7_000 - 100_000, positions=(100, 0, 0, 0)),
        4: trader(4, positions=(-100, 0, 0, 0)),
    }
    return Exchange(accounts, [resting(1, MAKER, BUY, 900, 10)])


def _cheap_ask() -> Exchange:
    """Let the taker, short of its initial margin, gain by buying more, though not enough."""
    accounts = {
        TAKER: trader(TAKER, 800 - 10_000, positions=(10, 0, 0, 0)),
        4: trader(4, positions=(-10, 0, 0, 0)),
    }
    return Exchange(accounts, [resting(1, MAKER, SELL, 900, 5)])


def _long_at_a_falling_mark() -> Exchange:
    """Let the mark fall from 1000 to 500 under a taker who is long."""
    accounts = {
        TAKER: trader(TAKER, 5_000 - 10_000, positions=(10, 0, 0, 0)),
        4: trader(4, positions=(-10, 0, 0, 0)),
    }
    exchange = Exchange(accounts)
    exchange.prices = (500, 0, 0, 0)
    return exchange


def _near_the_largest_position() -> Exchange:
    accounts = {
        TAKER: trader(TAKER, positions=(999, 0, 0, 0)),
        4: trader(4, positions=(-999, 0, 0, 0)),
    }
    return Exchange(accounts, [resting(1, MAKER, SELL, 1_000, 10)])


def _rest_beyond_margin(exchange: Exchange) -> None:
    """Rest two orders, each of which the equity would cover alone."""
    exchange.buy(TAKER, 4, 990)
    exchange.buy(TAKER, 4, 989)


def _second_market() -> Exchange:
    """Give the second market margins twice as high; the taker is short of them."""
    dear = replace(PLAIN, parameters=replace(PLAIN.parameters, initial_ppm=500_000))
    return Exchange({TAKER: trader(TAKER, 1_500)}, markets=(PLAIN, dear))


BUY_TEN = Scenario(_ask_ten, lambda exchange: exchange.buy(TAKER, 10, 1_000))
POOR_MAKER = Scenario(_poor_maker, lambda exchange: exchange.buy(TAKER, 10, 1_000))
SELL_BUFFER = Scenario(
    _short_of_initial_margin, lambda exchange: exchange.sell(TAKER, 10, 900, reduce_only=True)
)

_NO_JUDGE = replaced((matching, "judge_fill", lambda *arguments, **named: None))


def _maintenance_only(honest: Callable[..., Health], account: Account, markets: Sequence[Market]) -> Health:
    """Ask for the maintenance margin where the initial one is due."""
    health = honest(account, markets)
    return health._replace(initial=health.maintenance)


def _reducing_always(honest: Callable[..., Any], *arguments: Any, reducing: bool) -> Any:
    return honest(*arguments, reducing=True)


def _without_comparison(
    before: Account, after: Account, markets: Sequence[Market], slot: int, *, reducing: bool
) -> Verdict | None:
    """Judge a reducing fill by the maintenance margin alone."""
    health = margin.health(after, markets)
    return None if health.equity * 1_000_000 >= health.maintenance else Verdict.MARGIN


def _at_old_mark(honest: Callable[..., Health], account: Account, markets: Sequence[Market]) -> Health:
    """Value positions at the mark of the round before."""
    return honest(
        account, [replace(market, mark=PLAIN.mark) if market.exists else market for market in markets]
    )


def _without_open_orders(honest: Callable[..., int], account: Account, markets: Sequence[Market]) -> int:
    return honest(replace(account, open_notional=0), markets)


def _at_smallest_rate(honest: Callable[..., int], account: Account, markets: Sequence[Market]) -> int:
    """Reserve for open orders at the first market's rate."""
    return honest(account, [markets[0], *[Market()] * 3])


def _maker_first(honest: Callable[..., StepEvent], state: State, order: Order, head: Order) -> StepEvent:
    """Remove the maker, although the taker does not pass itself."""
    remove_order(state, head)
    return MakerRemoved(order.sequence, Verdict.MAKER_MARGIN, head, 0, 0, order.remaining)


def _both_poor() -> Exchange:
    accounts = {MAKER: trader(MAKER, 500), TAKER: trader(TAKER, 500)}
    return Exchange(accounts, [resting(1, MAKER, SELL, 1_000, 10)])


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = RULE
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    _attack(
        "exceed-margin-as-taker",
        "a taker can bear what it buys",
        BUY_TEN,
        _NO_JUDGE,
        "OrderExchange",
    ),
    _attack(
        "exceed-margin-as-maker",
        "a maker can bear what it sells",
        POOR_MAKER,
        _NO_JUDGE,
        "Step",
    ),
    _attack(
        "open-at-the-maintenance-margin",
        "opening a position takes the initial margin",
        Scenario(
            lambda: Exchange({TAKER: trader(TAKER, 700)}, [resting(1, MAKER, SELL, 1_000, 10)]),
            lambda exchange: exchange.buy(TAKER, 10, 1_000),
        ),
        replaced(around(margin, "health", _maintenance_only)),
        "OrderExchange",
    ),
    _attack(
        "open-as-if-it-reduced",
        "only a fill that reduces is let through below the initial margin",
        Scenario(_cheap_ask, lambda exchange: exchange.buy(TAKER, 5, 900)),
        replaced(around(matching, "judge_fill", _reducing_always)),
        "OrderExchange",
    ),
    _attack(
        "sell-the-initial-margin-buffer",
        "an account short of margin cannot hand its equity to a friend",
        SELL_BUFFER,
        replaced((matching, "judge_fill", _without_comparison)),
        "OrderExchange",
        rule="E' x MM >= E x MM' of a reducing fill",
    ),
    _attack(
        "rest-at-the-old-mark",
        "positions are valued at this batch's marks",
        Scenario(_long_at_a_falling_mark, lambda exchange: exchange.buy(TAKER, 5, 600)),
        replaced(around(margin, "health", _at_old_mark)),
        "Step",
    ),
    _attack(
        "exceed-the-largest-position",
        "no position is larger than the market allows",
        Scenario(_near_the_largest_position, lambda exchange: exchange.buy(TAKER, 10, 1_000)),
        _NO_JUDGE,
        "OrderExchange",
        rule="BOUNDS: |x'| <= max_position",
    ),
    _attack(
        "rest-a-phantom-order-without-collateral",
        "an order in the book is covered by collateral",
        Scenario(lambda: Exchange({TAKER: trader(TAKER, 0)}), lambda exchange: exchange.buy(TAKER, 100, 990)),
        replaced((matching, "may_rest", lambda account, markets: True)),
        "Step",
        rule="MARGIN of a rest: E x 10^6 >= IM + rate_max x ON'",
    ),
    _attack(
        "rest-without-counting-open-orders",
        "open orders are covered together, not each alone",
        Scenario(lambda: Exchange({TAKER: trader(TAKER, 500)}), _rest_beyond_margin),
        replaced(around(margin, "_reserve", _without_open_orders)),
        "Step",
        rule="MARGIN of a rest: E x 10^6 >= IM + rate_max x ON'",
    ),
    _attack(
        "rest-at-a-smaller-rate",
        "open orders are covered at the largest rate of the live markets",
        Scenario(_second_market, lambda exchange: exchange.buy(TAKER, 5, 990)),
        replaced(around(margin, "_reserve", _at_smallest_rate)),
        "Step",
        rule="rate_max is the largest initial_ppm among the live markets",
    ),
    _attack(
        "judge-the-maker-before-the-taker",
        "a maker is removed only by a taker that could have traded",
        Scenario(_both_poor, lambda exchange: exchange.buy(TAKER, 10, 1_000, ioc=True)),
        replaced(around(matching, "_trade", _maker_first)),
        "Step",
        rule="the taker is judged first",
    ),
)
