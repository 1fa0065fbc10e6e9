"""Book pages: rules a to h of docs/spec/batch.md, each broken."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from sequencer.batch import pages as page_signals
from sequencer.batch import plan as planning
from sequencer.batch import rows as row_table
from sequencer.batch import sealed
from sequencer.batch.draft import Draft
from sequencer.batch.plan import BatchPlan, GroupRows, PageSlot
from sequencer.batch.rows import Row
from sequencer.batch.signals import Inputs
from sequencer.engine import messages
from sequencer.engine.book import Book
from sequencer.engine.events import Dropped
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.state.layout import PageLayout
from sequencer.state.ledger import Ledger
from sequencer.state.pages import Group, Page
from soundness.attacks.attack import Cheat, CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.exchange import BUY, SELL, Exchange, resting

TAKER, MAKER, VICTIM = 2, 3, 1
ASKS: Final = (0, SELL)
BIDS: Final = (0, BUY)

UNCHECKED: Final[Rule] = (Ledger, "apply", lambda ledger, change: None)
"""The ledger refuses pages that do not tile; the attack is over before it would see them."""


def _book() -> Exchange:
    """Two asks on one page, two bids on two pages."""
    orders = [
        resting(1, MAKER, SELL, 1_001, 5),
        resting(2, VICTIM, SELL, 1_002, 5),
        resting(3, VICTIM, BUY, 990, 5),
        resting(4, VICTIM, BUY, 980, 5),
    ]
    return Exchange(orders=orders, orders_a_page=(1, 15))


def _trade_and_rest(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_001)
    exchange.buy(TAKER, 1, 970)


def _cancel_two_that_do_not_rest(exchange: Exchange) -> None:
    exchange.cancel(VICTIM, BUY, 991, 3)
    exchange.cancel(VICTIM, BUY, 975, 4)


BUSY = Scenario(_book, _trade_and_rest)
CANCEL = Scenario(_book, lambda exchange: exchange.cancel(VICTIM, BUY, 990, 3))
NO_CANCEL = Scenario(_book, lambda exchange: exchange.cancel(VICTIM, BUY, 991, 3))


# ---- What the batch loads and writes.


def _slots(edit: Callable[[list[PageSlot]], Iterable[PageSlot]], *others: Rule) -> Cheat:
    """Plan other pages."""
    honest = planning._slots

    def slots(*arguments: Any) -> tuple[PageSlot, ...]:
        return tuple(edit(list(honest(*arguments))))

    return replaced((planning, "_slots", slots), UNCHECKED, *others)


def _of(slots: list[PageSlot], group: Group) -> PageSlot:
    return next(slot for slot in slots if slot.new is not None and slot.new.group == group)


def _with(slots: list[PageSlot], group: Group, **fields: Any) -> list[PageSlot]:
    """Change the first slot of a side."""
    chosen = _of(slots, group)
    return [replace(slot, **fields) if slot is chosen else slot for slot in slots]


def _writing(**fields: Any) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Change the new asks page."""

    def edit(slots: list[PageSlot]) -> list[PageSlot]:
        new = _of(slots, ASKS).new
        assert new is not None
        return _with(slots, ASKS, new=replace(new, **fields))

    return edit


def _reading(
    orders: Callable[[tuple[Order, ...]], tuple[Order, ...]],
) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Change the asks page as it was."""

    def edit(slots: list[PageSlot]) -> list[PageSlot]:
        old = _of(slots, ASKS).old
        assert old is not None
        return _with(slots, ASKS, old=replace(old, orders=orders(old.orders)))

    return edit


def _adding(*pages: Page) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Create pages at free indices."""
    return lambda slots: [*slots, *(PageSlot(100 + i, None, page, False) for i, page in enumerate(pages))]


def _inverted(slots: list[PageSlot]) -> list[PageSlot]:
    """Let two pages overlap, and balance their fences by a page that ends before it begins."""
    low, high = 900 << c.SEQUENCE_BITS, 1_100 << c.SEQUENCE_BITS
    return _adding(Page(0, SELL, low), Page(0, SELL, high, low))(_writing(high=high)(slots))


# ---- Rows.


def _rows(lie: Callable[[Draft, GroupRows, list[Row]], list[Row]]) -> Rule:
    """Fill the table with other rows of each book."""

    def group_rows(
        honest: Callable[..., list[Row]], draft: Draft, placed: Any, group: GroupRows
    ) -> list[Row]:
        return lie(draft, group, honest(draft, placed, group))

    return around(row_table, "_group_rows", group_rows)


