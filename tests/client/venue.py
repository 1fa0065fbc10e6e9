"""Clients of the real exchange: the node and the service of their own tests, over real sockets."""

from pathlib import Path
from typing import Any

from proofbook.client import AsyncExchange, RetryPolicy, TradingKey
from sequencer.chain.receipts import ReceiptDomain
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed
from sequencer.replay.traders import wallet
from tests.client.proxy import Proxy
from tests.node.venue import DEPOSIT, ROLLUP, create, secret_of, settle
from tests.service.exchange import Exchange as Served

MARKET = "BTC-USD"
CHAIN_ID = 31_337
RECEIPTS = ReceiptDomain(CHAIN_ID, ROLLUP)
WALLET = wallet("client")
WALLET_ACCOUNT = 3
PATIENT = RetryPolicy(attempts_max=500, patience_seconds=60.0, first_seconds=0.01, longest_seconds=0.05)


def key_of(account: int) -> TradingKey:
    return TradingKey(account, 1, CHAIN_ID, ROLLUP, secret_of(account))


def create_with_wallet(data: Path) -> Directories:
    """A venue with accounts 1 and 2, and with account 3, whose key follows from `WALLET`."""
    directories = create(data)
    key = wallet_key()
    owner = int(WALLET.address, 16)
    settle(
        directories,
        Confirmed(Request(RequestKind.DEPOSIT, WALLET_ACCOUNT, owner=owner, amount=DEPOSIT)),
        Confirmed(Request(RequestKind.REGISTER_KEY, WALLET_ACCOUNT, owner=owner, data=key.public)),
    )
    return directories


def url_of(served: Served | Proxy) -> str:
    return f"http://{served.address}"


def client_of(served: Served | Proxy, account: int | None = None, **options: Any) -> AsyncExchange:
    """A client of an account, or of nobody in particular."""
    key = None if account is None else key_of(account)
    return AsyncExchange(url_of(served), key, **{"retries": PATIENT, **options})


def wallet_key() -> TradingKey:
    """The key of account 3."""
    return TradingKey.from_wallet(WALLET, WALLET_ACCOUNT, CHAIN_ID, ROLLUP)
