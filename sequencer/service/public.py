"""Routes that everybody may read."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from sequencer.history.pages import PAGE_MAX
from sequencer.history.pages import Page as Rows
from sequencer.service.desk import Desk
from sequencer.service.errors import NotFoundError
from sequencer.service.http import answer
from sequencer.service.openapi import Schemas
from sequencer.service.views import book_of, fees_of, markets_of, status_of_venue, ticker_of
from sequencer.service.wire.market import (
    BatchBody,
    BookBody,
    CandleBody,
    CandlesBody,
    FundingBody,
    MarketsBody,
    Page,
    StatusBody,
    TickerBody,
    TickersBody,
    TimeBody,
    TradeBody,
)
from sequencer.service.wire.scalars import CURSOR_MAX, SYMBOL_LENGTH_MAX

DEPTH_MAX: Final = 1_000
_ROWS: Final = 100
IntervalText = Literal["1m", "5m", "15m", "1h", "4h", "1d"]
_SECONDS: Final[dict[IntervalText, int]] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "1h": 3_600,
    "4h": 14_400,
    "1d": 86_400,
}

Symbol = Annotated[str, Path(min_length=1, max_length=SYMBOL_LENGTH_MAX)]
Depth = Annotated[int, Query(ge=1, le=DEPTH_MAX)]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Before = Annotated[int | None, Query(ge=0, le=CURSOR_MAX)]
Time = Annotated[int, Query(ge=0, le=CURSOR_MAX)]
Number = Annotated[int, Path(ge=0, le=CURSOR_MAX)]

_Row = TypeVar("_Row")


def public_router(desk: Desk, schemas: Schemas) -> APIRouter:
    """Return the routes that need no token."""
    router = APIRouter(prefix="/v1", tags=["public"])
    _add_venue_routes(router, desk, schemas)
    _add_market_routes(router, desk, schemas)
    _add_history_routes(router, desk, schemas)
    return router


async def page(fetch: Callable[[], Rows[_Row]], body: Callable[[_Row], Any]) -> Response:
    """Return the response of a page; in a thread, since the disk has to be read."""

    def read() -> Response:
        """Read and encode the rows."""
        rows = fetch()
        return answer(Page(items=[body(row) for row in rows.rows], next=rows.next))

    return await asyncio.to_thread(read)


def _add_venue_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    venue = desk.venue

    @router.get("/time", **schemas.route(TimeBody))
    async def time() -> Response:
        """Return the node's clock."""
        return answer(TimeBody(time_ms=desk.clock.wall_ms()))

    @router.get("/status", **schemas.route(StatusBody))
    async def status() -> Response:
        """Return which venue this is, and how it is."""
        return answer(status_of_venue(desk))

    @router.get("/markets", **schemas.route(MarketsBody))
    async def markets() -> Response:
        """Return all markets, and the fees."""
        # What was read may be ahead of the disk: it is told when the disk has it.
        body = MarketsBody(markets=markets_of(desk), fees=fees_of(desk))
        await venue.barrier()
        return answer(body)

    @router.get("/tickers", **schemas.route(TickersBody))
    async def tickers() -> Response:
        """Return the last 24 hours of all markets."""
        return answer(TickersBody(items=[ticker_of(desk, units) for units in desk.markets]))


def _add_market_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    history = desk.venue.history

    @router.get("/markets/{symbol}/book", **schemas.route(BookBody))
    async def book(symbol: Symbol, depth: Depth = _ROWS) -> Response:
        """Return the best levels of a book."""
        return answer(book_of(desk, desk.markets.named(symbol), depth))

    @router.get("/markets/{symbol}/ticker", **schemas.route(TickerBody))
    async def ticker(symbol: Symbol) -> Response:
        """Return a market's last 24 hours."""
        return answer(ticker_of(desk, desk.markets.named(symbol)))

    @router.get("/markets/{symbol}/trades", **schemas.route(Page[TradeBody]))
    async def trades(symbol: Symbol, limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return a market's trades, newest first."""
        slot = desk.markets.named(symbol).slot
        return await page(
            partial(history.trades, slot, before, limit), partial(TradeBody.of, markets=desk.markets)
        )

    @router.get("/markets/{symbol}/funding", **schemas.route(Page[FundingBody]))
    async def funding(symbol: Symbol, limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return a market's funding rates, newest first."""
        slot = desk.markets.named(symbol).slot
        return await page(
            partial(history.funding, slot, before, limit), partial(FundingBody.of, markets=desk.markets)
        )

    @router.get("/markets/{symbol}/candles", **schemas.route(CandlesBody))
    async def candles(
        symbol: Symbol,
        interval: IntervalText = "1m",
        start_ms: Time = 0,
        end_ms: Time = CURSOR_MAX,
        limit: Limit = _ROWS,
    ) -> Response:
        """Return the last candles that begin in [start_ms, end_ms), newest first."""
        units = desk.markets.named(symbol)
        found = await asyncio.to_thread(
            history.candles, units.slot, _SECONDS[interval], start_ms, end_ms, limit
        )
        return answer(CandlesBody(items=[CandleBody.of(candle, units) for candle in found]))


def _add_history_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    history = desk.venue.history

    @router.get("/batches", **schemas.route(Page[BatchBody]))
    async def batches(limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return the batches, newest first."""
        return await page(partial(history.batches, before, limit), BatchBody.of)

    @router.get("/batches/{number}", **schemas.route(BatchBody))
    async def batch(number: Number) -> Response:
        """Return how far a batch is."""
        progress = await asyncio.to_thread(history.batch, number)
        if progress is None:
            raise NotFoundError(f"there is no batch {number}")
        return answer(BatchBody.of(progress))
