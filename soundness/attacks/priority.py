"""Price-time priority: whom an order meets, at what price, and that it meets anybody."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import plan as planning
from sequencer.engine import matching
from sequencer.engine.book import Book
from sequencer.engine.events import StepEvent
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.state import pages
from sequencer.state.layout import PageLayout
from soundness.attacks.attack import CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.book import second_order
from soundness.attacks.exchange import BUY, SELL, Exchange, resting

RULE = "the head is the first live order of the opposite book by price, then by sequence"


def _two_asks(first: int, second: int) -> Callable[[], Exchange]:
    orders = [resting(1, 1, SELL, first, 3), resting(2, 3, SELL, second, 3)]
    return lambda: Exchange(orders=orders)


def _asks_on_two_pages() -> Exchange:
    """Put the asks from 1005 on onto a second page."""
    prices = (1001, 1002, 1005, 1006)
    orders = [resting(i, 1, SELL, price) for i, price in enumerate(prices, start=1)]
    return Exchange(orders=orders, orders_a_page=(15, 2))


def _buy_two(exchange: Exchange) -> None:
    exchange.buy(2, 2, 1_010)


def _never(book: Book) -> None:
    return None


def _nearest_page_only(honest: Callable[[Book], Order | None], book: Book) -> Order | None:
    """Look no further than the page that ends before 1005."""
    head = honest(book)
    return head if head is not None and head.price < 1_005 else None


def _another_price(honest: Callable[..., StepEvent], state: State, order: Order, *others: Any) -> StepEvent:
    return honest(state, replace(order, price=order.price - 5), *others)


def _backdated(honest: Callable[..., StepEvent], state: State, order: Order, *others: Any) -> StepEvent:
    return honest(state, replace(order, sequence=1), *others)


def _one_step_only(
    honest: Callable[..., StepEvent], state: State, order: Order, message: Message, outcomes: int
) -> Any:
    """Let the remainder rest on the second look, although the next head crosses."""
    if outcomes == 0:
        return honest(state, order, message, outcomes)
    return matching._rest(state, order, state.book(order.market, 1 - order.side).head())


BETTER = Scenario(_two_asks(1_001, 1_002), _buy_two)
SAME = Scenario(_two_asks(1_001, 1_001), _buy_two)
PAGES = Scenario(_asks_on_two_pages, lambda exchange: exchange.buy(2, 4, 1_010))
RESTING = Scenario(
    lambda: Exchange(orders=[resting(2, 3, BUY, 990)]), lambda exchange: exchange.buy(2, 2, 990)
)
CROSSING = Scenario(
    lambda: Exchange(orders=[resting(1, 1, SELL, 1_001), resting(2, 1, SELL, 1_002)]), _buy_two
)

_SECOND_HEAD = replaced((Book, "head", second_order))
_EMPTY = replaced((Book, "head", _never))
_NO_FRONT: Final[Rule] = (PageLayout, "front", lambda layout, group, reach: [])


def _without_first_row(honest: Callable[..., Any], side: Any, layout: PageLayout) -> Any:
    """Leave the skipped order without a row."""
    rows = honest(side, layout)
    return replace(rows, keys=rows.keys[1:])


def _reach_at_end(honest: Callable[..., Any], side: Any, layout: PageLayout) -> Any:
    return replace(honest(side, layout), reach=c.REACH_END)


ATTACKS = (
    CircuitAttack(
        "trade-through-a-better-price",
        "a buyer gets the best ask there is",
        RULE,
        BETTER,
        ("SelectRows",),
        _SECOND_HEAD,
    ),
    CircuitAttack(
        "jump-the-queue-at-the-same-price",
        "at one price the older order trades first",
        RULE,
        SAME,
        ("SelectRows",),
        _SECOND_HEAD,
    ),
    CircuitAttack(
        "skip-the-best-maker-without-a-row",
        "every order before the reach is looked at",
        "an order of a full page has a row",
        BETTER,
        ("LoadedPage",),
        replaced((Book, "head", second_order), around(planning._Side, "rows", _without_first_row)),
    ),
    CircuitAttack(
        "fake-an-empty-book",
        "an order that crosses trades, it does not rest",
        RULE,
        BETTER,
        ("SelectRows",),
        _EMPTY,
    ),
    CircuitAttack(
        "fake-an-empty-book-without-its-page",
        "an empty book is proven by its pages",
        "a sentinel's key is the end of the loaded front pages (rule g)",
        BETTER,
        ("ReachExchange",),
        replaced((Book, "head", _never), _NO_FRONT, around(planning._Side, "rows", _reach_at_end)),
    ),
    CircuitAttack(
        "look-at-nothing",
        "an order rests only when what lies behind the reach cannot cross it",
        "the sentinel must not cross",
        BETTER,
        ("Step",),
        replaced((Book, "head", _never), _NO_FRONT),
    ),
    CircuitAttack(
        "insert-across-an-unloaded-page",
        "an order meets every page up to its limit price before it rests",
        "a sentinel's key is the end of the loaded front pages (rule g)",
        PAGES,
        ("ReachExchange",),
        replaced(
            around(Book, "head", _nearest_page_only),
            around(
                PageLayout, "front", lambda honest, layout, group, reach: honest(layout, group, reach)[:1]
            ),
            around(planning._Side, "rows", _reach_at_end),
            (pages, "merge_empty", list),
        ),
    ),
    CircuitAttack(
        "rest-instead-of-trading-on",
        "an order trades with every head that it crosses",
        RULE,
        CROSSING,
        ("Step",),
        replaced(around(matching, "_micro_step", _one_step_only)),
    ),
    CircuitAttack(
        "backdate-a-resting-order",
        "nobody rests before an order that came earlier",
        "an order rests with the sequence of its message",
        RESTING,
        ("SelectRows",),
        replaced(around(matching, "_rest", _backdated)),
    ),
    CircuitAttack(
        "rest-at-another-price",
        "an order rests at its limit price",
        "an order's rank is that of its signed price",
        RESTING,
        ("SelectRows",),
        replaced(around(matching, "_rest", _another_price)),
    ),
)
