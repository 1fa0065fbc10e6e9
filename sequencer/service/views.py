"""What the venue shows now, as bodies."""

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.service.desk import Desk
from sequencer.service.wire.checksum import CHECKSUM_LEVELS, BookRow, book_checksum
from sequencer.service.wire.market import (
    BookBody,
    FeeTierBody,
    MarketBody,
    StatusBody,
    TickerBody,
    book_rows,
)
from sequencer.service.wire.numbers import Units


def status_of_venue(desk: Desk) -> StatusBody:
    """Return which venue this is, and how it is."""
    info, status = desk.venue.info, desk.venue.status()
    return StatusBody(
        chain_id=info.chain_id,
        rollup=info.rollup,
        domain=str(info.domain),
        receipt_signer=info.receipt_signer,
        ready=status.is_ready,
        causes=list(status.causes),
        entry=status.entry,
        open_batch=status.open_batch,
        closed_batch=status.closed_batch,
        proven_batch=status.proven_batch,
        final_batch=status.final_batch,
        waiting=status.waiting,
        time_ms=desk.clock.wall_ms(),
    )


def markets_of(desk: Desk) -> list[MarketBody]:
    """Return the markets as the state has them; it may be ahead of the disk."""
    state = desk.venue.state()
    return [
        MarketBody.of(state.market(units.slot), state.premium(units.slot).rate_ppm, units)
        for units in desk.markets
    ]


def fees_of(desk: Desk) -> list[FeeTierBody]:
    """Return the fees of each tier as the state has them."""
    tiers = desk.venue.state().configuration.tiers
    return [
        FeeTierBody(tier=number, maker_ppm=tier.maker_ppm, taker_ppm=tier.taker_ppm)
        for number, tier in enumerate(tiers)
    ]


def ticker_of(desk: Desk, units: Units) -> TickerBody:
    """Return a market's last 24 hours."""
    return TickerBody.of(desk.venue.tickers.ticker(units.slot, desk.clock.wall_ms()), units)


def book_of(desk: Desk, units: Units, depth: int = c.SIDE_ORDERS_MAX) -> BookBody:
    """Return the best levels of a book, all of them if no depth is given."""
    bids, asks = (
        book_rows(desk.venue.projector.levels(units.slot, side, max(depth, CHECKSUM_LEVELS)), units)
        for side in Side
    )
    return BookBody(
        market=units.symbol,
        entry=desk.venue.status().entry,
        time_ms=desk.clock.wall_ms(),
        checksum=checksum_of(bids, asks),
        bids=bids[:depth],
        asks=asks[:depth],
    )


def top_checksum(desk: Desk, units: Units) -> int:
    """Return the checksum of a book as it is now."""
    bids, asks = (
        book_rows(desk.venue.projector.levels(units.slot, side, CHECKSUM_LEVELS), units) for side in Side
    )
    return checksum_of(bids, asks)


def checksum_of(bids: list[BookRow], asks: list[BookRow]) -> int:
    """Return the checksum of rows."""
    return book_checksum(((row[0], row[1]) for row in bids), ((row[0], row[1]) for row in asks))
