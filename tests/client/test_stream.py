"""A stream of the real exchange has every event once and in order, also when its connection breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from random import Random

import pytest

from proofbook.client import NewOrder
from proofbook.client.errors import ClientError, ConnectionFailedError, StreamRefusedError
from proofbook.client.events import (
    Accepted,
    AccountPush,
    Cancelled,
    Filled,
    MarksPush,
    Resting,
    TickerPush,
    TradesPush,
)
from proofbook.client.exchange import AsyncExchange
from proofbook.client.stream import Stream
from sequencer.service.wire.stream import BatchesPush
from tests.client.proxy import proxied
from tests.client.venue import MARKET, client_of
from tests.service.exchange import Exchange as Served

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def two_traders(served: Served) -> AsyncIterator[tuple[AsyncExchange, AsyncExchange]]:
    async with client_of(served, 1) as ada, client_of(served, 2) as bob, asyncio.timeout(60):
        yield ada, bob


async def test_a_book_that_is_followed_is_that_of_the_exchange(served: Served) -> None:
    random = Random(1)
    async with two_traders(served) as (ada, bob), bob.stream() as stream:
        book = await stream.follow_book(MARKET)
        push = await anext(stream)
        for _ in range(20):
            orders = [
                NewOrder(MARKET, random.choice(("buy", "sell")), "0.01", str(6_990 + random.randrange(20)))
                for _ in range(5)
            ]
            await random.choice((ada, bob)).batch(orders)
        await ada.cancel_all()
        told = await bob.book(MARKET, depth=1_000)
        while push.entry < told.entry:
            push = await anext(stream)
        assert list(book.bids()) == [(price, size) for price, size, _ in told.bids]
        assert list(book.asks()) == [(price, size) for price, size, _ in told.asks]


async def test_an_account_is_told_of_its_orders_from_their_beginning_to_their_end(served: Served) -> None:
    async with two_traders(served) as (ada, bob), ada.stream() as stream:
        await stream.subscribe("account")
        snapshot = await anext(stream)
        assert isinstance(snapshot, AccountPush)
        assert (snapshot.snapshot, snapshot.orders) == (True, [])
        await ada.place(MARKET, "sell", "0.05", "7000")
        await bob.place(MARKET, "buy", "0.02", "7000")
        await ada.cancel_all()
        events = [event for _ in range(3) for event in (await account_push(stream)).events]
        assert [type(event) for event in events] == [Accepted, Resting, Filled, Accepted, Cancelled]
        filled, cancelled = events[2], events[4]
        assert isinstance(filled, Filled)
        assert filled.fill.size == Decimal("0.02")
        assert isinstance(cancelled, Cancelled)
        assert cancelled.order.reason == "cancelled"


async def account_push(stream: Stream) -> AccountPush:
    push = await anext(stream)
    assert isinstance(push, AccountPush)
    return push


async def test_channels_without_an_account_begin_with_what_there_is(served: Served) -> None:
    async with client_of(served) as nobody, nobody.stream() as stream:
        for channel, market in (("trades", MARKET), ("ticker", MARKET), ("marks", None), ("batches", None)):
            await stream.subscribe(channel, market)  # type: ignore[arg-type]
        kinds = {type(await anext(stream)) for _ in range(4)}
        assert kinds == {TradesPush, TickerPush, MarksPush, BatchesPush}


async def test_a_stream_whose_connection_breaks_again_and_again_has_every_trade_once(served: Served) -> None:
    faults: list[ClientError] = []
    async with (
        proxied(served.address) as proxy,
        two_traders(served) as (ada, bob),
        client_of(proxy) as watcher,
        watcher.stream(faults.append) as stream,
    ):
        await stream.subscribe("trades", MARKET)
        await anext(stream)
        await ada.place(MARKET, "sell", "1", "7000")
        seen: list[int] = []
        taken: list[int] = []
        for step in range(12):
            taken.append((await bob.place(MARKET, "buy", "0.01", "7000")).sequence)
            if step % 3 == 1:
                proxy.break_streams()
            if step % 4 == 3:
                while len(seen) < len(taken):
                    push = await anext(stream)
                    assert isinstance(push, TradesPush)
                    assert not push.snapshot
                    seen += [trade.trade >> 8 for trade in push.trades]
        assert seen == taken
        assert {type(fault) for fault in faults} == {ConnectionFailedError}


async def test_an_account_whose_token_ends_goes_on_with_a_new_one(served: Served) -> None:
    faults: list[ClientError] = []
    async with two_traders(served) as (ada, _), ada.stream(faults.append) as stream:
        await stream.subscribe("account")
        await anext(stream)
        served.time.pass_seconds(901)
        waiting = asyncio.ensure_future(account_push(stream))
        while not faults:
            await asyncio.sleep(0.05)
        placed = await ada.place(MARKET, "sell", "0.05", "7000")
        (first, *_) = (await waiting).events
        assert isinstance(first, Accepted)
        assert first.message.sequence == placed.sequence
        assert [order.nonce for order in await ada.open_orders()] == [placed.nonce]


async def test_what_the_exchange_refuses_is_raised_and_the_rest_goes_on(served: Served) -> None:
    async with (
        proxied(served.address) as proxy,
        client_of(proxy) as nobody,
        nobody.stream(lambda _: None) as stream,
    ):
        await stream.subscribe("book", "DOGE-USD")
        await stream.subscribe("marks")
        with pytest.raises(StreamRefusedError) as caught:
            await anext(stream)
        assert caught.value.code == "unknown_market"
        assert isinstance(await anext(stream), MarksPush)
        # What was refused is not asked for again when the connection breaks.
        proxy.break_streams()
        await stream.subscribe("ticker", MARKET)
        assert isinstance(await anext(stream), TickerPush)


async def test_a_channel_may_begin_and_end_while_the_stream_runs(served: Served) -> None:
    async with two_traders(served) as (ada, bob), ada.stream() as stream:
        await stream.subscribe("trades", MARKET)
        await anext(stream)
        await stream.subscribe("account")
        await account_push(stream)
        await stream.unsubscribe("account")
        await ada.place(MARKET, "sell", "0.05", "7000")
        await bob.place(MARKET, "buy", "0.05", "7000")
        push = await anext(stream)
        assert isinstance(push, TradesPush)
        assert [trade.size for trade in push.trades] == [Decimal("0.05")]


async def test_a_stream_that_cannot_be_opened_is_given_up_in_the_end(served: Served) -> None:
    faults: list[ClientError] = []
    async with proxied(served.address) as proxy, client_of(proxy) as nobody:
        proxy.refuses_streams = True
        async with nobody.stream(faults.append, give_up_seconds=0.3) as stream:
            await stream.subscribe("marks")
            with pytest.raises(ConnectionFailedError, match=r"no stream for 0\.3 seconds"):
                await anext(stream)
        assert len(faults) > 1