def _each(change: Callable[[Row], Row]) -> Rule:
    return _rows(lambda draft, group, rows: [change(row) for row in rows])


def _two_sentinels(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    if group.group != ASKS:
        return rows
    early = Row(ASKS, rows[0].key + 1, is_sentinel=True, remaining=1)
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
    page = draft.size.pages
    return [
        Row(
            row.group,
            row.key,
            is_ghost=True,
            page=page + draft.plan.slot(draft.ledger.layout.answering(BIDS, row.key)),
        )
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


def _signals(name: str, lie: Callable[[Draft, Inputs], Inputs]) -> Rule:
    """Change the signals of one part."""
    return around(sealed, name, lambda honest, draft: lie(draft, honest(draft)))


def _all_rows(page: Page, row_keys: Any) -> list[int]:
    return [1] * len(page.orders)


# ---- The tag that a word once could carry.


class _TagCarrier(Order):
    """An order whose word carries the difference of two tags above its own bits (ADR 9)."""

    __slots__ = ()

    def word(self) -> int:
        """Return the word that would pass an old row for a new one, were the tag packed beside it."""
        return (super().word() + ((c.TAG_ROW - c.TAG_NEW) << c.ROW_FLAGS_AT)) % c.FIELD_MODULUS


def _carrying_tag(slots: list[PageSlot]) -> list[PageSlot]:
    new = _of(slots, ASKS).new
    assert new is not None
    carrier = _TagCarrier(**{name: getattr(new.orders[0], name) for name in Order.__slots__})
    return _writing(orders=(carrier, *new.orders[1:]))(slots)


def _second(book: Book) -> Order | None:
    return next(iter(list(book)[1:]), None)


def _without_best_ask(draft: Draft, group: GroupRows, rows: list[Row]) -> list[Row]:
    return rows[1:] if group.group == ASKS else rows


def _other_page(honest: Callable[..., int], plan: BatchPlan, group: Group, key: int) -> int:
    """Name a loaded page that does not answer for the key."""
    return int(honest(plan, group, key) == 0)


def _attack(
    rule: str, name: str, claim: str, cheat: Cheat, *where: str, scenario: Scenario = BUSY
) -> CircuitAttack:
    return CircuitAttack(name, claim, f"page rule {rule}", scenario, where, cheat)


ATTACKS = (
    _attack(
        "a: indices strictly increase",
        "load-a-page-twice",
        "a page is read and written once",
        _slots(lambda slots: [slots[0], *slots]),
        "StoreBook",
    ),
    _attack(
        "a: old leaf = was x hash",
        "load-a-page-with-another-order",
        "a page is the one of the state",
        _slots(_reading(lambda orders: (replace(orders[0], account=VICTIM), *orders[1:]))),
        "StoreBook",
    ),
    _attack(
        "a: old leaf = was x hash",
        "load-a-page-without-its-best-order",
        "a page is the one of the state",
        _slots(_reading(lambda orders: orders[1:]), (Book, "head", _second), _rows(_without_best_ask)),
        "StoreBook",
    ),
    _attack(
        "a: old leaf = was x hash",
        "deny-that-there-is-a-page",
        "a page that is there cannot be overwritten",
        _slots(lambda slots: _with(slots, ASKS, old=None, front=False)),
        "StoreBook",
        "Row",
    ),
    _attack(
        "a: new leaf = is x hash",
        "write-a-page-that-is-not-loaded",
        "a slot that is not enabled writes nothing",
        replaced(
            _signals("page_inputs", lambda draft, inputs: inputs | {"pageEnabled": [0] * draft.size.pages})
        ),
        "LoadedPage",
    ),
    _attack(
        "b: low < high",
        "write-a-page-without-a-range",
        "every page answers for some key",
        _slots(_adding(Page(0, SELL, 5, 5))),
        "LoadedPage",
    ),
    _attack(
        "b: low < high",
        "overlap-pages-by-an-inverted-one",
        "one page answers for a key",
        _slots(_inverted),
        "LoadedPage",
    ),
    _attack(
        "c: fences old and new balance",
        "leave-a-gap-between-pages",
        "a page answers for every key",
        _slots(_writing(high=1_500 << c.SEQUENCE_BITS)),
        "TileExchange",
    ),
    _attack(
        "c: fences old and new balance",
        "overlap-two-pages",
        "one page answers for a key",
        _slots(_adding(Page(0, SELL, 1_500 << c.SEQUENCE_BITS))),
        "TileExchange",
    ),
    _attack(
        "c: tagged by (market, side)",
        "give-a-range-to-the-other-side",
        "the pages of each side tile all keys",
        _slots(
            lambda slots: _adding(Page(0, BUY, 1_500 << c.SEQUENCE_BITS))(
                _writing(high=1_500 << c.SEQUENCE_BITS)(slots)
            )
        ),
        "TileExchange",
    ),
    _attack(
        "d: [0, 2^72) never enters",
        "open-a-second-book",
        "a side has one book",
        _slots(_adding(Page(0, SELL))),
        "TileExchange",
    ),
    _attack(
        "d: [0, 2^72) never enters",
        "close-a-book",
        "a side keeps its book",
        _slots(
            lambda slots: [replace(slot, new=None) if slot is _of(slots, ASKS) else slot for slot in slots]
        ),
        "TileExchange",
        scenario=Scenario(
            lambda: Exchange(orders=[resting(1, MAKER, SELL, 1_001, 2)]),
            lambda exchange: exchange.buy(TAKER, 2, 1_001),
        ),
    ),
    _attack(
        "e: a ghost is no live order",
        "claim-that-a-live-order-does-not-rest",
        "a cancel finds the order that it names",
        replaced((messages, "cancel_order", _censored), _rows(_ghost_of_live)),
        "OrderExchange",
        scenario=CANCEL,
    ),
    _attack(
        "e: a ghost's page is full",
        "claim-it-without-showing-the-page",
        "a cancel finds the order that it names",
        replaced(
            (messages, "cancel_order", _censored),
            _rows(_ghost_of_live),
            (page_signals, "_row_flags", lambda page, keys: [0] * len(page.orders)),
        ),
        "Row",
        scenario=CANCEL,
    ),
    _attack(
        "e: a ghost's page is full",
        "prove-a-ghost-by-another-page",
        "an order is searched where it would stand",
        replaced(_rows(_ghosts_elsewhere)),
        "Row",
        scenario=Scenario(_book, _cancel_two_that_do_not_rest),
    ),
    _attack(
        "e: loaded iff sequence < firstSequence",
        "load-an-order-that-is-new",
        "a new order starts with nothing",
        replaced(
            _each(lambda row: replace(row, remaining=3) if row.order and row.order.account == TAKER else row)
        ),
        "Row",
    ),
    _attack(
        "e: a ghost holds nothing",
        "load-a-ghost",
        "an order that does not rest has no lots",
        replaced(_each(lambda row: replace(row, remaining=3) if row.is_ghost else row)),
        "Row",
        scenario=NO_CANCEL,
    ),
    _attack(
        "f: inside its new page's fences",
        "put-an-order-on-another-page",
        "an order stands where a later batch looks for it",
        replaced(around(BatchPlan, "new_slot", _other_page)),
        "Row",
    ),
    _attack(
        "g: one sentinel a book",
        "show-two-sentinels",
        "the book is looked at as far as it is loaded",
        replaced(_rows(_two_sentinels)),
        "ReachExchange",
        "Step",
    ),
    _attack(
        "g: one sentinel a book",
        "show-no-sentinel",
        "the book is looked at as far as it is loaded",
        replaced(_rows(_no_sentinel), (row_table.RowTable, "sentinel", lambda table, group: 0)),
        "ReachExchange",
    ),
    _attack(
        "g: the sentinel stands at the reach",
        "reach-too-far",
        "the book is looked at as far as it is loaded",
        replaced(_reach(c.REACH_END + 1)),
        "ReachExchange",
    ),
    _attack(
        "g: front pages run from key 0",
        "skip-the-first-page",
        "the book is looked at from its best price",
        replaced(
            (Book, "head", _second),
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
    _attack(
        "g: a sentinel holds 1",
        "empty-the-sentinel",
        "nothing behind the reach is taken for the best price",
        replaced(_each(lambda row: replace(row, remaining=0) if row.is_sentinel else row)),
        "Row",
    ),
    _attack(
        "h: tags are mixed in by a second challenge",
        "carry-a-tag-in-a-word",
        "the best ask cannot be hidden in the word of a page",
        _slots(
            _carrying_tag,
            (Book, "head", _second),
            _rows(_without_best_ask),
            (page_signals, "_row_flags", _all_rows),
        ),
        "OrderExchange",
        scenario=Scenario(
            lambda: Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5), resting(2, VICTIM, SELL, 1_001, 5)]),
            lambda exchange: exchange.buy(TAKER, 2, 1_001),
        ),
    ),
)
