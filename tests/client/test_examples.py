"""The examples run as they are against the real exchange, and do what they say."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from proofbook.client.exchange import AsyncExchange
from proofbook.client.results import Order
from tests.client.venue import MARKET, WALLET_ACCOUNT, client_of, url_of, wallet_key
from tests.service.exchange import Exchange as Served

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.anyio


def command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "examples" / name), *arguments]


def test_the_quick_start_places_an_order_and_cancels_it(trader_environment: Served) -> None:
    done = subprocess.run(command("quick_start.py"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    placed, opened, equity, cancelled = done.stdout.splitlines()
    assert placed.endswith("accepted, sequence 1")
    assert opened == "open: ['buy 0.0010 at 6930.01']"
    assert equity == "equity: 200000.000000"
    assert cancelled == "cancelled: [1]"


@asynccontextmanager
async def market_maker(served: Served) -> AsyncIterator[tuple[AsyncExchange, asyncio.subprocess.Process]]:
    """The bot as a process, and a client of the same account that only looks."""
    process = await asyncio.create_subprocess_exec(*command("market_maker.py", MARKET, "0.05"), cwd=ROOT)
    try:
        async with AsyncExchange(url_of(served), wallet_key()) as mine, asyncio.timeout(60):
            yield mine, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def orders_when(exchange: AsyncExchange, holds: Callable[[list[Order]], bool]) -> list[Order]:
    """The open orders once something holds of them."""
    while not holds(orders := await exchange.open_orders()):
        await asyncio.sleep(0.05)
    return sorted(orders, key=lambda order: order.price)


def both_sides(orders: list[Order]) -> bool:
    return sorted(order.side for order in orders) == ["buy", "sell"]


async def test_the_market_maker_quotes_both_sides_and_puts_back_what_traded(
    trader_environment: Served,
) -> None:
    async with market_maker(trader_environment) as (mine, process), client_of(trader_environment, 1) as ada:
        bid, ask = await orders_when(mine, both_sides)
        assert bid.price < Decimal("7000.01") < ask.price
        await ada.place(MARKET, "buy", "0.05", ask.price, ioc=True)
        _, again = await orders_when(mine, lambda now: both_sides(now) and ask not in now)
        assert (again.side, again.price) == ("sell", ask.price)
        assert (await mine.account()).position(MARKET) == Decimal("-0.05")
        assert process.returncode is None


async def test_a_market_maker_that_is_killed_leaves_no_order_behind(trader_environment: Served) -> None:
    async with market_maker(trader_environment) as (mine, process):
        await orders_when(mine, both_sides)
        process.kill()
        await process.wait()
        trader_environment.time.pass_seconds(16)
        await orders_when(mine, lambda orders: not orders)
        assert {order.status async for order in mine.order_history()} == {"cancelled"}
        assert (await mine.account()).account == WALLET_ACCOUNT
