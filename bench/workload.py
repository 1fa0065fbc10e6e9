"""The reference workload: 32 signed orders of eight accounts in one market, 16 that rest and 16 that cross.

Four makers quote on both sides. In the measured batch each order of a taker takes the best quote whole,
which the last batch left in the page tree, and a new quote follows, behind the others.
"""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Final

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.crypto import SUBGROUP_ORDER, poseidon, public_key, sign
from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.state.genesis import genesis

DOMAIN: Final = poseidon((c.PROTOCOL_VERSION, 31337))
MARK_TICKS: Final = 50_000
SIZE_LOTS: Final = 10
DEPOSIT: Final = 1_000_000_000_000
GENESIS_SECONDS: Final = 1_584_000_000
MAKERS: Final = (1, 2, 3, 4)
TAKERS: Final = (5, 6, 7, 8)
QUOTES_A_SIDE: Final = 8
SIZE_NAME: Final = "reference"


def reference_workload() -> SealedBatch:
    """Return the measured batch, of the size `reference`, on the state that two batches before it left."""
    exchange = ReferenceExchange(DOMAIN)
    exchange.fund(_funding())
    exchange.quote()
    return exchange.trade()


class ReferenceExchange:
    """The ledger of the workload, and the nonces of its traders; its three batches in their order."""

    def __init__(self, domain: int) -> None:
        self._ledger = genesis(configuration(), domain, [market()])
        self._state = self._ledger.state()
        self._nonces = dict.fromkeys(MAKERS + TAKERS, 0)

    def fund(self, requests: Iterable[Request]) -> SealedBatch:
        """Take in the deposits and keys of all traders."""
        return self._batch(requests=requests)

    def quote(self) -> SealedBatch:
        """Let the makers fill the book that the takers will meet."""
        return self._batch(messages=self._quotes(level=0))

    def trade(self) -> SealedBatch:
        """Return the measured batch."""
        return self._batch(messages=self._trading())

    def _batch(self, requests: Iterable[Request] = (), messages: Iterable[SignedMessage] = ()) -> SealedBatch:
        builder = BatchBuilder(self._ledger, self._state, batch_size(SIZE_NAME), self._opening())
        for request in requests:
            assert builder.add_request(request) is not None
        for message in messages:
            assert builder.add_message(message) is not None
        return builder.seal()

    def _quotes(self, level: int) -> Iterator[SignedMessage]:
        """Bids and asks of the makers behind the `level` that stand already, each further from the mark."""
        makers = cycle(MAKERS)
        for distance in range(level + 1, level + 1 + QUOTES_A_SIDE):
            yield self._order(next(makers), Side.BUY, MARK_TICKS - distance)
            yield self._order(next(makers), Side.SELL, MARK_TICKS + distance)

    def _trading(self) -> Iterator[SignedMessage]:
        """An order that takes the best quote of a side whole, then a new quote; on both sides in turn."""
        takers = cycle(TAKERS)
        for place, quote in enumerate(self._quotes(level=QUOTES_A_SIDE)):
            distance = 1 + place // 2
            side = Side(quote.message.side).opposite
            price = MARK_TICKS + (distance if side == Side.BUY else -distance)
            yield self._order(next(takers), side, price)
            yield quote

    def _order(self, account: int, side: Side, price: int) -> SignedMessage:
        self._nonces[account] += 1
        message = Message(
            account=account,
            key_epoch=1,
            nonce=self._nonces[account],
            side=side,
            max_fee_ppm=1_000,
            price=price,
            size=SIZE_LOTS,
        )
        return SignedMessage(message, sign(_trader_secret(account), message.hash(self._ledger.domain)))

    def _opening(self) -> OpenEpoch:
        """Open a batch a second after the last, with the same price from three signers."""
        timestamp = max(self._state.timestamp, GENESIS_SECONDS) + 1
        prices = (MARK_TICKS,) + (0,) * (c.MARKETS - 1)
        reports = []
        for signer in range(c.ORACLE_QUORUM):
            digest = OracleReport(signer, timestamp, prices).hash(self._ledger.domain)
            reports.append(OracleReport(signer, timestamp, prices, sign(_oracle_secret(signer), digest)))
        return OpenEpoch(timestamp, tuple(reports))


def market() -> MarketParameters:
    return MarketParameters(
        quote_per_tick_lot=100,
        initial_ppm=50_000,
        maintenance_ppm=25_000,
        band_ppm=100_000,
        min_size=1,
        max_position=1 << 20,
    )


def configuration() -> Configuration:
    return Configuration(
        tiers=(FeeTier(maker_ppm=100, taker_ppm=400),) * c.TIERS,
        oracle_keys=tuple(public_key(_oracle_secret(signer)) for signer in range(c.ORACLE_SIGNERS)),
        oracle_max_age_seconds=60,
    )


def _funding() -> Iterator[Request]:
    for account in MAKERS + TAKERS:
        owner = 1 << 100 | account
        yield Request(RequestKind.DEPOSIT, account, owner, amount=DEPOSIT)
        yield Request(RequestKind.REGISTER_KEY, account, owner, key=trader_key(account))


def trader_key(account: int) -> tuple[int, int]:
    return public_key(_trader_secret(account))


def _trader_secret(account: int) -> int:
    return 1 + poseidon((1, account)) % (SUBGROUP_ORDER - 1)


def _oracle_secret(signer: int) -> int:
    return 1 + poseidon((2, signer)) % (SUBGROUP_ORDER - 1)
