"""A node on a directory, with real logs, history and signatures; the test is its clock and its settler."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.chain.receipts import ReceiptDomain, ReceiptSigner
from sequencer.crypto import public_key, sign
from sequencer.journal.writer import LogWriter
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.node.answers import VenueInfo
from sequencer.node.inflow import Inflow
from sequencer.node.listing import Listing
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.node.recovery import recover
from sequencer.node.rounds import RoundFeed
from sequencer.oracle.client import Round
from sequencer.oracle.errors import NoQuorumError
from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed, SettlementEntry
from sequencer.records.entry_codec import encode_entry
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, configuration
from sequencer.replay.traders import wallet
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger

START = 1_584_008_280
PRICE = 700_000
DEPOSIT = 200_000_000_000
DOMAIN = 77
ROLLUP = "0x8Cda081F4B015aFacF846493dE2847c6B76D33f6"
RECEIPT_KEY = wallet("node receipts")
BTC = Listing("BTC-USD", MARKET, Decimal("0.01"), Decimal("0.0001"))
POLICY = NodePolicy(batch_seconds=5)
ORACLE = OracleSigners(1)


def secret_of(account: int) -> int:
    return 1_000 + account


@dataclass(slots=True)
class Time:
    """The clock of a test: milliseconds that pass when the test says so, and a little at each look."""

    now_ms: int = START * 1_000

    def __call__(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def pass_seconds(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1_000)


class Signers:
    """Five honest signers of one price, while they are not silent."""

    def __init__(self, price: int = PRICE, domain: int = DOMAIN) -> None:
        self.price, self.domain, self.are_silent = price, domain, False

    def collect(self, time: int) -> Round:
        if self.are_silent:
            raise NoQuorumError("no signer answers")
        return Round(ORACLE.round(self.domain, time, self.price), ())


def create(data: Path, accounts: int = 2, deposit: int = DEPOSIT) -> Directories:
    """A venue before its first batch, whose queue has a deposit and a key of each account."""
    directories = Directories(data)
    data.mkdir(parents=True, exist_ok=True)
    write_snapshot(directories.snapshots, beginning())
    settle(directories, *onboarding(accounts, deposit))
    return directories


def beginning() -> Ledger:
    """The ledger before the first batch."""
    return genesis(configuration(ORACLE.keys), DOMAIN)


def onboarding(accounts: int, deposit: int = DEPOSIT) -> list[Confirmed]:
    """A queue with a deposit and a key of each account."""
    queue: list[Confirmed] = []
    for account in range(1, accounts + 1):
        key = public_key(secret_of(account))
        queue += [
            Confirmed(Request(RequestKind.DEPOSIT, account, owner=account, amount=deposit)),
            Confirmed(Request(RequestKind.REGISTER_KEY, account, owner=account, data=key)),
        ]
    return queue


def settle(directories: Directories, *entries: SettlementEntry) -> None:
    """What a settler writes."""
    with LogWriter(directories.settlement) as log:
        for entry in entries:
            log.append(encode_entry(entry))
        log.commit()


@asynccontextmanager
async def running(
    directories: Directories,
    time: Time | None = None,
    size: BatchSize | None = None,
    policy: NodePolicy = POLICY,
    signers: Signers | None = None,
) -> AsyncIterator[Node]:
    """A node from its start to its stop; it takes messages."""
    async with started(directories, time, size, policy, signers) as node:
        await until(lambda: node.status().is_ready or node.failure is not None)
        yield node


@asynccontextmanager
async def started(
    directories: Directories,
    time: Time | None = None,
    size: BatchSize | None = None,
    policy: NodePolicy = POLICY,
    signers: Signers | None = None,
) -> AsyncIterator[Node]:
    """A node from its start to its stop, ready or not."""
    clock = time or Time()
    recovered = recover(directories, size or batch_size("reference"))
    state = recovered.machine.state
    inflow = Inflow(directories.settlement, state.requests_consumed, recovered.unwindings)
    domain = ReceiptDomain(31337, ROLLUP)
    receipts = ReceiptSigner(RECEIPT_KEY, domain, policy.promise_seconds, inflow.hashes)
    info = VenueInfo((BTC,), 31337, ROLLUP, DOMAIN, RECEIPT_KEY.address, size or batch_size("reference"))
    rounds = RoundFeed(signers or Signers(), 1, clock)
    node = Node(recovered, info, inflow, rounds, receipts, lambda _: None, policy, clock)
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


async def until(holds: Callable[[], bool]) -> None:
    """Let the node's loops run until something holds."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)


@dataclass(slots=True)
class Trader:
    """Signs as a client does: each message with a larger nonce.

    Attributes
    ----------
    secret : int
        The account's key, that of `onboarding` if none is given.
    """

    account: int
    nonce: int = 0
    secret: int = 0
    domain: int = DOMAIN
    sent: list[SignedMessage] = field(default_factory=list)

    def order(self, side: Side, size: int, price: int = PRICE, **terms: int | bool) -> SignedMessage:
        message = Message(
            self.account, 1, 0, market=MARKET, side=side, price=price, size=size, max_fee_ppm=500
        )
        return self.signed(replace(message, **terms))

    def cancel(self, order: SignedMessage, sequence: int) -> SignedMessage:
        placed = order.message
        return self.signed(
            Message(
                self.account,
                1,
                0,
                MessageKind.CANCEL,
                placed.market,
                placed.side,
                price=placed.price,
                target=sequence,
            )
        )

    def cancel_all(self, nonce: int | None = None) -> SignedMessage:
        return self.signed(Message(self.account, 1, 0, MessageKind.CANCEL_ALL), nonce)

    def signed(self, message: Message, nonce: int | None = None) -> SignedMessage:
        if nonce is None:
            self.nonce += 1
            nonce = self.nonce
        numbered = replace(message, nonce=nonce)
        secret = self.secret or secret_of(self.account)
        signed = SignedMessage(numbered, sign(secret, numbered.hash(self.domain)))
        self.sent.append(signed)
        return signed
