"""What larger batches cost on L1: real ones, sealed in sizes for which there is no circuit.

The contract does not know a circuit's size, only the data stream and the verifier. In the verifier's place
stands a contract that accepts everything and spends the gas that the real one was measured to spend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from bench.contracts import CHAIN_START_SECONDS, Contracts, any_proof
from bench.venue import MARK_TICKS, SIZE_LOTS, Venue
from prover import Keys
from prover.progress import Progress, reported
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.chain.anvil import local_chain
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import SignedMessage
from sequencer.model.request import Request

CASES: Final = ((16, 8), (64, 32), (256, 128), (64, 8), (256, 8))
"""Trades of a batch, and the accounts that make them."""

QUOTES_TAKEN: Final = c.MAX_OUTCOMES
MESSAGES_MAX: Final = c.TREE_ARITY**c.LOG_DEPTH


@dataclass(frozen=True, slots=True)
class ScalingFigures:
    """One `submitBatch`; `words` is the number of data words that the operator sent."""

    trades: int
    accounts: int
    messages: int
    words: int
    calldata_bytes: int
    gas: int


class ScaledExchange:
    """Makers that quote and takers whose orders take four quotes each; half of the accounts are makers.

    A maker quotes on one side and a taker trades on one, so that no position returns to what it was: each
    account's collateral, position and trading leaf change.
    """

    def __init__(self, domain: int, trades: int, accounts: int) -> None:
        self.accounts = range(1, 1 + accounts)
        self._makers, self._takers = self.accounts[: accounts // 2], self.accounts[accounts // 2 :]
        self._levels = trades // 2
        size = BatchSize(
            name=f"{trades} trades of {accounts} accounts",
            steps=4 * trades,
            accounts=accounts,
            pages=c.TREE_ARITY**c.PAGE_DEPTH,
            rows=2 * (2 + trades),
            messages=MESSAGES_MAX,
            requests=2 * accounts,
        )
        self._venue = Venue(domain, size)

    def fund(self, requests: list[Request]) -> SealedBatch:
        return self._venue.batch(requests=requests)

    def quote(self) -> Iterator[SealedBatch]:
        """Let the makers fill the book, in as many batches as it takes."""
        quotes = list(self._quotes())
        for begin in range(0, len(quotes), MESSAGES_MAX):
            yield self._venue.batch(messages=quotes[begin : begin + MESSAGES_MAX])

    def trade(self) -> SealedBatch:
        """Return the measured batch, which empties the book."""
        return self._venue.batch(messages=self._takings())

    def _quotes(self) -> Iterator[SignedMessage]:
        makers = cycle(self._makers)
        for level in range(1, 1 + self._levels):
            yield self._venue.order(next(makers), Side.BUY, MARK_TICKS - level)
            yield self._venue.order(next(makers), Side.SELL, MARK_TICKS + level)

    def _takings(self) -> Iterator[SignedMessage]:
        takers, lots = cycle(self._takers), QUOTES_TAKEN * SIZE_LOTS
        for level in range(QUOTES_TAKEN, 1 + self._levels, QUOTES_TAKEN):
            yield self._venue.order(next(takers), Side.BUY, MARK_TICKS + level, lots)
            yield self._venue.order(next(takers), Side.SELL, MARK_TICKS - level, lots)


def measure_scaling(keys: Keys, verification_gas: int, progress: Progress) -> tuple[ScalingFigures, ...]:
    figures = []
    for trades, accounts in CASES:
        with reported(progress, f"settle {trades} trades of {accounts} accounts"):
            figures.append(_measured(keys, verification_gas, trades, accounts))
    return tuple(figures)


def _measured(keys: Keys, verification_gas: int, trades: int, accounts: int) -> ScalingFigures:
    proof = any_proof()
    with local_chain(CHAIN_START_SECONDS) as chain:
        contracts = Contracts(chain, keys)
        contracts.accept_everything(verification_gas)
        exchange = ScaledExchange(contracts.rollup.domain, trades, accounts)
        contracts.submit(exchange.fund(contracts.onboard(exchange.accounts)), proof)
        for batch in exchange.quote():
            contracts.submit(batch, proof)
        batch = exchange.trade()
        assert len(batch.trades) == trades
        transaction = contracts.submit(batch, proof)
    return ScalingFigures(
        trades=trades,
        accounts=accounts,
        messages=len(batch.messages),
        words=len(batch.contract_words),
        calldata_bytes=transaction.calldata_bytes,
        gas=transaction.gas,
    )
