"""The micro-steps of a batch, read from the engine's events."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    Dropped,
    EpochOpened,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    Rested,
    ShortfallCharged,
    StepEvent,
    TakenOver,
)
from sequencer.model import constants as c
from sequencer.model.codes import Side, Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order, book_key, rank_of
from sequencer.state.pages import Group


class MicroStep(Struct, frozen=True, gc=False):
    """One row of the circuit's step table.

    Attributes
    ----------
    takes : bool
        Whether the step takes the next message; else it goes on with the last one.
    looked : bool
        Whether it was judged against the opposite book, whose first order was `head`.
    own_key : int or None
        Key of the order of the own side that it places or names.
    taker_fee, maker_fee : int
        At the candidate quantity, where the taker was judged; quote units.
    own_change, head_change : int
        Lots that enter or leave the order of `own_key`, and that leave the head.
    takes_over : bool
        Whether it is the insurance fund's turn in a liquidation.
    quote : int
        What the fund's lots go for, signed.
    """

    message: Message
    takes: bool
    looked: bool = False
    head: Order | None = None
    own_key: int | None = None
    taker_fee: int = 0
    maker_fee: int = 0
    own_change: int = 0
    head_change: int = 0
    takes_over: bool = False
    quote: int = 0

    @property
    def own_group(self) -> Group:
        """The side of the book on which the message would rest."""
        return self.message.market, self.message.side

    @property
    def opposite_group(self) -> Group:
        """The side of the book that the message meets."""
        return self.message.market, Side(self.message.side).opposite

    @property
    def maker(self) -> int | None:
        """The head's account, if the message's limit price crosses the head; the fund in its own turn."""
        if self.takes_over:
            return c.INSURANCE_ACCOUNT
        if self.head is None:
            return None
        limit = rank_of(self.head.side, self.message.price)
        return self.head.account if rank_of(self.head.side, self.head.price) <= limit else None


def trace(events: Iterable[Event]) -> Iterator[MicroStep]:
    """Return the micro-steps of whole commands, in order."""
    message: Message | None = None
    takes = takes_over = False
    for event in events:
        if isinstance(event, MessageSequenced):
            message, takes = event.message, True
        elif message is not None and not isinstance(event, EpochOpened | RequestProcessed | ShortfallCharged):
            yield _funds_step(message, event) if takes_over else _micro_step(message, takes, event)
            takes, takes_over = False, isinstance(event, BookExhausted)


def _micro_step(message: Message, takes: bool, event: StepEvent) -> MicroStep:
    match event:
        case Rested(order=order, head=head):
            return MicroStep(message, takes, True, head, order.key, own_change=order.remaining)
        case Cancelled(order=order):
            return MicroStep(message, takes, own_key=order.key, own_change=-order.remaining)
        case Dropped(verdict=Verdict.NOT_FOUND):
            key = book_key(message.side, message.price, message.target)
            return MicroStep(message, takes, own_key=key)
        case Dropped(looked=looked, head=head):
            return MicroStep(message, takes, looked, head, None, event.taker_fee, event.maker_fee)
        case BookExhausted(head=head):
            return MicroStep(message, takes, True, head, None, event.taker_fee, event.maker_fee)
        case Filled(head=head, quantity=lots) | MakerRemoved(head=Order(remaining=lots) as head):
            fees = event.taker_fee, event.maker_fee
            return MicroStep(message, takes, True, head, None, *fees, head_change=-lots)
        case _:
            return MicroStep(message, takes)


def _funds_step(message: Message, event: StepEvent) -> MicroStep:
    assert isinstance(event, TakenOver | Dropped), "a fund takes over or does not"
    return MicroStep(message, takes=False, takes_over=True, quote=event.quote)
