"""A trading session without a chain: the requests are those that eight depositing traders would queue."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from sequencer.batch.epoch import Epoch
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.constants import PPM_UNIT
from sequencer.model.market import MarketParameters
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.oracle.quorum import nearest_quorum
from sequencer.oracle.signer import signed
from sequencer.oracle.source import QuotedMarket
from sequencer.replay.bars import Bar, read_bars
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.prices import ReplaySource
from sequencer.replay.session import Acknowledge, TradingSession
from sequencer.replay.terms import PERPETUAL, configuration
from sequencer.replay.traders import Trader, eight_traders
from sequencer.state.genesis import genesis
from tests.replay.data import BARS

DOMAIN = 1_234_567
ROLLUP = "0x892611FfEBf1542f4F2031ce50345F1CB4D889EF"
CHAIN_ID = 31337


def queue(traders: list[Trader]) -> list[Request]:
    """What the traders' deposits and key registrations put into the queue of the contract."""
    requests = []
    for trader in traders:
        trader.derive_key(CHAIN_ID, ROLLUP)
        owner = int(trader.wallet.address, 16)
        requests.append(Request(RequestKind.DEPOSIT, trader.account, owner, trader.deposit))
        requests.append(Request(RequestKind.REGISTER_KEY, trader.account, owner, 0, trader.key))
    return requests


def unheard(epoch: Epoch, sequence: int, message_hash: int) -> None:
    """Nobody waits for receipts."""


class RecordedRounds:
    """The rounds that the five signers of a replay give, without their processes."""

    def __init__(self, seed: int) -> None:
        bars, self._secrets = read_bars(BARS, 120), OracleSigners(seed).secrets
        self._markets = [
            QuotedMarket(Decimal("0.01"), ReplaySource(bars, seed, signer))
            for signer in range(c.ORACLE_SIGNERS)
        ]

    def round(self, time: int) -> tuple[OracleReport, ...]:
        published = [
            signed(OracleReport(signer, time, (market.ticks(time), 0, 0, 0)), secret, DOMAIN)
            for signer, (market, secret) in enumerate(zip(self._markets, self._secrets, strict=True))
        ]
        return nearest_quorum(published, live_markets=1)


def open_session(
    seed: int,
    size: BatchSize | None = None,
    acknowledge: Acknowledge = unheard,
    market: MarketParameters = PERPETUAL,
) -> TradingSession:
    traders = eight_traders(seed)
    terms = replace(configuration(OracleSigners(seed).keys), markets=(market,))
    ledger = genesis(terms, DOMAIN)
    size = size or batch_size("reference")
    return TradingSession(ledger, size, traders, RecordedRounds(seed), queue(traders), seed, acknowledge)


def trade(session: TradingSession, bars: list[Bar]) -> list[SealedBatch]:
    """All batches of some minutes, each sealed at its end."""
    batches: list[SealedBatch] = []
    for before, bar in zip([bars[0], *bars], bars, strict=False):
        batches += session.minute(bar, (before.high - before.low) * PPM_UNIT // before.open)
        batches.append(session.seal())
    return batches


@pytest.fixture(scope="session")
def bars() -> list[Bar]:
    return read_bars(BARS, 40)


@pytest.fixture(scope="session")
def traded() -> Callable[[int, int], tuple[TradingSession, list[SealedBatch]]]:
    """Trade the first minutes of the day once for all tests, by (minutes, seed)."""
    done: dict[tuple[int, int], tuple[TradingSession, list[SealedBatch]]] = {}

    def trade_once(minutes: int, seed: int) -> tuple[TradingSession, list[SealedBatch]]:
        if (minutes, seed) not in done:
            session = open_session(seed)
            done[minutes, seed] = (session, trade(session, read_bars(BARS, minutes)))
        return done[minutes, seed]

    return trade_once
