"""What a batch costs on L1: the workload's exchange on deployed contracts, deposits and proofs included."""

from dataclasses import dataclass
from typing import Final

from bench.workload import (
    DEPOSIT,
    GENESIS_SECONDS,
    MAKERS,
    TAKERS,
    configuration,
    market,
    trader_key,
)
from prover import Keys, Proof, open_prover
from prover.circuit import EXIT
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, RollupClient, TokenClient
from sequencer.chain.connection import Transaction
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.watcher import Watcher
from sequencer.model.request import Request
from sequencer.replay.settlement import WEI_FOR_GAS
from sequencer.replay.traders import wallet

CHAIN_START_SECONDS: Final = GENESIS_SECONDS - 600
"""The chain starts before the exchange: time for deployment and deposits."""


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """One `submitBatch` of the reference workload.

    Attributes
    ----------
    words : int
        Data words that the operator sent.
    """

    messages: int
    trades: int
    words: int
    calldata_bytes: int
    gas: int


class Contracts:
    """The contracts of the workload on a local chain, its traders' wallets, and the operator."""

    def __init__(self, chain: LocalChain, keys: Keys) -> None:
        keys.manifest.require_chain(chain.chain_id)
        self._chain, self._operator = chain, wallet("bench operator")
        chain.fund(self._operator.address, WEI_FOR_GAS)
        exported = verifier(keys.verifier.read_text())
        terms = RollupTerms(wallet("bench receipts").address, batch_size("reference").sure_requests)
        exits = verifier(open_prover(EXIT).prepare().verifier.read_text())
        contracts = deploy(chain, self._operator, exported, exits, configuration(), [market()], terms)
        self._token, self._rollup = TokenClient(chain, contracts.token), RollupClient(chain, contracts.rollup)

    @property
    def domain(self) -> int:
        return self._rollup.domain

    def onboard(self) -> list[Request]:
        """Let every trader deposit and register its key; return the queue, as L1 has it."""
        for account in MAKERS + TAKERS:
            owner = wallet(f"bench trader {account}")
            self._chain.fund(owner.address, WEI_FOR_GAS)
            self._token.mint(owner, owner.address, DEPOSIT)
            self._token.approve(owner, self._rollup.address, DEPOSIT)
            self._rollup.deposit(owner, DEPOSIT)
            self._rollup.register_key(owner, trader_key(account))
        return Watcher(self._rollup).requests()

    def submit(self, batch: SealedBatch, proof: Proof) -> Transaction:
        """Make a batch final."""
        self._chain.advance(batch.change.counters.timestamp)
        submission = BatchSubmission.of(batch, proof.points.to_contract())
        transaction = self._rollup.submit_batch(self._operator, submission)
        assert self._rollup.state_root == batch.new_roots.state
        return transaction


def measure_submission(contracts: Contracts, batch: SealedBatch, proof: Proof) -> ChainFigures:
    transaction = contracts.submit(batch, proof)
    return ChainFigures(
        messages=len(batch.messages),
        trades=len(batch.trades),
        words=len(batch.contract_words),
        calldata_bytes=transaction.calldata_bytes,
        gas=transaction.gas,
    )
