"""The venue under load: one market, many funded accounts, and a batch size that nobody proves."""

from decimal import Decimal
from pathlib import Path
from typing import Final

from bench.workload import DOMAIN
from sequencer.batch.sizes import BatchSize
from sequencer.chain.receipts import ReceiptDomain
from sequencer.crypto import SUBGROUP_ORDER, poseidon, public_key
from sequencer.journal.writer import LogWriter
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.node.listing import Listing
from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed
from sequencer.records.entry_codec import encode_entry
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, configuration
from sequencer.replay.traders import wallet
from sequencer.service.wire.numbers import Markets, Units
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis

SEED: Final = 1
ACCOUNTS: Final = range(c.FIRST_ACCOUNT, c.FIRST_ACCOUNT + 128)
PRICE_TICKS: Final = 700_000
SIZE: Final = BatchSize(
    "load", steps=32_768, accounts=4_096, pages=4_096, rows=65_536, messages=16_384, requests=4_096
)
"""No circuit has it and no log of a batch is so long: nothing is proven here, and no batch is to be full."""

ORACLE: Final = OracleSigners(SEED)
LISTING: Final = Listing("BTC-USD", MARKET, Decimal("0.01"), Decimal("0.0001"))
MARKETS: Final = Markets(
    (Units.of(LISTING.symbol, LISTING.slot, LISTING.tick_size, LISTING.lot_size),),
)
RECEIPT_KEY: Final = wallet("load receipts")
RECEIPTS: Final = ReceiptDomain(31337, "0x8Cda081F4B015aFacF846493dE2847c6B76D33f6")

_DEPOSIT: Final = 10**13


def create_venue(data: Path) -> Directories:
    """A data directory before the first batch, with a deposit and a key of each account in its queue."""
    directories = Directories(data)
    data.mkdir(parents=True, exist_ok=True)
    write_snapshot(directories.snapshots, genesis(configuration(ORACLE.keys), DOMAIN))
    with LogWriter(directories.settlement) as log:
        for request in onboarding():
            log.append(encode_entry(Confirmed(request)))
        log.commit()
    return directories


def onboarding() -> list[Request]:
    """What L1 would have asked for: money and a key for each account."""
    queue = []
    for account in ACCOUNTS:
        key = public_key(secret_of(account))
        queue.append(Request(RequestKind.DEPOSIT, account, owner=account, amount=_DEPOSIT))
        queue.append(Request(RequestKind.REGISTER_KEY, account, owner=account, data=key))
    return queue


def secret_of(account: int) -> int:
    return 1 + poseidon((4, account)) % (SUBGROUP_ORDER - 1)
