"""A bot that dies leaves no orders behind; one that lives, or ends as it should, keeps them."""

import asyncio

import pytest

from proofbook.client.errors import ClientError
from proofbook.client.exchange import AsyncExchange
from tests.client.proxy import proxied, refusal
from tests.client.venue import MARKET, client_of
from tests.service.exchange import Exchange as Served

pytestmark = pytest.mark.anyio


async def orders_end(exchange: AsyncExchange) -> None:
    """Return once the account has no order any more."""
    async with asyncio.timeout(60):
        while await exchange.open_orders():
            await asyncio.sleep(0.02)


async def test_a_bot_that_gives_no_sign_of_life_loses_its_orders_and_can_trade_again(served: Served) -> None:
    async with client_of(served, 1) as ada:
        await ada.arm_dead_man(30)
        await ada.place(MARKET, "buy", "0.01", "6000")
        assert (await ada.armed_dead_man()).fire_at_ms is not None
        served.time.pass_seconds(31)
        await orders_end(ada)
        assert (await ada.armed_dead_man()).fire_at_ms is None
        (order,) = [order async for order in ada.order_history()]
        assert order.status == "cancelled"
    # A bot whose clock stands where the switch fired goes on.
    served.time.pass_seconds(1)
    async with client_of(served, 1) as again:
        nonce = order.nonce + 60_000
        placed = await again.place(MARKET, "buy", "0.01", "6000", nonce=nonce)
        assert placed.verdict == "accepted"


async def test_a_switch_is_renewed_while_its_block_runs_and_disarmed_at_its_end(served: Served) -> None:
    async with client_of(served, 1) as ada:
        async with ada.dead_man(0.6) as switch:
            first = await ada.armed_dead_man()
            async with asyncio.timeout(30):
                while await ada.armed_dead_man() == first:
                    await asyncio.sleep(0.02)
            assert switch.failure is None
        assert (await ada.armed_dead_man()).fire_at_ms is None


async def test_a_block_that_fails_leaves_its_switch_armed(served: Served) -> None:
    async with client_of(served, 1) as ada:
        with pytest.raises(ZeroDivisionError):
            async with ada.dead_man(60):
                raise ZeroDivisionError
        assert (await ada.armed_dead_man()).fire_at_ms is not None


async def test_a_switch_that_cannot_be_renewed_says_so_and_tries_again(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada, ada.dead_man(0.3) as switch:
        failures: list[ClientError] = []
        proxy.faults.extend([refusal(422, "dead_man")] * 2)
        async with asyncio.timeout(30):
            while not failures or switch.failure is not None:
                if switch.failure is not None:
                    failures.append(switch.failure)
                await asyncio.sleep(0.005)
        assert failures[0].code == "dead_man"
