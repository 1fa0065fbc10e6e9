"""`proofbook book`: what rests in a market."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Final

import click

from proofbook.client import AsyncExchange, Exchange
from proofbook.client.stream import Stream
from sequencer.cli.trade_options import RETRIES, url_option

_REDRAW_SECONDS: Final = 0.1
_WIDTH: Final = 16
_Level = tuple[Decimal, Decimal]


@click.command()
@click.argument("symbol")
@url_option
@click.option(
    "--depth", type=click.IntRange(1, 1_000), default=10, show_default=True, help="Levels of each side."
)
@click.option("--live", is_flag=True, help="Redraw it as it changes, until it is interrupted.")
def book(symbol: str, url: str, depth: int, live: bool) -> None:
    """Show the order book of a market.

    Asks above, bids below, each with the sum of sizes up to its level.
    """
    if live:
        try:
            asyncio.run(_follow(url, symbol, depth))
        except KeyboardInterrupt:
            return
    with Exchange(url, retries=RETRIES) as exchange:
        told = exchange.book(symbol, depth)
        click.echo(_table(symbol, [row[:2] for row in told.bids], [row[:2] for row in told.asks]))


async def _follow(url: str, symbol: str, depth: int) -> None:
    """Draw a book as it is now, at most so often; until it fails."""
    async with AsyncExchange(url, retries=RETRIES) as exchange, exchange.stream() as stream:
        followed, drawn = await stream.follow_book(symbol), 0
        reading = asyncio.create_task(_read(stream))
        try:
            while not reading.done():
                await asyncio.wait((reading,), timeout=_REDRAW_SECONDS)
                if followed.is_ready and followed.entry != drawn:
                    drawn = followed.entry
                    click.clear()
                    click.echo(_table(symbol, islice(followed.bids(), depth), islice(followed.asks(), depth)))
            await reading
        finally:
            reading.cancel()


async def _read(stream: Stream) -> None:
    async for _ in stream:
        pass


def _table(symbol: str, bids: Iterable[_Level], asks: Iterable[_Level]) -> str:
    head = [f"{symbol:<5}{'price':>{_WIDTH}}{'size':>{_WIDTH}}{'sum':>{_WIDTH}}"]
    return "\n".join(head + _rows("ask", asks)[::-1] + _rows("bid", bids))


def _rows(side: str, levels: Iterable[_Level]) -> list[str]:
    rows, total = [], Decimal(0)
    for price, size in levels:
        total += size
        rows.append(f"{side:<5}{price:>{_WIDTH}f}{size:>{_WIDTH}f}{total:>{_WIDTH}f}")
    return rows
