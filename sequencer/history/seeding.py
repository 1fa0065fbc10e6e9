"""A projector that goes on from a snapshot of the state, with what the history knows of it."""

from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from sequencer.engine.state import State
from sequencer.history.errors import HistoryBehindError
from sequencer.history.pages import PAGE_MAX
from sequencer.history.projector import Projector
from sequencer.history.store import HistoryStore
from sequencer.history.types import Fill, OrderRecord, OrderStatus
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order


def projector_after(state: State, batch: int, history: HistoryStore) -> Projector:
    """Return the projector for the entries behind a batch; the history may be further, but not less far.

    Parameters
    ----------
    state
        As the batch left it; 0 is the genesis.

    Raises
    ------
    HistoryBehindError
        If the history does not reach the end of the batch.
    """
    progress = history.batch(batch)
    if batch > 0 and (progress is None or progress.state is None):
        raise HistoryBehindError(
            f"the history at entry {history.position} does not hold the end of batch {batch}"
        )
    resting = [
        order
        for slot in range(c.MARKETS)
        for side in Side
        for order in state.book(slot, side)
        if _is_live(state, order)
    ]
    return Projector(
        state.domain,
        _records(resting, batch, history),
        next_sequence=state.next_sequence,
        requests_consumed=state.requests_consumed,
        period=state.period,
        batches=history.unfinished_batches(),
    )


def _is_live(state: State, order: Order) -> bool:
    return order.expiry >= state.timestamp and order.sequence >= state.account(order.account).dead_below


def _records(orders: list[Order], batch: int, history: HistoryStore) -> Iterator[OrderRecord]:
    """Return the orders as they were when the batch ended: what the history knows, less the fills since."""
    since: dict[int, list[Fill]] = defaultdict(list)
    for account in {order.account for order in orders}:
        for fill in _fills_after(batch, account, history):
            since[fill.order_sequence].append(fill)
    for order in orders:
        record = history.order_at(order.account, order.sequence)
        if record is None:
            raise HistoryBehindError(
                f"the history at entry {history.position} does not hold order {order.sequence}"
            )
        later = since[order.sequence]
        yield replace(
            record,
            status=OrderStatus.RESTING,
            reason="",
            filled=record.size - order.remaining,
            filled_value=record.filled_value - sum(fill.price * fill.size for fill in later),
            fee=record.fee - sum(fill.fee for fill in later),
        )


def _fills_after(batch: int, account: int, history: HistoryStore) -> Iterator[Fill]:
    before: int | None = None
    while True:
        page = history.fills(account, before, PAGE_MAX)
        for fill in page.rows:
            if fill.batch <= batch:
                return
            yield fill
        if page.next is None:
            return
        before = page.next
