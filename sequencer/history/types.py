"""The records of the history, and what one journal entry changes in them: integers, in ticks, lots, units."""

from enum import Enum

import msgspec

from sequencer.store.life import BatchState


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What never changes once it is made; its bytes are its fields in their order.

    The collector does not follow it: what a record holds never leads back to it.
    """


class OrderStatus(Enum):
    """Where an order stands; the last four are ends."""

    RESTING = "resting"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class Role(Enum):
    """In which part an account traded; `FUND` took a position over, `LIQUIDATED` gave it up."""

    MAKER = "maker"
    TAKER = "taker"
    LIQUIDATED = "liquidated"
    FUND = "fund"


class OrderRecord(Record, frozen=True):
    """An order from its sequencing to its end.

    Attributes
    ----------
    nonce : int
        The client's own name for the order: no two messages of an account have the same.
    sequence : int
        Its place among all messages; a cancel names it.
    filled : int
        Lots traded so far.
    filled_value : int
        Sum of price x lots over its fills, in ticks x lots.
    fee : int
        Quote units paid so far, negative where rebates were more.
    reason : str
        Name of the verdict that ended it, in lower case, or "liquidation" where one cancelled it; empty while
        it rests or when it was filled.
    received_ms, updated_ms : int
        UTC; when the node had it, and when it last changed.
    entry : int
        Journal entry of the last change.
    """

    account: int
    nonce: int
    sequence: int
    batch: int
    market: int
    side: int
    price: int
    size: int
    ioc: bool
    post_only: bool
    reduce_only: bool
    expiry: int
    max_fee_ppm: int
    message_hash: int
    received_ms: int
    updated_ms: int
    entry: int
    status: OrderStatus
    reason: str = ""
    filled: int = 0
    filled_value: int = 0
    fee: int = 0

    @property
    def remaining(self) -> int:
        """Lots that still rest; 0 once it has ended."""
        return self.size - self.filled if self.status is OrderStatus.RESTING else 0


class MessageRecord(Record, frozen=True):
    """What a signed message came to: the one answer to it, however often it is sent.

    Attributes
    ----------
    verdict : str
        Name of the verdict in lower case: "accepted" for an order that traded or rests, "cancelled" for a
        cancel that found its order and for a cancel-all.
    cancelled : tuple of int
        Sequences of the orders that it cancelled.
    """

    account: int
    nonce: int
    kind: int
    message_hash: int
    sequence: int
    batch: int
    received_ms: int
    entry: int
    verdict: str
    cancelled: tuple[int, ...] = ()


class Fill(Record, frozen=True):
    """One account's part in one trade: `fee` is in quote units, negative for a rebate.

    Attributes
    ----------
    order_sequence, nonce : int
        Of the account's own order; 0 where nobody signed one.
    price : int
        Ticks; 0 in a take-over, which has a value instead of a price.
    value : int
        Quote units that the buyer paid; negative where, in a take-over, it was the seller who paid.
    trade : int
        Number of the trade: sequence of the taker's message * 2^8 + its place among that message's fills.
    """

    account: int
    market: int
    side: int
    price: int
    size: int
    value: int
    fee: int
    role: Role
    trade: int
    order_sequence: int
    nonce: int
    batch: int
    time_ms: int
    entry: int


class Trade(Record, frozen=True):
    """A public trade; `side` is the taker's."""

    market: int
    price: int
    size: int
    side: int
    trade: int
    liquidation: bool
    batch: int
    time_ms: int
    entry: int


class Level(Record, frozen=True):
    """A price level of a book as it is now; 0 lots and orders where it is gone."""

    side: int
    price: int
    size: int
    orders: int


class Transfer(Record, frozen=True):
    """A request of L1 that concerns an account, with what came of it: `kind` names it in lower case.

    Attributes
    ----------
    amount : int
        Quote units deposited, or asked to withdraw.
    paid : int
        Quote units that L1 owes the owner for it.
    place : int
        In the L1 queue, from 0 up.
    """

    account: int
    kind: str
    amount: int
    paid: int
    refused: bool
    place: int
    batch: int
    time_ms: int
    entry: int


class FundingRate(Record, frozen=True):
    """The rate of a market for one funding period: positive where longs pay."""

    market: int
    period: int
    rate_ppm: int
    mark: int
    time_ms: int
    entry: int


class Mark(Record, frozen=True):
    """What the oracle says of a market when a batch is opened: status is a `MarketStatus`."""

    market: int
    price: int
    status: int
    time_ms: int
    entry: int


class BatchProgress(Record, frozen=True):
    """How far a batch is: `state` None while it is open.

    Attributes
    ----------
    requests_end, epoch_hash : int
        What its receipts promise beside its number and timestamp; 0 until it is closed.
    """

    number: int
    timestamp: int
    first_sequence: int
    messages: int
    requests: int
    state: BatchState | None
    transaction: bytes
    updated_ms: int
    entry: int
    requests_end: int = 0
    epoch_hash: int = 0


class Candle(Record, frozen=True):
    """Trades of one interval: prices in ticks, volume in lots; begins at `start_ms`."""

    market: int
    interval_seconds: int
    start_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    trades: int


class Projection(Record, frozen=True):
    """Everything that one journal entry changed.

    Attributes
    ----------
    number : int
        Of the entry: what streams count by.
    levels : dict of int to tuple of Level
        The changed levels of each market's book.
    orders : tuple of OrderRecord
        Orders that changed, as they are now, in the order of their changes; an order that was filled twice by
        one message is there once.
    answer : MessageRecord or None
        Of the signed message, where the entry sequenced one.
    touched : frozenset of int
        Accounts whose money, positions or orders may have changed.
    placed : int
        Sequence of the order that is new, 0 if there is none: others were there before.
    """

    number: int
    time_ms: int
    batch: int
    trades: tuple[Trade, ...] = ()
    fills: tuple[Fill, ...] = ()
    orders: tuple[OrderRecord, ...] = ()
    levels: dict[int, tuple[Level, ...]] = {}
    transfers: tuple[Transfer, ...] = ()
    funding: tuple[FundingRate, ...] = ()
    marks: tuple[Mark, ...] = ()
    progress: tuple[BatchProgress, ...] = ()
    answer: MessageRecord | None = None
    touched: frozenset[int] = frozenset()
    placed: int = 0
