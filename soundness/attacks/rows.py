"""Rows and what they stand for: rules e to h of docs/spec/batch.md, each broken."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict, replace

from sequencer.batch import pages as page_signals
from sequencer.batch import plan as planning
from sequencer.batch import rows as row_table
from sequencer.batch.draft import Draft
from sequencer.batch.plan import BatchPlan, GroupRows, PageSlot
from sequencer.batch.rows import Row
from sequencer.engine import messages
from sequencer.engine.book import Book
from sequencer.engine.events import Dropped
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.state.layout import PageLayout
from sequencer.state.pages import Group, Page
from soundness.attacks.attack import Rule, Scenario, around, replaced
from soundness.attacks.book import (
    ASKS,
    MAKER,
    TAKER,
    VICTIM,
    book,
    page_attack,
    planned,
    rows_of,
    second_order,
    slot_of,
    without_best_ask,
    writing,
)
from soundness.attacks.exchange import BUY, SELL, Exchange, resting

CANCEL = Scenario(book, lambda exchange: exchange.cancel(VICTIM, BUY, 990, 3))
NO_CANCEL = Scenario(book, lambda exchange: exchange.cancel(VICTIM, BUY, 991, 3))


def _cancel_two_that_do_not_rest(exchange: Exchange) -> None:
    exchange.cancel(VICTIM, BUY, 991, 3)
    exchange.cancel(VICTIM, BUY, 975, 4)


def _each(change: Callable[[Row], Row]) -> Rule:
    return rows_of(lambda draft, group, rows: [change(row) for row in rows])


def _two_sentinels(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    if group.group != ASKS:
        return rows
    early = Row(ASKS, rows[0].key + 1, is_sentinel=True, remaining=1, page=rows[0].page)
    return [rows[0], early, *rows[1:]]


def _no_sentinel(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    return rows if group.group == ASKS else [row for row in rows if not row.is_sentinel]


def _reach(reach: int) -> Rule:
    """Claim another reach of the asks."""

    def rows(honest: Callable[..., GroupRows], side: Any, layout: PageLayout) -> GroupRows:
        group = honest(side, layout)
        return replace(group, reach=reach) if group.group == ASKS else group

    return around(planning._Side, "rows", rows)


def _ghost_of_live(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    """Claim that the bid at 990 does not rest."""
    return [
        Row(row.group, row.key, is_ghost=True, page=row.page)
        if row.order is not None and row.order.sequence == 3
        else row
        for row in rows
    ]


def _ghosts_elsewhere(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    """Let the page of one ghost answer for the other."""
    pages = [row.page for row in rows if row.is_ghost]
    return [replace(row, page=pages.pop()) if row.is_ghost else row for row in rows]


def _censored(state: State, sequence: int, message: Message) -> Dropped:
    return Dropped(sequence, Verdict.NOT_FOUND, 0)


def _all_rows(page: Page, row_keys: Any) -> list[int]:
    return [1] * len(page.orders)


def _carrying_tag(slots: list[PageSlot]) -> list[PageSlot]:
    new = slot_of(slots, ASKS).new
    assert new is not None
    carrier = _TagCarrier(**asdict(new.orders[0]))
    return writing(orders=(carrier, *new.orders[1:]))(slots)


def _other_page(honest: Callable[..., int | None], plan: BatchPlan, group: Group, key: int) -> int | None:
    """Name a loaded page that does not answer for the key."""
    slot = honest(plan, group, key)
    return slot if slot is None else int(slot == 0)


class _TagCarrier(Order, frozen=True):
    """An order whose word carries the difference of two tags above its own bits (ADR 9)."""

    def word(self) -> int:
        """Return the word that would pass an old row for a new one, were the tag packed beside it."""
        return (super().word() + ((c.TAG_ROW - c.TAG_NEW) << c.ROW_FLAGS_AT)) % c.FIELD_MODULUS


ATTACKS = (
    page_attack(
        "e: a ghost is no live order",
        "claim-that-a-live-order-does-not-rest",
        "a cancel finds the order that it names",
        replaced((messages, "cancel_order", _censored), rows_of(_ghost_of_live)),
        "OrderExchange",
        scenario=CANCEL,
    ),
    page_attack(
        "e: a ghost's page is full",
        "claim-it-without-showing-the-page",
        "a cancel finds the order that it names",
        replaced(
            (messages, "cancel_order", _censored),
            rows_of(_ghost_of_live),
            (page_signals, "_row_flags", lambda page, keys: [0] * len(page.orders)),
        ),
        "Row",
        scenario=CANCEL,
    ),
    page_attack(
        "e: a ghost's page is full",
        "prove-a-ghost-by-another-page",
        "an order is searched where it would stand",
        replaced(rows_of(_ghosts_elsewhere)),
        "PageRun",
        scenario=Scenario(book, _cancel_two_that_do_not_rest),
    ),
    page_attack(
        "e: loaded iff sequence < firstSequence",
        "load-an-order-that-is-new",
        "a new order starts with nothing",
        replaced(
            _each(lambda row: replace(row, remaining=3) if row.order and row.order.account == TAKER else row)
        ),
        "SelectRows",
    ),
    page_attack(
        "e: a ghost holds nothing",
        "load-a-ghost",
        "an order that does not rest has no lots",
        replaced(_each(lambda row: replace(row, remaining=3) if row.is_ghost else row)),
        "Row",
        scenario=NO_CANCEL,
    ),
    page_attack(
        "f: inside its new page's fences",
        "put-an-order-on-another-page",
        "an order stands where a later batch looks for it",
        replaced(around(BatchPlan, "slot", _other_page)),
        "PageRun",
    ),
    page_attack(
        "g: one sentinel a book",
        "show-two-sentinels",
        "the book is looked at as far as it is loaded",
        replaced(rows_of(_two_sentinels)),
        "ReachExchange",
        "Step",
    ),
    page_attack(
        "g: one sentinel a book",
        "show-no-sentinel",
        "the book is looked at as far as it is loaded",
        replaced(rows_of(_no_sentinel), (row_table.RowTable, "sentinel", lambda table, group: 0)),
        "ReachExchange",
    ),
    page_attack(
        "g: the sentinel stands at the reach",
        "reach-too-far",
        "the book is looked at as far as it is loaded",
        replaced(_reach(c.REACH_END + 1)),
        "ReachExchange",
    ),
    page_attack(
        "g: front pages run from key 0",
        "skip-the-first-page",
        "the book is looked at from its best price",
        replaced(
            (Book, "head", second_order),
            around(
                PageLayout, "front", lambda honest, layout, group, reach: honest(layout, group, reach)[1:]
            ),
        ),
        "ReachExchange",
        scenario=Scenario(
            lambda: Exchange(
                orders=[resting(1, MAKER, SELL, 1_001, 5), resting(2, VICTIM, SELL, 1_002, 5)],
                orders_a_page=(15, 1),
            ),
            lambda exchange: exchange.buy(TAKER, 2, 1_010),
        ),
    ),
    page_attack(
        "g: a sentinel holds 1",
        "empty-the-sentinel",
        "nothing behind the reach is taken for the best price",
        replaced(_each(lambda row: replace(row, remaining=0) if row.is_sentinel else row)),
        "Row",
    ),
    page_attack(
        "h: tags are mixed in by a second challenge",
        "carry-a-tag-in-a-word",
        "the best ask cannot be hidden in the word of a page",
        planned(
            _carrying_tag,
            (Book, "head", second_order),
            rows_of(without_best_ask),
            (page_signals, "_row_flags", _all_rows),
        ),
        "OrderExchange",
        scenario=Scenario(
            lambda: Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5), resting(2, VICTIM, SELL, 1_001, 5)]),
            lambda exchange: exchange.buy(TAKER, 2, 1_001),
        ),
    ),
)
