"""Signals of the book pages."""

from collections.abc import Mapping, Sequence

from sequencer.batch.draft import Draft
from sequencer.batch.plan import PageSlot
from sequencer.batch.signals import Inputs, padded
from sequencer.batch.tables import tree_inputs
from sequencer.model import constants as c
from sequencer.state.pages import Group, Page

RowKeys = Mapping[Group, frozenset[int]]
"""The keys of the orders that are rows, by (market, side)."""

_NO_ORDERS = [0] * c.PAGE_ORDERS


def page_inputs(draft: Draft) -> Inputs:
    """Return the pages as they were and as they end, with their paths once the slots before are written."""
    slots, count = draft.plan.pages, draft.size.pages
    row_keys = {group.group: frozenset(group.keys) for group in draft.plan.groups}
    leaves = [slot.new.leaf() if slot.new else 0 for slot in slots]
    return {
        "pageEnabled": padded((1 for _ in slots), count),
        "pageIndex": padded((slot.index for slot in slots), count),
        "pageWas": padded((int(slot.old is not None) for slot in slots), count),
        "pageIs": padded((int(slot.new is not None) for slot in slots), count),
        "pageFront": padded((int(slot.front) for slot in slots), count),
        "pageFull": padded((int(_is_full(slot, row_keys)) for slot in slots), count),
        **_half("pageOld", [slot.old for slot in slots], row_keys, count),
        **_half("pageNew", [slot.new for slot in slots], row_keys, count),
        **tree_inputs("page", draft.ledger.page_tree(), [slot.index for slot in slots], leaves, count),
    }


def _is_full(slot: PageSlot, row_keys: RowKeys) -> bool:
    return slot.old is None or all(_row_flags(slot.old, row_keys))


def _half(name: str, enabled: Sequence[Page | None], row_keys: RowKeys, count: int) -> Inputs:
    pages = [*enabled, *[None] * (count - len(enabled))]
    return {
        f"{name}Market": [page.market if page else 0 for page in pages],
        f"{name}Side": [int(page.side) if page else 0 for page in pages],
        f"{name}Low": [page.low if page else 0 for page in pages],
        f"{name}High": [page.high if page else 0 for page in pages],
        f"{name}Word": [list(page.words()) if page else _NO_ORDERS for page in pages],
        f"{name}Row": [
            padded(_row_flags(page, row_keys), c.PAGE_ORDERS) if page else _NO_ORDERS for page in pages
        ],
    }


def _row_flags(page: Page, row_keys: RowKeys) -> list[int]:
    return [int(order.key in row_keys[page.group]) for order in page.orders]
