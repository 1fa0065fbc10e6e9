"""What the API says of markets, books, trades and batches."""

from typing import Generic, Literal, TypeVar

from sequencer.history.tickers import Ticker
from sequencer.history.types import BatchProgress, Candle, FundingRate, Level, Mark, Trade
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.service.wire.checksum import BookRow
from sequencer.service.wire.numbers import Markets, Units, quote_text
from sequencer.service.wire.scalars import Body, SideText, side_text

Item = TypeVar("Item")
Change = tuple[str, str]
"""A price, and the size that its level has now: "0" where it is gone."""
StatusText = Literal["open", "halted", "reduce_only", "settled"]
StateText = Literal["open", "sequenced", "proving", "proven", "submitted", "mined", "final"]


class TimeBody(Body, frozen=True, kw_only=True):
    """The node's clock, UTC."""

    time_ms: int


class StatusBody(Body, frozen=True, kw_only=True):
    """Which venue this is and how it is; `causes` say why it takes no messages. A batch of 0 is none."""

    chain_id: int
    rollup: str
    domain: str
    receipt_signer: str
    ready: bool
    causes: list[str]
    entry: int
    open_batch: int
    closed_batch: int
    proven_batch: int
    final_batch: int
    waiting: int
    time_ms: int


class FeeTierBody(Body, frozen=True, kw_only=True):
    """Rates of one tier; a negative maker rate is a rebate."""

    tier: int
    maker_ppm: int
    taker_ppm: int


class MarketBody(Body, frozen=True, kw_only=True):
    """A market, with the margin rates in force; `funding_rate_ppm` is what longs pay in `funding_seconds`."""

    symbol: str
    slot: int
    tick_size: str
    lot_size: str
    min_size: str
    max_position: str
    mark: str
    oracle_time: int
    status: StatusText
    halted_until: int
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    price_band_ppm: int
    liquidation_fee_ppm: int
    funding_rate_ppm: int
    funding_seconds: int
    open_interest: str

    @classmethod
    def of(cls, market: Market, rate_ppm: int, units: Units) -> "MarketBody":
        """Return the body of a market."""
        return cls(
            symbol=units.symbol,
            slot=units.slot,
            tick_size=f"{units.prices.step:f}",
            lot_size=f"{units.sizes.step:f}",
            min_size=units.size(market.parameters.min_size),
            max_position=units.size(market.parameters.max_position),
            mark=units.price(market.mark),
            oracle_time=market.oracle_time,
            status=status_text(market.status),
            halted_until=market.halted_until,
            initial_margin_ppm=market.initial_ppm,
            maintenance_margin_ppm=market.maintenance_ppm,
            price_band_ppm=market.parameters.band_ppm,
            liquidation_fee_ppm=market.liquidation_fee_ppm,
            funding_rate_ppm=rate_ppm,
            funding_seconds=c.FUNDING_SECONDS,
            open_interest=units.size(market.open_interest),
        )


class MarketsBody(Body, frozen=True, kw_only=True):
    """All markets, and the fees of each tier."""

    markets: list[MarketBody]
    fees: list[FeeTierBody]


class BookBody(Body, frozen=True, kw_only=True):
    """The best levels of a book, as (price, size, orders), best first; the checksum is of the first ten."""

    market: str
    entry: int
    time_ms: int
    checksum: int
    bids: list[BookRow]
    asks: list[BookRow]


class TradeBody(Body, frozen=True, kw_only=True):
    """A trade; `side` is the taker's."""

    market: str
    price: str
    size: str
    side: SideText
    trade: int
    liquidation: bool
    batch: int
    time_ms: int
    entry: int

    @classmethod
    def of(cls, trade: Trade, markets: Markets) -> "TradeBody":
        """Return the body of a trade."""
        units = markets.of_slot(trade.market)
        return cls(
            market=units.symbol,
            price=units.price(trade.price),
            size=units.size(trade.size),
            side=side_text(trade.side),
            trade=trade.trade,
            liquidation=trade.liquidation,
            batch=trade.batch,
            time_ms=trade.time_ms,
            entry=trade.entry,
        )


class CandleBody(Body, frozen=True, kw_only=True):
    """Trades of one interval; none stands for an interval without a trade."""

    start_ms: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    trades: int

    @classmethod
    def of(cls, candle: Candle, units: Units) -> "CandleBody":
        """Return the body of a candle."""
        return cls(
            start_ms=candle.start_ms,
            open=units.price(candle.open),
            high=units.price(candle.high),
            low=units.price(candle.low),
            close=units.price(candle.close),
            volume=units.size(candle.volume),
            trades=candle.trades,
        )


