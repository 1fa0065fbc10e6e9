"""Book pages: rules a to d of docs/spec/batch.md, each broken."""

from collections.abc import Callable

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.batch.draft import Draft
from sequencer.batch.plan import PageSlot
from sequencer.batch.signals import Inputs
from sequencer.engine.book import Book
from sequencer.model import constants as c
from sequencer.model.order import Order
from sequencer.state.pages import Page
from soundness.attacks.attack import Rule, Scenario, around, replaced
from soundness.attacks.book import (
    ASKS,
    MAKER,
    TAKER,
    VICTIM,
    page_attack,
    planned,
    rows_of,
    second_order,
    slot_of,
    with_slot,
    without_best_ask,
    writing,
)
from soundness.attacks.exchange import BUY, SELL, Exchange, resting


def _reading(
    orders: Callable[[tuple[Order, ...]], tuple[Order, ...]],
) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Change the asks page as it was."""

    def edit(slots: list[PageSlot]) -> list[PageSlot]:
        old = slot_of(slots, ASKS).old
        assert old is not None
        return with_slot(slots, ASKS, old=replace(old, orders=orders(old.orders)))

    return edit


def _adding(*pages: Page) -> Callable[[list[PageSlot]], list[PageSlot]]:
    """Create pages at free indices."""
    return lambda slots: [*slots, *(PageSlot(100 + i, None, page, False) for i, page in enumerate(pages))]


def _inverted(slots: list[PageSlot]) -> list[PageSlot]:
    """Let two pages overlap, and balance their fences by a page that ends before it begins."""
    low, high = 900 << c.SEQUENCE_BITS, 1_100 << c.SEQUENCE_BITS
    return _adding(Page(0, SELL, low), Page(0, SELL, high, low))(writing(high=high)(slots))


def _signals(name: str, lie: Callable[[Draft, Inputs], Inputs]) -> Rule:
    """Change the signals of one part."""
    return around(sealed, name, lambda honest, draft: lie(draft, honest(draft)))


ATTACKS = (
    page_attack(
        "a: indices strictly increase",
        "load-a-page-twice",
        "a page is read and written once",
        planned(lambda slots: [slots[0], *slots]),
        "StoreBook",
    ),
    page_attack(
        "a: old leaf = was x hash",
        "load-a-page-with-another-order",
        "a page is the one of the state",
        planned(_reading(lambda orders: (replace(orders[0], account=VICTIM), *orders[1:]))),
        "StoreBook",
    ),
    page_attack(
        "a: old leaf = was x hash",
        "load-a-page-without-its-best-order",
        "a page is the one of the state",
        planned(_reading(lambda orders: orders[1:]), (Book, "head", second_order), rows_of(without_best_ask)),
        "StoreBook",
    ),
    page_attack(
        "a: old leaf = was x hash",
        "deny-that-there-is-a-page",
        "a page that is there cannot be overwritten",
        planned(lambda slots: with_slot(slots, ASKS, old=None, front=False)),
        "StoreBook",
        "Row",
    ),
    page_attack(
        "a: new leaf = is x hash",
        "write-a-page-that-is-not-loaded",
        "a slot that is not enabled writes nothing",
        replaced(
            _signals("page_inputs", lambda draft, inputs: inputs | {"pageEnabled": [0] * draft.size.pages})
        ),
        "LoadedPage",
    ),
    page_attack(
        "b: low < high",
        "write-a-page-without-a-range",
        "every page answers for some key",
        planned(_adding(Page(0, SELL, 5, 5))),
        "LoadedPage",
    ),
    page_attack(
        "b: low < high",
        "overlap-pages-by-an-inverted-one",
        "one page answers for a key",
        planned(_inverted),
        "LoadedPage",
    ),
    page_attack(
        "c: fences old and new balance",
        "leave-a-gap-between-pages",
        "a page answers for every key",
        planned(writing(high=1_500 << c.SEQUENCE_BITS)),
        "TileExchange",
    ),
    page_attack(
        "c: fences old and new balance",
        "overlap-two-pages",
        "one page answers for a key",
        planned(_adding(Page(0, SELL, 1_500 << c.SEQUENCE_BITS))),
        "TileExchange",
    ),
    page_attack(
        "c: tagged by (market, side)",
        "give-a-range-to-the-other-side",
        "the pages of each side tile all keys",
        planned(
            lambda slots: _adding(Page(0, BUY, 1_500 << c.SEQUENCE_BITS))(
                writing(high=1_500 << c.SEQUENCE_BITS)(slots)
            )
        ),
        "TileExchange",
    ),
    page_attack(
        "d: [0, 2^72) never enters",
        "open-a-second-book",
        "a side has one book",
        planned(_adding(Page(0, SELL))),
        "TileExchange",
    ),
    page_attack(
        "d: [0, 2^72) never enters",
        "close-a-book",
        "a side keeps its book",
        planned(
            lambda slots: [
                replace(slot, new=None) if slot is slot_of(slots, ASKS) else slot for slot in slots
            ]
        ),
        "TileExchange",
        scenario=Scenario(
            lambda: Exchange(orders=[resting(1, MAKER, SELL, 1_001, 2)]),
            lambda exchange: exchange.buy(TAKER, 2, 1_001),
        ),
    ),
)
