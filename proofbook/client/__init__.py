"""Trading on Proofbook from Python: `AsyncExchange`, or `Exchange` for programs without an event loop."""

from proofbook.client.blocking import Exchange
from proofbook.client.errors import (
    ApiError,
    BrokenPromiseError,
    ClientError,
    ConnectionFailedError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from proofbook.client.exchange import AsyncExchange
from proofbook.client.keys import TradingKey
from proofbook.client.local_book import LocalBook
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.retries import RetryPolicy
from proofbook.client.terms import CancelAll, CancelOrder, NewOrder

__all__ = [
    "ApiError",
    "AsyncExchange",
    "BrokenPromiseError",
    "CancelAll",
    "CancelOrder",
    "ClientError",
    "ConnectionFailedError",
    "Exchange",
    "LocalBook",
    "NewOrder",
    "RateLimitedError",
    "ReceiptChecker",
    "RefusedError",
    "RetryPolicy",
    "TradingKey",
    "UnavailableError",
]