class CandlesBody(Body, frozen=True, kw_only=True):
    """Candles, the newest first."""

    items: list[CandleBody]


class TickerBody(Body, frozen=True, kw_only=True):
    """A market's 24 hours; prices are null before its first trade."""

    market: str
    last: str | None
    open: str | None
    high: str | None
    low: str | None
    change: str | None
    volume: str
    trades: int

    @classmethod
    def of(cls, ticker: Ticker | None, units: Units) -> "TickerBody":
        """Return the body of a ticker; None is that of a market that has not traded."""
        if ticker is None:
            return cls(
                market=units.symbol,
                last=None,
                open=None,
                high=None,
                low=None,
                change=None,
                volume=units.size(0),
                trades=0,
            )
        return cls(
            market=units.symbol,
            last=units.price(ticker.last),
            open=units.price(ticker.open),
            high=units.price(ticker.high),
            low=units.price(ticker.low),
            change=units.price(ticker.change),
            volume=units.size(ticker.volume),
            trades=ticker.trades,
        )


class TickersBody(Body, frozen=True, kw_only=True):
    """The tickers of all markets."""

    items: list[TickerBody]


class FundingBody(Body, frozen=True, kw_only=True):
    """The rate of one period of `FUNDING_SECONDS`: positive where longs pay."""

    market: str
    period: int
    rate_ppm: int
    mark: str
    time_ms: int
    entry: int

    @classmethod
    def of(cls, rate: FundingRate, markets: Markets) -> "FundingBody":
        """Return the body of a rate."""
        units = markets.of_slot(rate.market)
        return cls(
            market=units.symbol,
            period=rate.period,
            rate_ppm=rate.rate_ppm,
            mark=units.price(rate.mark),
            time_ms=rate.time_ms,
            entry=rate.entry,
        )


class MarkBody(Body, frozen=True, kw_only=True):
    """What the oracle says of a market when a batch opens."""

    market: str
    price: str
    status: StatusText
    time_ms: int
    entry: int

    @classmethod
    def of(cls, mark: Mark, markets: Markets) -> "MarkBody":
        """Return the body of a mark."""
        units = markets.of_slot(mark.market)
        return cls(
            market=units.symbol,
            price=units.price(mark.price),
            status=status_text(mark.status),
            time_ms=mark.time_ms,
            entry=mark.entry,
        )


class BatchBody(Body, frozen=True, kw_only=True):
    """How far a batch is; `transaction` is the hash of the one that carried it."""

    number: int
    timestamp: int
    first_sequence: int
    messages: int
    requests: int
    state: StateText
    transaction: str | None
    updated_ms: int
    entry: int

    @classmethod
    def of(cls, progress: BatchProgress) -> "BatchBody":
        """Return the body of a batch's progress."""
        return cls(
            number=progress.number,
            timestamp=progress.timestamp,
            first_sequence=progress.first_sequence,
            messages=progress.messages,
            requests=progress.requests,
            state=state_text(progress),
            transaction=transaction_text(progress),
            updated_ms=progress.updated_ms,
            entry=progress.entry,
        )


class Page(Body, Generic[Item], frozen=True, kw_only=True):
    """Some items, newest first; `next` is the `before` of the page that follows, null behind the last."""

    items: list[Item]
    next: int | None


def book_rows(levels: list[Level], units: Units) -> list[BookRow]:
    """Return the rows of one side of a book."""
    return [(units.price(level.price), units.size(level.size), level.orders) for level in levels]


def status_text(status: int) -> StatusText:
    """Return how bodies call the status of a live market."""
    names: dict[int, StatusText] = {
        MarketStatus.OPEN: "open",
        MarketStatus.HALTED: "halted",
        MarketStatus.REDUCE_ONLY: "reduce_only",
        MarketStatus.SETTLED: "settled",
    }
    return names[status]


def state_text(progress: BatchProgress) -> StateText:
    """Return how bodies call how far a batch is."""
    names: tuple[StateText, ...] = (
        "open",
        "sequenced",
        "proving",
        "proven",
        "submitted",
        "mined",
        "final",
    )
    return names[0 if progress.state is None else progress.state]


def transaction_text(progress: BatchProgress) -> str | None:
    """Return the hash of the transaction that carried a batch."""
    return f"0x{progress.transaction.hex()}" if progress.transaction else None


def price_change(level: Level, units: Units) -> Change:
    """Return what a push says of a level."""
    return units.price(level.price), units.size(level.size) if level.size else "0"


def value_text(market: Market, size: int) -> str:
    """Return what signed lots are worth at the mark."""
    return quote_text(market.value(size))
