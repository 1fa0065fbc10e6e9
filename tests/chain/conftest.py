"""One local chain with the real contracts for all tests of a file; no test gets as far as the verifier."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import contract
from sequencer.chain.client import RollupClient, TokenClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.watcher import Watcher
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from sequencer.replay.traders import wallet

GENESIS_TIME = 1_584_008_000
RECEIPT_SIGNER = wallet("receipt signer")
GOVERNOR = wallet("governor")


@dataclass(frozen=True, slots=True)
class Deployed:
    """A chain with a token and a rollup whose verifier is never asked."""

    chain: LocalChain
    operator: LocalAccount
    token: TokenClient
    rollup: RollupClient
    watcher: Watcher

    def owner(self, name: str, dollars: int = 0) -> LocalAccount:
        """A new wallet with gas, and with tokens that the rollup may take."""
        account = wallet(name)
        self.chain.fund(account.address, 10**19)
        if dollars:
            self.token.mint(account, account.address, dollars)
            self.token.approve(account, self.rollup.address, dollars)
        return account


def deployed_on(chain: LocalChain) -> Deployed:
    """Deploy the contracts on a chain."""
    operator = wallet("operator")
    for payer in (operator, GOVERNOR):
        chain.fund(payer.address, 10**19)
    terms = configuration(OracleSigners(1).keys)
    nothing = contract("DemoDollar")
    rules = RollupTerms(RECEIPT_SIGNER.address, requests_per_batch=2, governor=GOVERNOR.address)
    contracts = deploy(chain, operator, nothing, nothing, terms, rules)
    rollup = RollupClient(chain, contracts.rollup)
    return Deployed(chain, operator, TokenClient(chain, contracts.token), rollup, Watcher(rollup))


@contextmanager
def deployment() -> Iterator[Deployed]:
    """Run a chain with the contracts of its own."""
    with local_chain(GENESIS_TIME) as chain:
        yield deployed_on(chain)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with deployment() as chain:
        yield chain
