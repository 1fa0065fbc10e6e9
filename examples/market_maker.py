"""Quote both sides around the mark, follow it, and leave no order behind: even a bot that is killed does not.

`python examples/market_maker.py SYMBOL SIZE`, with the variables of quick_start.py set.
"""

import asyncio
import os
import sys
from decimal import Decimal

from eth_account import Account

from proofbook.client import AsyncExchange, RefusedError, TradingKey
from proofbook.client.events import AccountPush, MarksPush
from proofbook.client.results import Market, Order
from sequencer.service.wire.scalars import SideText

HALF_SPREAD = Decimal("0.0005")
DEAD_MAN_SECONDS = 15


class MarketMaker:
    """One quote to buy and one to sell; each follows the mark, and is put back when it is gone.

    Parameters
    ----------
    size
        Of each quote; a position of ten times as much on a side ends its quotes.
    """

    def __init__(self, exchange: AsyncExchange, market: Market, size: Decimal) -> None:
        self._exchange, self._market, self._size = exchange, market, size
        self._quotes: dict[SideText, Order] = {}
        self._mark = market.mark

    async def run(self) -> None:
        """Quote until this is cancelled."""
        async with self._exchange.dead_man(DEAD_MAN_SECONDS), self._exchange.stream() as stream:
            await self._exchange.cancel_all()
            await stream.subscribe("account")
            await stream.subscribe("marks")
            async for push in stream:
                if isinstance(push, MarksPush):
                    marks = {mark.market: mark.price for mark in push.marks}
                    self._mark = marks.get(self._market.symbol, self._mark)
                elif not isinstance(push, AccountPush) or not self._has_lost_a_quote(push):
                    continue
                await self._quote()

    def _has_lost_a_quote(self, push: AccountPush) -> bool:
        """Forget quotes that have traded away, or ended otherwise; tell whether there were any."""
        orders = [getattr(event, "order", None) for event in push.events]
        ended = {order.nonce for order in orders if order is not None and not order.is_open}
        kept = {side: mine for side, mine in self._quotes.items() if mine.nonce not in ended}
        has_lost = len(kept) < len(self._quotes)
        self._quotes = kept
        return has_lost

    async def _quote(self) -> None:
        position = (await self._exchange.account()).position(self._market.symbol)
        limit = 10 * self._size
        await self._quote_side("buy", self._mark * (1 - HALF_SPREAD), is_wanted=position < limit)
        await self._quote_side("sell", self._mark * (1 + HALF_SPREAD), is_wanted=position > -limit)

    async def _quote_side(self, side: SideText, price: Decimal, *, is_wanted: bool) -> None:
        mine, price = self._quotes.pop(side, None), self._market.round_price(price)
        try:
            if mine is None and is_wanted:
                placed = await self._exchange.place(
                    self._market.symbol, side, self._size, price, post_only=True
                )
                mine = placed.order
            elif mine is not None and not is_wanted:
                await self._exchange.cancel(mine)
                mine = None
            elif mine is not None and mine.price != price:
                replaced = await self._exchange.replace(mine, self._size, price, post_only=True)
                mine = replaced.order.order
        except RefusedError as error:
            # It traded away meanwhile, or the market takes no such order now: the next push comes here again.
            print(f"{side}: {error}", file=sys.stderr)
            return
        if mine is not None and mine.is_open:
            self._quotes[side] = mine


async def main(symbol: str, size: str) -> None:
    """Quote with the account and the wallet of the environment."""
    key = TradingKey.from_wallet(
        Account.from_key(os.environ["PROOFBOOK_WALLET_KEY"]),
        account=int(os.environ["PROOFBOOK_ACCOUNT"]),
        chain_id=int(os.environ["PROOFBOOK_CHAIN_ID"]),
        rollup=os.environ["PROOFBOOK_ROLLUP"],
    )
    async with AsyncExchange(os.environ["PROOFBOOK_URL"], key) as exchange:
        await MarketMaker(exchange, await exchange.market(symbol), Decimal(size)).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
