"""One process that holds so many accounts or orders and says what is resident: a child of bench/memory.py."""

import gc
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from bench.journal import ROOMY
from bench.order_flow import unfunded_ledger
from sequencer.engine import State
from sequencer.history.projector import Projector
from sequencer.history.types import OrderRecord, OrderStatus
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.node.recovery import Recovered, recover
from sequencer.records.directories import Directories
from sequencer.replay.terms import MARKET, MAX_FEE_PPM
from sequencer.store.state_codec import decode_account, encode_account

NODE: Final = "node"
OWNERS: Final = 10_000

_STATM: Final = Path("/proc/self/statm")
_FIRST_PRICE: Final = 500_000
_PRICES: Final = 10_000
_SIZE_LOTS: Final = 1_000
_RECEIVED_MS: Final = 1_584_000_000_000


def accounts(count: int) -> dict[int, Account]:
    """Accounts with a key, a position and orders behind them, each read as a snapshot is."""
    made = (
        Account(
            owner=(1 << 159) + number,
            collateral=(1 << 40) + number,
            positions=(_SIZE_LOTS + number, *(0,) * (c.MARKETS - 1)),
            key=((1 << 250) + number, (1 << 251) + number),
            key_epoch=1,
            nonce=(1 << 32) + number,
            dead_below=(1 << 32) + number,
            open_notional=(1 << 40) + number,
        )
        for number in range(count)
    )
    return {c.FIRST_ACCOUNT + place: decode_account(encode_account(each)) for place, each in enumerate(made)}


def orders(count: int) -> Iterable[Order]:
    """Orders on both sides, each read as a page of a snapshot is."""
    for number in range(count):
        order = Order(
            market=MARKET,
            side=number % len(Side),
            price=_FIRST_PRICE + number % _PRICES,
            sequence=c.FIRST_SEQUENCE + number,
            account=c.FIRST_ACCOUNT + number % OWNERS,
            remaining=_SIZE_LOTS + number,
            expiry=c.NEVER_EXPIRES,
            max_fee_ppm=MAX_FEE_PPM,
            reduce_only=False,
        )
        yield Order.from_word(order.market, order.side, order.word())


def records(count: int) -> Iterable[OrderRecord]:
    """The same orders as the history knows them."""
    for number, order in enumerate(orders(count)):
        yield OrderRecord(
            account=order.account,
            nonce=(1 << 32) + number,
            sequence=order.sequence,
            batch=1,
            market=order.market,
            side=order.side,
            price=order.price,
            size=order.remaining,
            ioc=False,
            post_only=False,
            reduce_only=order.reduce_only,
            expiry=order.expiry,
            max_fee_ppm=order.max_fee_ppm,
            message_hash=(1 << 253) + number,
            received_ms=_RECEIVED_MS + number,
            updated_ms=_RECEIVED_MS + number,
            entry=order.sequence,
            status=OrderStatus.RESTING,
        )


def _state_of_accounts(count: str) -> State:
    ledger = unfunded_ledger()
    return State(ledger.configuration, ledger.domain, accounts(int(count)), ledger.markets)


def _state_of_orders(count: str) -> State:
    ledger = unfunded_ledger()
    return State(ledger.configuration, ledger.domain, accounts(OWNERS), ledger.markets, orders(int(count)))


def _projector(count: str) -> Projector:
    return Projector(unfunded_ledger().domain, records(int(count)))


def _node(folder: str) -> Recovered:
    return recover(Directories(Path(folder)), ROOMY)


HOLDINGS: Final[dict[str, Callable[[str], object]]] = {
    "accounts in the engine's state": _state_of_accounts,
    "orders in the engine's state": _state_of_orders,
    "orders in the projector": _projector,
    NODE: _node,
}


def main() -> None:
    _, holding, what = sys.argv
    held = HOLDINGS[holding](what)
    gc.collect()
    print(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    del held


if __name__ == "__main__":
    main()
