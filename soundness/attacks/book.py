"""Lies about the book that more than one rule stops: other pages, other rows, another head."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import plan as planning
from sequencer.batch import rows as row_table
from sequencer.batch.draft import Draft
from sequencer.batch.plan import GroupRows, PageSlot
from sequencer.batch.rows import Row
from sequencer.engine.book import Book
from sequencer.model.order import Order
from sequencer.state.ledger import Ledger
from sequencer.state.pages import Group
from soundness.attacks.attack import Cheat, CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.exchange import BUY, SELL, Exchange, resting

TAKER, MAKER, VICTIM = 2, 3, 1
ASKS: Final = (0, SELL)
BIDS: Final = (0, BUY)

UNCHECKED: Final[Rule] = (Ledger, "apply", lambda ledger, change: None)
"""The ledger refuses pages that do not tile; the attack is over before it would see them."""


def book() -> Exchange:
    """Two asks on one page, two bids on two pages."""
    orders = [
        resting(1, MAKER, SELL, 1_001, 5),
        resting(2, VICTIM, SELL, 1_002, 5),
        resting(3, VICTIM, BUY, 990, 5),
        resting(4, VICTIM, BUY, 980, 5),
    ]
    return Exchange(orders=orders, orders_a_page=(1, 15))


def trade_and_rest(exchange: Exchange) -> None:
    """Fill a part of the best ask, and rest behind all bids."""
    exchange.buy(TAKER, 2, 1_001)
    exchange.buy(TAKER, 1, 970)


BUSY = Scenario(book, trade_and_rest)


def planned(edit: Callable[[list[PageSlot]], Iterable[PageSlot]], *others: Rule) -> Cheat:
    """Plan other pages."""
    honest = planning._slots

    def slots(*arguments: Any) -> tuple[PageSlot, ...]:
        return tuple(edit(list(honest(*arguments))))

    return replaced((planning, "_slots", slots), UNCHECKED, *others)


def slot_of(slots: list[PageSlot], group: Group) -> PageSlot:
    """Return the first slot of a side."""
    return next(slot for slot in slots if slot.new is not None and slot.new.group == group)


def with_slot(slots: list[PageSlot], group: Group, **fields: Any) -> list[PageSlot]:
    """Change the first slot of a side."""
    chosen = slot_of(slots, group)
    return [replace(slot, **fields) if slot is chosen else slot for slot in slots]


def writing(**fields: Any) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Change the new asks page."""

    def edit(slots: list[PageSlot]) -> list[PageSlot]:
        new = slot_of(slots, ASKS).new
        assert new is not None
        return with_slot(slots, ASKS, new=replace(new, **fields))

    return edit


def rows_of(lie: Callable[[Draft, GroupRows, list[Row]], list[Row]]) -> Rule:
    """Fill the table with other rows of each book."""

    def group_rows(
        honest: Callable[..., list[Row]], draft: Draft, placed: Any, group: GroupRows
    ) -> list[Row]:
        return lie(draft, group, honest(draft, placed, group))

    return around(row_table, "_group_rows", group_rows)


def second_order(book: Book) -> Order | None:
    """Return the order behind the head."""
    return next(iter(list(book)[1:]), None)


def without_best_ask(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    """Give the best ask no row."""
    return rows[1:] if group.group == ASKS else rows


def page_attack(
    rule: str, name: str, claim: str, cheat: Cheat, *where: str, scenario: Scenario = BUSY
) -> CircuitAttack:
    """Return the attack on one of the page rules of docs/spec/batch.md, by its letter and what it says."""
    return CircuitAttack(name, claim, f"page rule {rule}", scenario, where, cheat)
