"""An exchange on a local chain whose verifier believes everything: all but the proofs is real."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, ProofPoints, RollupClient, TokenClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.watcher import Watcher
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, configuration
from sequencer.replay.traders import wallet
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger

PRICE = 700_000
FUNDS = 10_000_000_000
NO_PROOF: ProofPoints = ((0, 0), ((0, 0), (0, 0)), (0, 0))
CREDULOUS = """pragma solidity ^0.8.28;
contract Groth16Verifier {
    function verifyProof(uint256[2] calldata, uint256[2][2] calldata, uint256[2] calldata, uint[3] calldata)
        external
        pure
        returns (bool)
    {
        return true;
    }
}"""


@dataclass
class Venue:
    """The chain, the operator's ledger, and users with tokens of which the rollup may take none yet."""

    chain: LocalChain
    operator: LocalAccount
    token: TokenClient
    rollup: RollupClient
    oracle: OracleSigners
    ledger: Ledger
    state: State

    def user(self, name: str) -> LocalAccount:
        """A new wallet with gas and dollars."""
        owner = wallet(name)
        self.chain.fund(owner.address, 10**19)
        self.token.mint(owner, owner.address, FUNDS)
        return owner

    def serve(self) -> None:
        """Consume the whole queue, in as many batches as that takes, and make each final."""
        while self.state.requests_consumed < self.rollup.request_count:
            self.submit(self.batch())

    def batch(self) -> SealedBatch:
        """The next batch: as many requests as it takes."""
        time = max(self.chain.time, self.state.timestamp + 1)
        opening = OpenEpoch(time, self.oracle.round(self.ledger.domain, time, PRICE))
        builder = BatchBuilder(self.ledger, self.state, batch_size("small"), opening)
        for request in Watcher(self.rollup).requests(self.state.requests_consumed):
            if builder.add_request(request) is None:
                break
        return builder.seal()

    def submit(self, batch: SealedBatch) -> None:
        """Make a batch final."""
        self.rollup.submit_batch(self.operator, BatchSubmission.of(batch, NO_PROOF))


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    with local_chain(1_584_008_000) as chain:
        operator, oracle = wallet("operator"), OracleSigners(1)
        chain.fund(operator.address, 10**19)
        terms, credulous = configuration(oracle.keys), verifier(CREDULOUS)
        rules = RollupTerms(wallet("receipt signer").address, batch_size("small").sure_requests)
        contracts = deploy(chain, operator, credulous, credulous, terms, [PERPETUAL], rules)
        rollup = RollupClient(chain, contracts.rollup)
        ledger = genesis(terms, rollup.domain, [PERPETUAL])
        token = TokenClient(chain, contracts.token)
        yield Venue(chain, operator, token, rollup, oracle, ledger, ledger.state())
