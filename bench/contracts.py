"""The exchange's contracts on a local chain, its traders' wallets and its operator."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from eth_account.signers.local import LocalAccount

from bench.venue import DEPOSIT, GENESIS_SECONDS, configuration, trader_key
from prover import Keys, open_prover
from prover.circuit import EXIT
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, ProofPoints, RollupClient, TokenClient
from sequencer.chain.connection import Transaction
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.watcher import Watcher
from sequencer.model.constants import FIELD_MODULUS
from sequencer.model.request import Request
from sequencer.replay.settlement import WEI_FOR_GAS
from sequencer.replay.traders import wallet

CHAIN_START_SECONDS: Final = GENESIS_SECONDS - 600
"""The chain starts before the exchange: time for deployment and deposits."""

_SEED: Final = 1


class Contracts:
    """A deployment over the verifier that belongs to the keys of the batch circuit."""

    def __init__(self, chain: LocalChain, keys: Keys) -> None:
        keys.manifest.require_chain(chain.chain_id)
        self.chain, self.operator = chain, wallet("bench operator")
        self.receipt_key, self.governor = wallet("bench receipts"), wallet("bench governor")
        for payer in (self.operator, self.governor):
            chain.fund(payer.address, WEI_FOR_GAS)
        requests = batch_size("reference").sure_requests
        terms = RollupTerms(self.receipt_key.address, requests, self.governor.address)
        exits = verifier(open_prover(EXIT).prepare().verifier.read_text())
        batches = verifier(keys.verifier.read_text())
        contracts = deploy(chain, self.operator, batches, exits, configuration(), terms)
        self.token, self.rollup = TokenClient(chain, contracts.token), RollupClient(chain, contracts.rollup)

    def accept_everything(self, gas: int) -> None:
        """Put a contract that spends so much gas, then says yes, in the place of the verifier of batches."""
        self.chain.request("anvil_setCode", [self.rollup.verifier, _accepting(gas).hex()])

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Let the chain forget what the body did to it."""
        snapshot = self.chain.request("evm_snapshot", [])
        yield
        assert self.chain.request("evm_revert", [snapshot])

    def trader(self, account: int) -> LocalAccount:
        """The wallet of an account, with gas, and tokens that the rollup may take."""
        owner = wallet(f"bench trader {account}")
        self.chain.fund(owner.address, WEI_FOR_GAS)
        self.token.mint(owner, owner.address, DEPOSIT)
        self.token.approve(owner, self.rollup.address, DEPOSIT)
        return owner

    def onboard(self, accounts: Iterable[int]) -> list[Request]:
        """Let each trader deposit and register its key; return the queue, as L1 has it."""
        for account in accounts:
            owner = self.trader(account)
            self.rollup.deposit(owner, DEPOSIT)
            self.rollup.register_key(owner, trader_key(account))
        return Watcher(self.rollup).requests()

    def submit(self, batch: SealedBatch, proof: ProofPoints) -> Transaction:
        """Make a batch final."""
        self.chain.advance(batch.change.counters.timestamp)
        transaction = self.rollup.submit_batch(self.operator, BatchSubmission.of(batch, proof))
        assert self.rollup.state_root == batch.new_roots.state
        return transaction


def _accepting(gas: int) -> bytes:
    """EVM code that spends some gas, to within one turn of a loop, and answers every call with the word 1."""
    begin, spent = bytes.fromhex("5a5b"), bytes.fromhex("805a900362") + gas.to_bytes(3, "big")
    turn, answer = bytes.fromhex("11600157"), bytes.fromhex("60015f5260205ff3")
    # gas; loop: dup1 gas swap1 sub push3(gas) gt push1(loop) jumpi; mstore(0, 1); return(0, 32)
    return begin + spent + turn + answer


def any_proof() -> ProofPoints:
    """What a verifier that accepts everything is given: chance, as a proof is, for the price of calldata."""
    chance = random.Random(_SEED)
    pairs = [(chance.randrange(FIELD_MODULUS), chance.randrange(FIELD_MODULUS)) for _ in range(4)]
    return pairs[0], (pairs[1], pairs[2]), pairs[3]
