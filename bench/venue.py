"""A ledger with one market and signing traders: what the workloads are made on."""

from collections.abc import Iterable, Iterator
from typing import Final

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.crypto import SUBGROUP_ORDER, poseidon, public_key, sign
from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.model.schedule import STATIC
from sequencer.state.genesis import genesis
from sequencer.state.published import PublishedState

MARK_TICKS: Final = 50_000
SIZE_LOTS: Final = 10
DEPOSIT: Final = 1_000_000_000_000
GENESIS_SECONDS: Final = 1_584_000_000
MARKET: Final = MarketParameters(
    quote_per_tick_lot=100,
    initial_ppm=50_000,
    maintenance_ppm=25_000,
    band_ppm=100_000,
    min_size=1,
    max_position=1 << 20,
    max_move_ppm=100_000,
    halt_seconds=60,
    liquidation_fee_ppm=10_000,
)


class Venue:
    """A ledger, the engine's state and the traders' nonces; a batch opens a second after the last."""

    def __init__(self, domain: int, size: BatchSize) -> None:
        self._size = size
        self._ledger = genesis(configuration(), domain)
        self._state = self._ledger.state()
        self._nonces: dict[int, int] = {}

    def batch(self, requests: Iterable[Request] = (), messages: Iterable[SignedMessage] = ()) -> SealedBatch:
        """One batch that holds all of it."""
        builder = BatchBuilder(self._ledger, self._state, self._size, self._opening())
        for request in requests:
            assert builder.add_request(request) is not None
        for message in messages:
            assert builder.add_message(message) is not None
        return builder.seal()

    def order(self, account: int, side: Side, price: int, lots: int = SIZE_LOTS) -> SignedMessage:
        nonce = self._nonces[account] = self._nonces.get(account, 0) + 1
        message = Message(
            account=account,
            key_epoch=1,
            nonce=nonce,
            side=side,
            max_fee_ppm=1_000,
            price=price,
            size=lots,
        )
        return SignedMessage(message, sign(_trader_secret(account), message.hash(self._ledger.domain)))

    def _opening(self) -> OpenEpoch:
        """The same price from three signers."""
        timestamp = max(self._state.timestamp, GENESIS_SECONDS) + 1
        prices = (MARK_TICKS,) + (0,) * (c.MARKETS - 1)
        reports = []
        for signer in range(c.ORACLE_QUORUM):
            digest = OracleReport(signer, timestamp, prices).hash(self._ledger.domain)
            reports.append(OracleReport(signer, timestamp, prices, sign(_oracle_secret(signer), digest)))
        return OpenEpoch(timestamp, tuple(reports))


def configuration() -> Configuration:
    return Configuration(
        tiers=(FeeTier(maker_ppm=100, taker_ppm=400),) * c.TIERS,
        oracle_keys=tuple(public_key(_oracle_secret(signer)) for signer in range(c.ORACLE_SIGNERS)),
        oracle_max_age_seconds=60,
        markets=(MARKET,),
        schedules=(STATIC,),
        insurance_floor=0,
    )


def published(batches: Iterable[SealedBatch]) -> PublishedState:
    """What L1 knows of money and positions after the first batches."""
    state = PublishedState(slot.words() for slot in genesis(configuration(), 0).markets)
    for batch in batches:
        state.apply(batch.contract_words)
        assert state.exit_root() == batch.new_roots.exit
    return state


def funding(accounts: Iterable[int]) -> Iterator[Request]:
    """The deposits and keys of accounts that no L1 has seen."""
    for account in accounts:
        owner = 1 << 100 | account
        yield Request(RequestKind.DEPOSIT, account, owner, amount=DEPOSIT)
        yield Request(RequestKind.REGISTER_KEY, account, owner, data=trader_key(account))


def trader_key(account: int) -> tuple[int, int]:
    return public_key(_trader_secret(account))


def _trader_secret(account: int) -> int:
    return 1 + poseidon((1, account)) % (SUBGROUP_ORDER - 1)


def _oracle_secret(signer: int) -> int:
    return 1 + poseidon((2, signer)) % (SUBGROUP_ORDER - 1)
