"""Resting orders: what the batch does not touch stays as it was, and nothing appears from nowhere."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import asdict, replace

from sequencer.batch import plan as planning
from sequencer.engine.book import Book
from sequencer.model.codes import Side
from sequencer.model.constants import FIELD_MODULUS
from sequencer.model.order import Order
from sequencer.state.pages import Page
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, PLAIN, SELL, Exchange, resting

KEPT: Final = (
    "old orders are loaded rows or pass; rows with a remainder and passing orders are the new ones (rule f)"
)
TAKER, MAKER, VICTIM, FRIEND = 2, 3, 1, 4

Orders = tuple[Order, ...]
Edit = Callable[[Orders], Sequence[Order]]


def _book() -> Exchange:
    """Two asks and two bids; the batch loads all asks as rows, the bids pass."""
    orders = [
        resting(1, MAKER, SELL, 1_001, 5),
        resting(2, VICTIM, SELL, 1_002, 5),
        resting(3, VICTIM, BUY, 990, 5, reduce_only=True),
        resting(4, VICTIM, BUY, 990, 5),
    ]
    return Exchange(orders=orders, markets=(PLAIN, PLAIN))


def _trade_and_rest(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_001)
    exchange.buy(TAKER, 1, 985)


def _in_both_markets(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_001)
    exchange.sell(TAKER, 2, 1_010, market=1)


BUSY = Scenario(_book, _trade_and_rest)
BOTH_MARKETS = Scenario(_book, _in_both_markets)


def _final(side: Side, edit: Edit, market: int = 0) -> tuple[object, str, object]:
    """Write other orders into the pages of a side when the batch ends."""

    def final_page(honest: Callable[..., Page], *arguments: Any) -> Page:
        page = honest(*arguments)
        return replace(page, orders=tuple(edit(page.orders))) if page.group == (market, side) else page

    return around(planning, "_final_page", final_page)


def _writing(side: Side, edit: Edit) -> Cheat:
    return replaced(_final(side, edit))


def _changed(place: int, **fields: Any) -> Edit:
    """Change one order of a page."""
    return lambda orders: [replace(o, **fields) if i == place else o for i, o in enumerate(orders)]


def _swapped_sequences(orders: Orders) -> list[Order]:
    """Let the second of two bids at one price stand before the first."""
    first, second, *others = orders
    return [replace(first, sequence=second.sequence), replace(second, sequence=first.sequence), *others]


def _moved_to_other_market() -> Cheat:
    """Move the victim's ask into the other market's book."""
    moved = resting(2, VICTIM, SELL, 1_002, 5, market=1)
    return replaced(
        _final(SELL, lambda orders: [order for order in orders if order.account != VICTIM]),
        _final_elsewhere(moved),
    )


def _final_elsewhere(moved: Order) -> tuple[object, str, object]:
    honest = planning._slots

    def slots(*arguments: Any) -> Any:
        return tuple(
            replace(slot, new=replace(slot.new, orders=(*slot.new.orders, moved)))
            if slot.new is not None and slot.new.group == (moved.market, moved.side)
            else slot
            for slot in honest(*arguments)
        )

    return planning, "_slots", slots


class _ForgedOrder(Order, frozen=True):
    """An order whose word in the page is another one."""

    def word(self) -> int:
        """Return a word that the honest one differs from by a multiple of p / 2^129: no order has it."""
        return (super().word() + (1 << 250)) % FIELD_MODULUS


def _forged_word(orders: Orders) -> list[Order]:
    return [_forged(order) if order.account == VICTIM else order for order in orders]


def _forged(order: Order) -> Order:
    fields = asdict(order)
    return _ForgedOrder(**fields)


def _remember(honest: Callable[[Book, Order], None], book: Book, order: Order) -> None:
    """Let a maker's order stay as large as it was."""
    old = book.find(order.key)
    honest(book, order if old is None else old)


def _attack(name: str, claim: str, cheat: Cheat, *where: str, scenario: Scenario = BUSY) -> CircuitAttack:
    return CircuitAttack(name, claim, KEPT, scenario, where or ("OrderExchange",), cheat)


def _phantom(side: Side, price: int) -> Order:
    return resting(0, FRIEND, side, price, 100)


ATTACKS = (
    _attack(
        "drop-an-order",
        "an order that is not touched stays in the book",
        _writing(SELL, lambda orders: [order for order in orders if order.account != VICTIM]),
    ),
    _attack(
        "drop-a-passing-order",
        "an order that the batch does not even look at stays in the book",
        _writing(BUY, lambda orders: [order for order in orders if order.sequence != 4]),
    ),
    _attack(
        "drop-the-rest-of-a-maker",
        "what is not filled of an order stays in the book",
        _writing(SELL, lambda orders: [order for order in orders if order.account != MAKER]),
    ),
    _attack(
        "drop-an-order-that-rested",
        "an order that came to rest is in the book",
        _writing(BUY, lambda orders: [order for order in orders if order.account != TAKER]),
    ),
    _attack(
        "duplicate-an-order",
        "an order is in the book once",
        _writing(SELL, lambda orders: [*orders, orders[-1]]),
    ),
    _attack(
        "duplicate-a-passing-order",
        "an order is in the book once",
        _writing(BUY, lambda orders: [*orders, orders[0]]),
    ),
    _attack(
        "invent-an-order",
        "every order in the book was signed and covered when it came to rest",
        _writing(SELL, lambda orders: [*orders, _phantom(SELL, 1_050)]),
    ),
    _attack(
        "invent-a-passing-order",
        "every order in the book was signed and covered when it came to rest",
        _writing(BUY, lambda orders: [*orders, _phantom(BUY, 950)]),
    ),
    _attack(
        "reorder-the-queue",
        "orders at one price keep their sequence",
        _writing(BUY, _swapped_sequences),
    ),
    _attack(
        "shrink-an-order", "an order's size changes by fills only", _writing(SELL, _changed(1, remaining=1))
    ),
    _attack(
        "enlarge-a-passing-order",
        "an order's size changes by fills only",
        _writing(BUY, _changed(1, remaining=500)),
    ),
    _attack(
        "refill-a-maker",
        "a filled order is smaller afterwards",
        replaced(around(Book, "put", _remember)),
    ),
    _attack("steal-an-order", "an order stays its owner's", _writing(BUY, _changed(0, account=FRIEND))),
    _attack("reprice-an-order", "an order keeps its price", _writing(SELL, _changed(1, price=1_020))),
    _attack("extend-an-order", "an order keeps its expiry", _writing(SELL, _changed(1, expiry=7))),
    _attack(
        "raise-an-orders-fee-limit",
        "an order keeps its fee limit",
        _writing(BUY, _changed(0, max_fee_ppm=9_999)),
    ),
    _attack(
        "strip-reduce-only", "a reduce-only order stays one", _writing(BUY, _changed(0, reduce_only=False))
    ),
    _attack(
        "move-an-order-to-another-market",
        "an order stays in its market's book",
        _moved_to_other_market(),
        scenario=BOTH_MARKETS,
    ),
    _attack(
        "write-a-word-that-is-no-order",
        "every word of a page is an order",
        _writing(SELL, _forged_word),
    ),
)
