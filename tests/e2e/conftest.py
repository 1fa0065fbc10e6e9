"""The first batch of a small exchange, proven by snarkjs once; each test starts before its submission."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from prover.proof import Proof
from prover.prover import open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.model.codes import Side
from tests.e2e.exchange import MAKER, TAKER, SmallExchange, small_exchange


@dataclass(frozen=True, slots=True)
class Proven:
    """Two deposits, two keys and a trade, proven and not yet submitted."""

    exchange: SmallExchange
    batch: SealedBatch
    proof: Proof


@pytest.fixture(scope="module")
def proven_once() -> Iterator[Proven]:
    with small_exchange(open_prover("small", "snarkjs")) as exchange:
        exchange.onboard()
        batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        yield Proven(exchange, batch, exchange.prove(batch))


@pytest.fixture
def proven(proven_once: Proven) -> Iterator[Proven]:
    """The same again for each test: what it does to the chain is undone."""
    chain = proven_once.exchange.chain
    snapshot = chain.request("evm_snapshot", [])
    yield proven_once
    assert chain.request("evm_revert", [snapshot])
