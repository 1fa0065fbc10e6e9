"""A small exchange on a local chain with two proven batches, and a node in front of it that may lie."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from web3 import HTTPProvider
from web3.types import RPCEndpoint, RPCResponse

from prover.proof import Proof
from prover.prover import open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.connection import Connection
from sequencer.model.codes import Side
from tests.e2e.exchange import DEPOSIT, MAKER, TAKER, SmallExchange, small_exchange

Lie = Callable[[str, Any, Any], Any]
"""From method, parameters and the honest result to what the node says; it may raise instead."""


class LyingNode(HTTPProvider):
    """A node that answers honestly but for its lies."""

    def __init__(self, url: str) -> None:
        super().__init__(url, exception_retry_configuration=None)
        self.lies: list[Lie] = []

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        answer = super().make_request(method, params)
        for lie in self.lies:
            if "result" in answer:
                answer["result"] = lie(method, params, answer["result"])
        return answer


@dataclass
class Settled:
    """The exchange after its batches, and the way to it through the node.

    A trade is in the first batch, the taker's withdrawal in the second; a deposit waits behind them.
    """

    exchange: SmallExchange
    batches: list[SealedBatch]
    proofs: list[Proof]
    connection: Connection
    node: LyingNode
    before_second: str = field(default="")

    @property
    def rollup(self) -> str:
        return self.exchange.rollup.address

    @contextmanager
    def lying(self, lie: Lie) -> Iterator[Connection]:
        """The node with one lie."""
        self.node.lies = [lie]
        try:
            yield self.connection
        finally:
            self.node.lies = []

    def submit_second(self) -> None:
        """Make the second batch final, have the withdrawal claimed, and queue a deposit."""
        self.exchange.submit(self.batches[1], self.proofs[1])
        self.exchange.rollup.claim(self.exchange.stranger, self.exchange.owners[TAKER].address)
        owner = self.exchange.owners[MAKER]
        self.exchange.token.mint(owner, owner.address, DEPOSIT)
        self.exchange.token.approve(owner, self.rollup, DEPOSIT)
        self.exchange.rollup.deposit(owner, DEPOSIT)

    def snapshot(self) -> str:
        """Let the chain remember where it is."""
        return str(self.exchange.chain.request("evm_snapshot", []))

    def reorganise(self) -> None:
        """Take back the second batch and all after it; the chain goes on with other blocks."""
        assert self.exchange.chain.request("evm_revert", [self.before_second])
        self.before_second = self.snapshot()
        self.exchange.chain.request("anvil_mine", ["0x2"])


@pytest.fixture(scope="module")
def settled() -> Iterator[Settled]:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        first = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        proofs = [exchange.prove(first)]
        exchange.submit(first, proofs[0])
        exchange.rollup.withdraw(exchange.owners[TAKER], DEPOSIT)
        second = exchange.batch()
        proofs.append(exchange.prove(second))
        connection, node = Connection(exchange.chain.url), LyingNode(exchange.chain.url)
        connection.web3.provider = node
        made = Settled(exchange, [first, second], proofs, connection, node)
        made.before_second = made.snapshot()
        made.submit_second()
        yield made
