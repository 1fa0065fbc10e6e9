"""Signals of the rows: the orders that the batch touches or passes, sorted once."""

from collections.abc import Mapping

from msgspec import Struct

from sequencer.batch.draft import Draft, Place
from sequencer.batch.plan import GroupRows
from sequencer.batch.signals import Inputs, one_hot
from sequencer.model import constants as c
from sequencer.model.order import Order
from sequencer.model.words import unpack
from sequencer.state.pages import Group


class Row(Struct, frozen=True):
    """One row of the table.

    Attributes
    ----------
    order : Order or None
        The order as it was loaded or placed; None for a sentinel, a ghost, and a new key that nobody placed.
    remaining : int
        Before the batch; 1 for a sentinel.
    page : int or None
        The slot of the loaded page that answers for the key when the batch ends.
    """

    group: Group
    key: int
    order: Order | None = None
    is_sentinel: bool = False
    is_ghost: bool = False
    remaining: int = 0
    page: int | None = None


class RowTable:
    """All rows of a batch at their places: the first half bids, the others asks."""

    def __init__(self, draft: Draft) -> None:
        size, placed = draft.size, draft.placed()
        self._pages = size.pages
        self.rows: list[Row | None] = [None] * size.rows
        self._orders: dict[Place, int] = {}
        self._sentinels: dict[Group, int] = {}
        ends = [0, size.half]
        for group in draft.plan.groups:
            for row in _group_rows(draft, placed, group):
                place = ends[row.group[1]]
                ends[row.group[1]] += 1
                self.rows[place] = row
                if row.is_sentinel:
                    self._sentinels[row.group] = place
                else:
                    self._orders[row.group, row.key] = place

    def order(self, group: Group, key: int) -> int:
        """Return the place of an order's row."""
        return self._orders[group, key]

    def sentinel(self, group: Group) -> int:
        """Return the place of a group's sentinel."""
        return self._sentinels[group]

    def inputs(self) -> Inputs:
        """Return the row signals."""
        rows = self.rows
        orders = [row.order if row else None for row in rows]
        return {
            "rowUsed": [int(row is not None) for row in rows],
            "rowSentinel": [int(row is not None and row.is_sentinel) for row in rows],
            "rowGhost": [int(row is not None and row.is_ghost) for row in rows],
            "rowMarket": [row.group[0] if row else 0 for row in rows],
            "rowRank": [row.key >> c.SEQUENCE_BITS if row else 0 for row in rows],
            "rowSequence": [unpack(row.key, 0, c.SEQUENCE_BITS) if row else 0 for row in rows],
            "rowAccount": [order.account if order else 0 for order in orders],
            "rowExpiry": [order.expiry if order else 0 for order in orders],
            "rowMaxFee": [order.max_fee_ppm if order else 0 for order in orders],
            "rowReduceOnly": [int(order is not None and order.reduce_only) for order in orders],
            "rowRemaining": [row.remaining if row else 0 for row in rows],
            "rowPage": [one_hot(self._pages, row.page if row else None) for row in rows],
        }


def _group_rows(draft: Draft, placed: Mapping[Place, Order], group: GroupRows) -> list[Row]:
    page = draft.plan.slot(group.group, group.reach)
    sentinel = Row(group.group, group.reach, is_sentinel=True, remaining=1, page=page)
    orders = [_order_row(draft, placed, group.group, key) for key in group.keys]
    return sorted([sentinel, *orders], key=lambda row: (row.key, not row.is_sentinel))


def _order_row(draft: Draft, placed: Mapping[Place, Order], group: Group, key: int) -> Row:
    page = draft.plan.slot(group, key)
    if unpack(key, 0, c.SEQUENCE_BITS) >= draft.ledger.counters.next_sequence:
        return Row(group, key, placed.get((group, key)), page=page)
    order = draft.ledger.layout[draft.ledger.layout.answering(group, key)].find(key)
    if order is None:
        return Row(group, key, is_ghost=True, page=page)
    return Row(group, key, order, remaining=order.remaining, page=page)
