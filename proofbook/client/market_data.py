"""What everybody may read of an exchange."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from proofbook.client.link import Linked, MarketList
from proofbook.client.results import Book, Candle, Funding, Interval, Items, Market, Page, Ticker, Trade
from sequencer.service.wire.market import BatchBody, StatusBody, TimeBody

PAGE_ROWS = 500

_Row = TypeVar("_Row")


class MarketData(Linked):
    """Reads that need no key. Their errors are those of `Transport.ask`."""

    async def time_ms(self) -> int:
        """Return the exchange's clock, UTC milliseconds."""
        return (await self._link.ask("GET", "/time", TimeBody)).time_ms

    async def status(self) -> StatusBody:
        """Return which exchange this is, whether it takes messages, and how far its batches are."""
        return await self._link.ask("GET", "/status", StatusBody)

    async def markets(self) -> list[Market]:
        """Return all markets."""
        return (await self._link.ask("GET", "/markets", MarketList)).markets

    async def market(self, symbol: str) -> Market:
        """Return one market; UnknownMarketError if there is none of the symbol."""
        (await self._link.terms(needed_market=symbol)).markets.named(symbol)
        return next(each for each in await self.markets() if each.symbol == symbol)

    async def book(self, market: str, depth: int = 100) -> Book:
        """Return the best levels of a book, at most 1,000 a side."""
        return await self._link.ask("GET", f"/markets/{market}/book", Book, query={"depth": depth})

    async def ticker(self, market: str) -> Ticker:
        """Return a market's last 24 hours."""
        return await self._link.ask("GET", f"/markets/{market}/ticker", Ticker)

    async def tickers(self) -> list[Ticker]:
        """Return the last 24 hours of all markets."""
        return (await self._link.ask("GET", "/tickers", Items[Ticker])).items

    async def candles(
        self,
        market: str,
        interval: Interval = "1m",
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 100,
    ) -> list[Candle]:
        """Return the last candles that begin in [start_ms, end_ms), newest first, at most 1,000."""
        query = {"interval": interval, "start_ms": start_ms, "end_ms": end_ms, "limit": limit}
        return (await self._link.ask("GET", f"/markets/{market}/candles", Items[Candle], query=query)).items

    def trades(self, market: str, limit: int | None = None) -> AsyncIterator[Trade]:
        """Return a market's trades, newest first, as many as are asked for."""
        return self._paged(f"/markets/{market}/trades", Page[Trade], limit)

    def funding(self, market: str, limit: int | None = None) -> AsyncIterator[Funding]:
        """Return a market's funding rates, newest first."""
        return self._paged(f"/markets/{market}/funding", Page[Funding], limit)

    def batches(self, limit: int | None = None) -> AsyncIterator[BatchBody]:
        """Return the batches, newest first."""
        return self._paged("/batches", Page[BatchBody], limit)

    async def batch_progress(self, number: int) -> BatchBody:
        """Return how far a batch is: sequenced, proven, final on L1."""
        return await self._link.ask("GET", f"/batches/{number}", BatchBody)

    async def _paged(
        self, path: str, kind: type[Page[_Row]], limit: int | None, *, private: bool = False
    ) -> AsyncIterator[_Row]:
        """Yield rows page by page until there are no more, or as many as the limit."""
        ask: Any = self._link.ask_private if private else self._link.ask
        before: int | None = None
        missing = limit
        while missing is None or missing > 0:
            rows = PAGE_ROWS if missing is None else min(missing, PAGE_ROWS)
            page: Page[_Row] = await ask("GET", path, kind, query={"limit": rows, "before": before})
            for row in page.items:
                yield row
            if page.next is None:
                return
            before = page.next
            missing = None if missing is None else missing - len(page.items)
