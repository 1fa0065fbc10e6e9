"""The exchange, for asynchronous programs."""

from typing import Self

from proofbook.client.dead_man import DeadManSwitch
from proofbook.client.keys import TradingKey
from proofbook.client.link import Link
from proofbook.client.nonces import NonceClock
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.retries import RetryPolicy
from proofbook.client.stream import GIVE_UP_SECONDS, Stream
from proofbook.client.stream_socket import OnFault
from proofbook.client.trading import Trading


class AsyncExchange(Trading):
    """One exchange: markets for everybody, and with a key an account's orders, history and money.

    Parameters
    ----------
    url
        Of the exchange, without a path: "https://exchange.example".
    key
        Trading key; None to read only what everybody may.
    receipts
        Judges the operator's receipts; one made with `L1Wallet.receipt_checker` takes the signer from the
        contract. Without it the signer is the one that the exchange itself names.
    retries
        How long what may pass is tried again.
    """

    def __init__(
        self,
        url: str,
        key: TradingKey | None = None,
        *,
        receipts: ReceiptChecker | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        super().__init__(Link(url, key, retries or RetryPolicy()), NonceClock(), receipts)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def stream(self, on_fault: OnFault | None = None, give_up_seconds: float = GIVE_UP_SECONDS) -> Stream:
        """Return a stream without channels yet."""
        return Stream(self._link, on_fault, give_up_seconds)

    def dead_man(self, seconds: float) -> DeadManSwitch:
        """Return what cancels all orders when this program is gone for so long: `async with` it."""
        return DeadManSwitch(self, seconds)
