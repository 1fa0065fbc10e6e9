"""What the exchange tells an account of itself."""

from collections.abc import AsyncIterator

from proofbook.client.market_data import MarketData
from proofbook.client.results import Account, Fill, Items, MessageState, Order, Page, Transfer


class AccountData(MarketData):
    """Reads that need the account's key; the token that shows it is got, and renewed, by itself."""

    async def account(self) -> Account:
        """Return balances, margins and positions."""
        return await self._link.ask_private("GET", "/account", Account)

    async def open_orders(self) -> list[Order]:
        """Return the orders that rest, newest first."""
        return (await self._link.ask_private("GET", "/account/orders", Items[Order])).items

    async def message(self, nonce: int) -> MessageState:
        """Return what became of the message with a nonce, whatever its kind.

        UnknownThingError says that it was not sequenced: it will not be either once a later one was.
        """
        return await self._link.ask_private("GET", f"/account/orders/{nonce}", MessageState)

    def order_history(self, limit: int | None = None) -> AsyncIterator[Order]:
        """Return all orders, newest first."""
        return self._paged("/account/orders/history", Page[Order], limit, private=True)

    def fills(self, limit: int | None = None) -> AsyncIterator[Fill]:
        """Return the account's fills, newest first."""
        return self._paged("/account/fills", Page[Fill], limit, private=True)

    def transfers(self, limit: int | None = None) -> AsyncIterator[Transfer]:
        """Return deposits, withdrawals and other requests of L1, newest first."""
        return self._paged("/account/transfers", Page[Transfer], limit, private=True)
