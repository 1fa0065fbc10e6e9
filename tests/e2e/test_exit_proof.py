"""Who has calldata proves an exit, and the exported contract believes exactly that one."""

from collections.abc import Iterator
from itertools import count

import pytest
from web3.contract import Contract

from prover import Proof, Prover, open_prover, verify_independently, verify_with_snarkjs
from prover.circuit import EXIT, EXIT_PUBLIC_INPUTS
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import local_chain
from sequencer.chain.artifacts import verifier
from sequencer.model.constants import FIELD_MODULUS
from sequencer.replay.traders import wallet
from sequencer.state.exit import ExitClaim, exit_claim, exit_inputs
from sequencer.state.published import PublishedState
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch
from tests.chain.conftest import GENESIS_TIME
from tests.state.published import published

ACCOUNT = 2


@pytest.fixture(scope="module")
def state() -> PublishedState:
    """What calldata tells after three batches of trading, in which the account has got a position."""
    return next(told for told in map(after_trading, count(1)) if any(told.positions(ACCOUNT)))


def after_trading(seed: int) -> PublishedState:
    traded = strategies.genesis(accounts=3, markets=2, resting=2)
    ledger = ledger_of(traded)
    told = published(traded.accounts, traded.markets, traded.fee_pool, traded.requests_consumed)
    for commands in strategies.batches(seed, 3, accounts=3, markets=2, resting=2):
        batch = sealed_batch(ledger, traded, batch_size("small"), commands)
        told.apply(batch.contract_words)
        assert told.exit_root() == batch.new_roots.exit
    return told


@pytest.fixture(scope="module")
def claim(state: PublishedState) -> ExitClaim:
    return exit_claim(state, ACCOUNT)


@pytest.fixture(scope="module")
def leaving() -> Prover:
    return open_prover(EXIT, "native")


@pytest.fixture(scope="module")
def proof(leaving: Prover, state: PublishedState) -> Proof:
    return leaving.prove(exit_inputs(state, ACCOUNT))


@pytest.fixture(scope="module")
def exported(leaving: Prover) -> Iterator[Contract]:
    source = leaving.keys.verifier.read_text()
    assert "contract ExitVerifier {" in source
    artifact = verifier(source)
    with local_chain(GENESIS_TIME) as chain:
        operator = wallet("operator")
        chain.fund(operator.address, 10**19)
        yield chain.contract(artifact, chain.deploy(operator, artifact))


def test_the_public_values_of_a_proof_are_the_claim(leaving: Prover, proof: Proof, claim: ExitClaim) -> None:
    assert claim.equity > 0
    assert proof.public == claim
    assert leaving.circuit.public == EXIT_PUBLIC_INPUTS
    assert verify_with_snarkjs(leaving.keys.verification_key, proof.points, proof.public)
    assert verify_independently(leaving.keys.verification_key, proof.points, proof.public)


def test_the_contract_believes_the_claim_and_no_other(
    exported: Contract, proof: Proof, claim: ExitClaim
) -> None:
    def believed(*public: int) -> bool:
        return bool(exported.functions.verifyProof(*proof.points.to_contract(), list(public)).call())

    root, account, owner, equity = claim
    assert believed(root, account, owner, equity)
    assert not believed(root, account, owner, equity + 1)
    assert not believed(root, account, owner + 1, equity)
    assert not believed(root, account + 1, owner, equity)
    assert not believed(root + 1, account, owner, equity)
    assert not believed(root, account + FIELD_MODULUS, owner, equity)
