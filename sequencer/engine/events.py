"""What the engine did. A message yields one `MessageSequenced` and then one event a micro-step.

The events of micro-steps carry what judging them took (`head`, candidate fees), so that a batch can be
proven from events alone.
"""

from msgspec import Struct

from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Outcome, Request


class EpochOpened(Struct, frozen=True, gc=False):
    """Marks in ticks, one a market slot (0 without a market)."""

    timestamp: int
    marks: tuple[int, ...]


class RequestProcessed(Struct, frozen=True, gc=False):
    """`free` is the signed amount an owner could have taken just before a withdrawal; 0 for other kinds."""

    request: Request
    outcome: Outcome
    free: int


class MessageSequenced(Struct, frozen=True, gc=False):
    """A message got its place in the order of all messages.

    Attributes
    ----------
    authenticated : bool
        False exactly when the verdict is `KEY_EPOCH` or the message is a liquidation.
    forced : bool
        Whether L1 demanded it: its owner's transaction stands for the signature.
    """

    sequence: int
    message: Message
    authenticated: bool
    forced: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether a signature came with it: not with one from L1, nor with what the state decides."""
        return not self.forced and not self.message.is_unsigned


class Dropped(Struct, frozen=True, gc=False):
    """The message, or what remained of it, ended with a verdict and without a trace in the book.

    `looked` tells whether the opposite book was looked at; `head` is its first order as it stood before the
    step. The fees are those at the candidate quantity when the taker was judged, else 0. `quote` is what the
    insurance fund would have taken the remainder for, where it could not.
    """

    sequence: int
    verdict: Verdict
    remaining: int
    looked: bool = False
    head: Order | None = None
    taker_fee: int = 0
    maker_fee: int = 0
    quote: int = 0


class Rested(Struct, frozen=True, gc=False):
    """The order entered the book; `head` is the first order of the opposite book, which it did not cross."""

    order: Order
    head: Order | None


class Filled(Struct, frozen=True, gc=False):
    """A trade at the maker's price. `head` is the maker's order before the fill; fees are in quote units."""

    sequence: int
    taker: int
    head: Order
    quantity: int
    taker_fee: int
    maker_fee: int
    taker_remaining: int


class MakerRemoved(Struct, frozen=True, gc=False):
    """A resting order that could not trade left the book; the taker goes on."""

    sequence: int
    verdict: Verdict
    head: Order
    taker_fee: int
    maker_fee: int
    taker_remaining: int


class Cancelled(Struct, frozen=True, gc=False):
    """The owner's cancel removed `order` (as it stood)."""

    sequence: int
    order: Order


class CancelledAll(Struct, frozen=True, gc=False):
    """All older orders of the account are dead from this sequence on."""

    sequence: int
    account: int


class BookExhausted(Struct, frozen=True, gc=False):
    """A liquidation found no order, or `head`, beyond the bankruptcy price; the insurance fund is next.

    The fees are those at the candidate quantity, 0 without a head.
    """

    sequence: int
    remaining: int
    head: Order | None
    taker_fee: int = 0
    maker_fee: int = 0


class TakenOver(Struct, frozen=True, gc=False):
    """The insurance fund took what remained of a liquidation, at the bankruptcy price.

    Attributes
    ----------
    side : int
        On which the account traded.
    quote : int
        What the lots went for, signed: the buyer paid it.
    """

    sequence: int
    account: int
    market: int
    side: int
    quantity: int
    quote: int


class ShortfallCharged(Struct, frozen=True, gc=False):
    """What the insurance fund was short of when a batch ended was charged to the winning side.

    Attributes
    ----------
    side : int
        That closes what lost: `SELL` where longs did, so that the shorts of the market are charged.
    amount : int
        What the fund got, quote units.
    index : int
        By how much the index of the winning side rose.
    """

    market: int
    side: int
    amount: int
    index: int


StepEvent = Dropped | Rested | Filled | MakerRemoved | Cancelled | CancelledAll | BookExhausted | TakenOver
Event = EpochOpened | RequestProcessed | MessageSequenced | StepEvent | ShortfallCharged
