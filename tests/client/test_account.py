"""An account reads what is its own, page after page, with a token that it need not think of."""

from decimal import Decimal

import pytest

from proofbook.client import NewOrder, TradingKey
from proofbook.client.errors import TokenRefusedError
from proofbook.client.exchange import AsyncExchange
from tests.client.proxy import Fault, proxied
from tests.client.venue import CHAIN_ID, MARKET, client_of, url_of
from tests.node.venue import ROLLUP
from tests.service.exchange import Exchange as Served

pytestmark = pytest.mark.anyio


async def test_a_trade_moves_money_and_positions(served: Served) -> None:
    async with client_of(served, 1) as ada, client_of(served, 2) as bob:
        await ada.place(MARKET, "sell", "1", "7000")
        await bob.place(MARKET, "buy", "0.4", "7000")
        account = await ada.account()
        assert account.position(MARKET) == Decimal("-0.4")
        assert account.position("DOGE-USD") == 0
        assert account.free_collateral < account.equity
        (fill,) = [fill async for fill in ada.fills()]
        assert (fill.role, fill.size, fill.value) == ("maker", Decimal("0.4"), Decimal(2_800))
        (trade,) = [trade async for trade in ada.trades(MARKET)]
        assert (trade.price, trade.side) == (Decimal(7_000), "buy")
        assert (await ada.ticker(MARKET)).last == Decimal(7_000)
        (candle,) = await ada.candles(MARKET)
        assert candle.volume == Decimal("0.4")


async def test_a_history_is_read_page_after_page_to_its_end_or_as_far_as_is_asked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proofbook.client.market_data.PAGE_ROWS", 4)
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        placed = await ada.batch([NewOrder(MARKET, "buy", "0.01", str(6_000 + n)) for n in range(10)])
        newest_first = [result.nonce for result in reversed(placed)]
        assert [order.nonce async for order in ada.order_history()] == newest_first
        assert [path for _, path, _ in proxy.seen].count("/v1/account/orders/history") == 3
        for limit in (0, 1, 4, 6, 10, 11):
            found = [order.nonce async for order in ada.order_history(limit)]
            assert found == newest_first[:limit]


async def test_deposits_funding_and_batches_can_be_read(served: Served) -> None:
    async with client_of(served, 1) as ada:
        transfers = [transfer async for transfer in ada.transfers()]
        assert [transfer.kind for transfer in transfers] == ["register_key", "deposit"]
        assert transfers[1].amount == Decimal(200_000)
        (batch,) = [batch async for batch in ada.batches()]
        assert (await ada.batch_progress(1)) == batch
        (funding,) = [rate async for rate in ada.funding(MARKET)]
        assert funding.market == MARKET
        assert (await ada.market(MARKET)).tick_size == Decimal("0.01")
        assert [ticker.market for ticker in await ada.tickers()] == [MARKET]


async def test_a_token_that_has_ended_is_replaced_by_itself(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.account()
        await ada.account()
        assert len(proxy.posts("/v1/auth/token")) == 1
        served.time.pass_seconds(901)
        await ada.account()
        assert len(proxy.posts("/v1/auth/token")) == 2


async def test_a_token_whose_answer_was_lost_is_asked_for_with_a_new_challenge(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.market(MARKET)
        proxy.faults.extend((Fault.NONE, Fault.ANSWER_LOST))
        await ada.account()
        assert len(set(proxy.posts("/v1/auth/challenge"))) == 1
        # The second is the first again, whose challenge is used up; the third answers another one.
        first, second, third = proxy.posts("/v1/auth/token")
        assert first == second != third


async def test_a_key_that_is_not_the_accounts_reads_nothing(served: Served) -> None:
    stranger = TradingKey(1, 1, CHAIN_ID, ROLLUP, secret=99)
    async with AsyncExchange(url_of(served), stranger) as ada:
        with pytest.raises(TokenRefusedError) as caught:
            await ada.account()
        assert caught.value.code == "challenge_signature"
