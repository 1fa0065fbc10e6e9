"""What a projection means to one account, told as events."""

from collections.abc import Iterator
from typing import Final

from sequencer.history.types import BatchProgress, OrderRecord, OrderStatus, Projection
from sequencer.service.wire.account import TransferBody
from sequencer.service.wire.market import transaction_text
from sequencer.service.wire.numbers import Markets
from sequencer.service.wire.orders import FillBody, MessageState, OrderBody
from sequencer.service.wire.stream import (
    Accepted,
    AccountEvent,
    Cancelled,
    Expired,
    Filled,
    Finalized,
    Proven,
    Refused,
    Rejected,
    Resting,
    Transferred,
)
from sequencer.store.life import BatchState

_ENDS: Final[dict[OrderStatus, type[Cancelled] | type[Expired] | type[Rejected]]] = {
    OrderStatus.CANCELLED: Cancelled,
    OrderStatus.EXPIRED: Expired,
    OrderStatus.REJECTED: Rejected,
}


def events_of(projection: Projection, account: int, markets: Markets) -> Iterator[AccountEvent]:
    """Yield what happened to an account's message, its orders and its money, in that order.

    An order that was filled appears beside each of its fills as it is after all of them; it has an event of
    its own where it entered the book or ended otherwise.
    """
    orders = [order for order in projection.orders if order.account == account]
    bodies = {order.sequence: OrderBody.of(order, markets) for order in orders}
    answer = projection.answer
    if answer is not None and answer.account == account:
        message = MessageState.of(answer, bodies.get(answer.sequence))
        yield Accepted(message=message) if answer.sequence else Refused(message=message)
    for fill in projection.fills:
        if fill.account == account:
            yield Filled(fill=FillBody.of(fill, markets), order=bodies.get(fill.order_sequence))
    new = answer.sequence if answer is not None else 0
    for order in orders:
        yield from _standing(order, bodies[order.sequence], is_new=order.sequence == new)
    for transfer in projection.transfers:
        if transfer.account == account:
            yield Transferred(transfer=TransferBody.of(transfer))


def progress_event(progress: BatchProgress) -> AccountEvent | None:
    """Return what a batch's progress means to the accounts that are in it; None if nothing."""
    if progress.state is BatchState.PROVEN:
        return Proven(batch=progress.number)
    if progress.state is BatchState.FINAL:
        return Finalized(batch=progress.number, transaction=transaction_text(progress))
    return None


def _standing(order: OrderRecord, body: OrderBody, *, is_new: bool) -> Iterator[AccountEvent]:
    if order.status in _ENDS:
        yield _ENDS[order.status](order=body)
    elif order.status is OrderStatus.RESTING and is_new:
        yield Resting(order=body)
