"""What goes over a stream: operations of the client, their answers, and pushes."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Raw, UnsetType

from sequencer.service.wire.account import TransferBody
from sequencer.service.wire.market import BatchBody, Change, MarkBody, TickerBody, TradeBody
from sequencer.service.wire.messages import MessageList
from sequencer.service.wire.orders import FillBody, MessageState, OrderBody
from sequencer.service.wire.scalars import Body, Entry, Refusal, Request, Symbol, TokenText

OperationId = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
ChannelName = Literal["book", "trades", "ticker", "marks", "batches", "account"]
CLOSE_MALFORMED: Final = 4000
CLOSE_TOKEN: Final = 4001
CLOSE_TOO_MANY: Final = 4003
CLOSE_SLOW: Final = 4008
CLOSE_AWAY: Final = 1001
CLOSE_INTERNAL: Final = 1011


class Subscribe(Request, frozen=True, kw_only=True, tag_field="op", tag="subscribe"):
    """Begin a channel: with a snapshot, or with everything after the entry `since`."""

    id: OperationId
    channel: ChannelName
    market: Symbol | None = None
    since: Entry | None = None


class Unsubscribe(Request, frozen=True, kw_only=True, tag_field="op", tag="unsubscribe"):
    """End a channel."""

    id: OperationId
    channel: ChannelName
    market: Symbol | None = None


class Auth(Request, frozen=True, kw_only=True, tag_field="op", tag="auth"):
    """Show a token: the account channel is open to its account."""

    id: OperationId
    token: TokenText


class Submit(Request, frozen=True, kw_only=True, tag_field="op", tag="submit"):
    """Send messages, as POST /v1/orders/batch."""

    id: OperationId
    messages: MessageList


class Ping(Request, frozen=True, kw_only=True, tag_field="op", tag="ping"):
    """Ask for an answer."""

    id: OperationId


Operation = Subscribe | Unsubscribe | Auth | Submit | Ping


class OperationAnswer(Body, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to an operation: a result, or why there is none."""

    id: int
    result: Raw | UnsetType = UNSET
    error: Refusal | UnsetType = UNSET


class Subscribed(Body, frozen=True, kw_only=True):
    """A channel has begun; `prev` of its first push is `entry`."""

    channel: ChannelName
    market: str | None
    entry: int


class Unsubscribed(Body, frozen=True, kw_only=True):
    """A channel has ended."""

    channel: ChannelName
    market: str | None


class Authenticated(Body, frozen=True, kw_only=True):
    """The token is good."""

    account: int
    expires_ms: int


class Pong(Body, frozen=True, kw_only=True):
    """The answer to a ping."""

    time_ms: int


class Push(Body, frozen=True, kw_only=True):
    """What every push has: `prev` is the entry of the push before on its channel."""

    entry: int
    prev: int
    time_ms: int
    snapshot: bool


class BookPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="book"):
    """Levels that changed, as they are now; in a snapshot all of them."""

    market: str
    bids: list[Change]
    asks: list[Change]
    checksum: int


class TradesPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="trades"):
    """Trades, in the order in which they happened."""

    market: str
    trades: list[TradeBody]


class TickerPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="ticker"):
    """A market's 24 hours."""

    market: str
    ticker: TickerBody


class MarksPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="marks"):
    """Marks of all markets."""

    marks: list[MarkBody]


class BatchesPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="batches"):
    """Batches that are further than before."""

    batches: list[BatchBody]


class Accepted(Body, frozen=True, kw_only=True, tag_field="type", tag="accepted"):
    """A message has its sequence and its verdict."""

    message: MessageState


class Refused(Body, frozen=True, kw_only=True, tag_field="type", tag="refused"):
    """A message of an undone batch is not sequenced again; its verdict is the code of the refusal."""

    message: MessageState


class Resting(Body, frozen=True, kw_only=True, tag_field="type", tag="resting"):
    """An order, or what was left of it, has entered the book."""

    order: OrderBody


class Filled(Body, frozen=True, kw_only=True, tag_field="type", tag="filled"):
    """A trade; `order` as it is after the entry, null where nobody signed one."""

    fill: FillBody
    order: OrderBody | None


class Cancelled(Body, frozen=True, kw_only=True, tag_field="type", tag="cancelled"):
    """An order has ended; its reason says why."""

    order: OrderBody


class Expired(Body, frozen=True, kw_only=True, tag_field="type", tag="expired"):
    """An order's time is over."""

    order: OrderBody


class Rejected(Body, frozen=True, kw_only=True, tag_field="type", tag="rejected"):
    """An order, or what was left of it, has not entered the book; its reason says why."""

    order: OrderBody


class Transferred(Body, frozen=True, kw_only=True, tag_field="type", tag="transfer"):
    """A request of L1 was carried out."""

    transfer: TransferBody


class Proven(Body, frozen=True, kw_only=True, tag_field="type", tag="proven"):
    """A batch that concerns the account is proven."""

    batch: int


class Finalized(Body, frozen=True, kw_only=True, tag_field="type", tag="final"):
    """A batch that concerns the account is final on L1."""

    batch: int
    transaction: str | None


class DeadManFired(Body, frozen=True, kw_only=True, tag_field="type", tag="dead_man_fired"):
    """The cancel-all that was kept has been sequenced."""

    nonce: int


class DeadManVoid(Body, frozen=True, kw_only=True, tag_field="type", tag="dead_man_void"):
    """The cancel-all that was kept is gone: it could not be sequenced any more, or it was taken back."""

    nonce: int


AccountEvent = (
    Accepted
    | Refused
    | Resting
    | Filled
    | Cancelled
    | Expired
    | Rejected
    | Transferred
    | Proven
    | Finalized
    | DeadManFired
    | DeadManVoid
)


class AccountPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="account"):
    """What happened to an account; `orders` are all that rest, in a snapshot alone."""

    events: list[AccountEvent]
    orders: list[OrderBody] | None = None


class Heartbeat(Body, frozen=True, kw_only=True, tag_field="channel", tag="heartbeat"):
    """Nothing else was to be said for a while."""

    time_ms: int


AnyPush = BookPush | TradesPush | TickerPush | MarksPush | BatchesPush | AccountPush | Heartbeat
"""What a client gets that is no answer to an operation: it has `channel`, an answer has `id`."""
