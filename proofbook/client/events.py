"""What a stream pushes, with prices, sizes and money as decimals; books as the venue prints them."""

from proofbook.client.results import Fill, Mark, MessageState, Order, Ticker, Trade, Transfer
from sequencer.service.wire.scalars import Body
from sequencer.service.wire.stream import (
    BatchesPush,
    BookPush,
    DeadManFired,
    DeadManVoid,
    Finalized,
    Heartbeat,
    Proven,
    Push,
)


class TradesPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="trades"):
    """Trades, in the order in which they happened."""

    market: str
    trades: list[Trade]


class TickerPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="ticker"):
    """A market's 24 hours."""

    market: str
    ticker: Ticker


class MarksPush(Push, frozen=True, kw_only=True, tag_field="channel", tag="marks"):
    """Marks of all markets."""

    marks: list[Mark]


class Accepted(Body, frozen=True, kw_only=True, tag_field="type", tag="accepted"):
    """A message has its sequence and its verdict."""

    message: MessageState


class Refused(Body, frozen=True, kw_only=True, tag_field="type", tag="refused"):
    """A message of an undone batch is not sequenced again; its verdict is the code of the refusal."""

    message: MessageState


class Resting(Body, frozen=True, kw_only=True, tag_field="type", tag="resting"):
    """An order, or what was left of it, has entered the book."""

    order: Order


class Filled(Body, frozen=True, kw_only=True, tag_field="type", tag="filled"):
    """A trade; `order` as it is after it, None where nobody signed one."""

    fill: Fill
    order: Order | None


class Cancelled(Body, frozen=True, kw_only=True, tag_field="type", tag="cancelled"):
    """An order has ended; its reason says why."""

    order: Order


class Expired(Body, frozen=True, kw_only=True, tag_field="type", tag="expired"):
    """An order's time is over."""

    order: Order


class Rejected(Body, frozen=True, kw_only=True, tag_field="type", tag="rejected"):
    """An order, or what was left of it, has not entered the book; its reason says why."""

    order: Order


class Transferred(Body, frozen=True, kw_only=True, tag_field="type", tag="transfer"):
    """A request of L1 was carried out."""

    transfer: Transfer


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
    """What happened to the account; a snapshot has the orders that rest instead."""

    events: list[AccountEvent]
    orders: list[Order] | None = None


StreamPush = BookPush | TradesPush | TickerPush | MarksPush | BatchesPush | AccountPush
"""What a stream yields."""

AnyPush = StreamPush | Heartbeat
