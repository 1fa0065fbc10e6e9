"""Signals of the micro-steps."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from sequencer.batch.draft import Draft
from sequencer.batch.rows import Row, RowTable
from sequencer.batch.signals import Inputs, one_hot, padded
from sequencer.batch.sizes import BatchSize
from sequencer.batch.trace import MicroStep, trace
from sequencer.model import constants as c
from sequencer.model.message import Message
from sequencer.model.words import to_field, unpack

_MESSAGE_FIELDS = {
    "stepAccount": "account",
    "stepKeyEpoch": "key_epoch",
    "stepNonce": "nonce",
    "stepKind": "kind",
    "stepMarket": "market",
    "stepSide": "side",
    "stepIoc": "ioc",
    "stepPostOnly": "post_only",
    "stepReduceOnly": "reduce_only",
    "stepExpiry": "expiry",
    "stepMaxFee": "max_fee_ppm",
    "stepPrice": "price",
    "stepSize": "size",
    "stepTarget": "target",
}


def step_inputs(draft: Draft, table: RowTable) -> Inputs:
    """One micro-step a row; idle steps come last and repeat the last message."""
    steps = list(trace(draft.events))
    count, idle = draft.size.steps, [None] * (draft.size.steps - len(steps))
    slots = {number: slot for slot, number in enumerate(draft.accounts)}
    takers = [slots[step.message.account] for step in steps] + idle
    owners = [slots[step.message.account if step.maker is None else step.maker] for step in steps] + idle
    lots = _RowLots(draft.size, table)
    views = [lots.look(step) for step in steps] + [_View()] * len(idle)
    rows = range(draft.size.rows)
    return {
        "stepTake": padded((int(step.takes) for step in steps), count),
        **_message_inputs([step.message for step in steps], count),
        "stepTakerSlot": [one_hot(draft.size.accounts, slot) for slot in takers],
        "stepOwnerSlot": [one_hot(draft.size.accounts, slot) for slot in owners],
        "stepRow": [[int(row in (view.opposite, view.own)) for row in rows] for view in views],
        **_row_inputs([None if view.seen is None else table.rows[view.seen] for view in views]),
        "stepRowRemaining": [view.remaining for view in views],
        "stepOwnBefore": [view.own_before for view in views],
        "stepTakerFee": padded((to_field(step.taker_fee) for step in steps), count),
        "stepMakerFee": padded((to_field(step.maker_fee) for step in steps), count),
        "stepQuote": padded((to_field(step.quote) for step in steps), count),
    }


class _View(Struct, frozen=True):
    """The places of the rows that a step selects.

    Attributes
    ----------
    remaining : int
        Of the row that it looks at.
    own_before : int
        What remains in the rows before the own row.
    """

    opposite: int | None = None
    own: int | None = None
    remaining: int = 0
    own_before: int = 0

    @property
    def seen(self) -> int | None:
        """The row that the step looks at: the head of an order, or what a cancel names."""
        return self.own if self.opposite is None else self.opposite


class _RowLots:
    """What remains in the rows, step by step."""

    def __init__(self, size: BatchSize, table: RowTable) -> None:
        self._half = size.half
        self._table = table
        self._lots = [row.remaining if row else 0 for row in table.rows]

    def look(self, step: MicroStep) -> _View:
        """Return what a step finds, and carry out its changes."""
        lots = self._lots
        opposite, own = _opposite_row(step, self._table), _own_row(step, self._table)
        start = 0 if own is None or own < self._half else self._half
        view = _View(opposite, own, own_before=sum(lots[start : own or 0]))
        if view.seen is not None:
            view = replace(view, remaining=lots[view.seen])
        for row, change in ((opposite, step.head_change), (own, step.own_change)):
            if row is not None:
                lots[row] += change
        return view


def _opposite_row(step: MicroStep, table: RowTable) -> int | None:
    """Return the row of the head, or the sentinel's of an empty book; None where nobody looked."""
    if not step.looked:
        return None
    if step.head is None:
        return table.sentinel(step.opposite_group)
    return table.order(step.opposite_group, step.head.key)


def _own_row(step: MicroStep, table: RowTable) -> int | None:
    return None if step.own_key is None else table.order(step.own_group, step.own_key)


def _message_inputs(messages: Sequence[Message], count: int) -> Inputs:
    last = [messages[-1]] * (count - len(messages)) if messages else []
    return {
        signal: padded((int(getattr(message, field)) for message in [*messages, *last]), count)
        for signal, field in _MESSAGE_FIELDS.items()
    }


def _row_inputs(rows: Sequence[Row | None]) -> Inputs:
    """Return the fields of the head of an order, or of what a cancel names."""
    orders = [row.order if row else None for row in rows]
    return {
        "stepRowSentinel": [int(row is not None and row.is_sentinel) for row in rows],
        "stepRowRank": [row.key >> c.SEQUENCE_BITS if row else 0 for row in rows],
        "stepRowSequence": [unpack(row.key, 0, c.SEQUENCE_BITS) if row else 0 for row in rows],
        "stepRowAccount": [order.account if order else 0 for order in orders],
        "stepRowExpiry": [order.expiry if order else 0 for order in orders],
        "stepRowMaxFee": [order.max_fee_ppm if order else 0 for order in orders],
        "stepRowReduceOnly": [int(order is not None and order.reduce_only) for order in orders],
    }
