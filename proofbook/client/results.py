"""What the exchange answers, with prices, sizes and money as decimals."""

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Generic, Literal, NamedTuple, TypeVar

from sequencer.service.wire.market import StatusText
from sequencer.service.wire.orders import KindText, ReceiptBody
from sequencer.service.wire.scalars import Body, SideText

Item = TypeVar("Item")
Interval = Literal["1m", "5m", "15m", "1h", "4h", "1d"]


class Page(Body, Generic[Item], frozen=True, kw_only=True):
    """Some items, newest first; `next` is what to ask for the page that follows, null behind the last one."""

    items: list[Item]
    next: int | None


class Items(Body, Generic[Item], frozen=True, kw_only=True):
    """All items."""

    items: list[Item]


class Market(Body, frozen=True, kw_only=True):
    """A market, with the margin rates in force; longs pay `funding_rate_ppm` in `funding_seconds`."""

    symbol: str
    slot: int
    tick_size: Decimal
    lot_size: Decimal
    min_size: Decimal
    max_position: Decimal
    mark: Decimal
    oracle_time: int
    status: StatusText
    halted_until: int
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    price_band_ppm: int
    liquidation_fee_ppm: int
    funding_rate_ppm: int
    funding_seconds: int
    open_interest: Decimal

    def round_price(self, price: Decimal) -> Decimal:
        """Return the nearest multiple of the tick."""
        return _rounded(price, self.tick_size, ROUND_HALF_EVEN)

    def round_size(self, size: Decimal) -> Decimal:
        """Return the largest multiple of the lot that is not above a size."""
        return _rounded(size, self.lot_size, ROUND_FLOOR)


class BookRow(NamedTuple):
    """A level of a book: price, size, and how many orders."""

    price: Decimal
    size: Decimal
    orders: int


class Book(Body, frozen=True, kw_only=True):
    """The best levels of a book, best first; the checksum is of the first ten."""

    market: str
    entry: int
    time_ms: int
    checksum: int
    bids: list[BookRow]
    asks: list[BookRow]


class Trade(Body, frozen=True, kw_only=True):
    """A trade; `side` is the taker's."""

    market: str
    price: Decimal
    size: Decimal
    side: SideText
    trade: int
    liquidation: bool
    batch: int
    time_ms: int
    entry: int


class Candle(Body, frozen=True, kw_only=True):
    """Trades of one interval; none stands for an interval without a trade."""

    start_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int


class Ticker(Body, frozen=True, kw_only=True):
    """A market's 24 hours; no prices before its first trade."""

    market: str
    last: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    change: Decimal | None
    volume: Decimal
    trades: int


class Funding(Body, frozen=True, kw_only=True):
    """The funding rate of one period: positive where longs pay."""

    market: str
    period: int
    rate_ppm: int
    mark: Decimal
    time_ms: int
    entry: int


class Mark(Body, frozen=True, kw_only=True):
    """What the oracle says of a market when a batch opens."""

    market: str
    price: Decimal
    status: StatusText
    time_ms: int
    entry: int


class Position(Body, frozen=True, kw_only=True):
    """A position; `size` is negative where it is short, `value` is at the mark and signed as the size is."""

    market: str
    size: Decimal
    mark: Decimal
    value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal


class Account(Body, frozen=True, kw_only=True):
    """What an account has; `nonce` is the highest one consumed."""

    account: int
    entry: int
    time_ms: int
    key_epoch: int
    nonce: int
    tier: int
    maker_ppm: int
    taker_ppm: int
    collateral: Decimal
    equity: Decimal
    free_collateral: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    open_orders_value: Decimal
    positions: list[Position]

    def position(self, market: str) -> Decimal:
        """Return the signed size of a position, 0 if there is none."""
        return next((each.size for each in self.positions if each.market == market), Decimal(0))


class Transfer(Body, frozen=True, kw_only=True):
    """A request of L1 that concerns the account; `place` is its place in the queue there."""

    kind: str
    amount: Decimal
    paid: Decimal
    refused: bool
    place: int
    batch: int
    time_ms: int
    entry: int


class Order(Body, frozen=True, kw_only=True):
    """An order as it was when the exchange told; `nonce` is the client's own name for it.

    `filled_value` and `fee` are money, the fee negative where rebates were more; `reason` says why it ended.
    """

    account: int
    nonce: int
    sequence: int
    batch: int
    market: str
    side: SideText
    price: Decimal
    size: Decimal
    filled: Decimal
    remaining: Decimal
    filled_value: Decimal
    fee: Decimal
    ioc: bool
    post_only: bool
    reduce_only: bool
    expiry: int
    max_fee_ppm: int
    message_hash: str
    status: Literal["resting", "filled", "cancelled", "expired", "rejected"]
    reason: str
    received_ms: int
    updated_ms: int
    entry: int

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status == "resting"

    @property
    def average_price(self) -> Decimal | None:
        """What it traded at on average; None before its first fill."""
        return self.filled_value / self.filled if self.filled else None


class Fill(Body, frozen=True, kw_only=True):
    """One account's part in one trade; no price where the insurance fund took over."""

    account: int
    market: str
    side: SideText
    price: Decimal | None
    size: Decimal
    value: Decimal
    fee: Decimal
    role: Literal["maker", "taker", "liquidated", "fund"]
    trade: int
    order_sequence: int
    nonce: int
    batch: int
    time_ms: int
    entry: int


class MessageState(Body, frozen=True, kw_only=True):
    """What a message came to; `order` as it is now, of an order."""

    account: int
    nonce: int
    kind: KindText
    sequence: int
    batch: int
    verdict: str
    received_ms: int
    cancelled: list[int]
    order: Order | None = None


class MessageResult(MessageState, frozen=True, kw_only=True):
    """The one answer to a signed message, with the operator's promise; `repeated` if it was given before."""

    repeated: bool
    receipt: ReceiptBody


class Replaced(NamedTuple):
    """What became of a cancel, and of the order in its order's place."""

    cancel: MessageResult
    order: MessageResult


def _rounded(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding=rounding) * step
