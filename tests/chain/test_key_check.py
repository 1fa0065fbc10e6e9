"""The verifier on chain is the one that the sources and the seed give, to the byte of its code."""

from collections.abc import Iterator

import pytest

from prover import Prover, open_prover
from prover.circuit import EXIT, circuit_of
from prover.compile import compile_circuit
from prover.errors import KeysDifferError
from prover.setup import Keys, development_keys
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import verifier, verifier_code
from sequencer.chain.client import RollupClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.errors import ContractBuildError, NotARollupError
from sequencer.chain.key_check import committed_key, deployed_codehash, key_hashes, read_table
from sequencer.cli.exits import exit_code
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from sequencer.replay.traders import wallet
from tests.chain.conftest import GENESIS_TIME
from tests.prover.conftest import small_circuit


@pytest.fixture(scope="module")
def keys() -> Keys:
    return development_keys(compile_circuit(small_circuit("Product")))


@pytest.fixture(scope="module")
def chain() -> Iterator[LocalChain]:
    with local_chain(GENESIS_TIME) as chain:
        chain.fund(wallet("operator").address, 10**19)
        yield chain


def rollup_with(chain: LocalChain, source: str) -> RollupClient:
    terms = configuration(OracleSigners(1).keys)
    exported, rules = verifier(source), RollupTerms(wallet("receipts").address, requests_per_batch=2)
    contracts = deploy(chain, wallet("operator"), exported, exported, terms, rules)
    return RollupClient(chain, contracts.rollup)


def test_the_deployed_verifier_is_the_one_of_the_keys(chain: LocalChain, keys: Keys) -> None:
    rollup = rollup_with(chain, keys.verifier.read_text())
    assert chain.code(rollup.verifier) == verifier_code(keys.verifier.read_text())
    assert deployed_codehash(rollup) == key_hashes(keys)["codehash"]


def test_one_other_digit_of_the_verification_key_is_another_verifier(chain: LocalChain, keys: Keys) -> None:
    source = keys.verifier.read_text()
    constant = source.index("uint256 constant alphax  = ") + len("uint256 constant alphax  = ")
    changed = source[:constant] + str(9 - int(source[constant])) + source[constant + 1 :]
    assert deployed_codehash(rollup_with(chain, changed)) != key_hashes(keys)["codehash"]


def test_an_address_without_a_rollup_is_named(chain: LocalChain) -> None:
    nobody = wallet("nobody").address
    with pytest.raises(NotARollupError, match=f"{nobody} on .* names no verifier"):
        deployed_codehash(RollupClient(chain, nobody))


def test_a_verifier_whose_code_depends_on_its_deployment_cannot_be_compared() -> None:
    source = "contract Groth16Verifier { uint256 public immutable at = block.number; }"
    with pytest.raises(ContractBuildError, match="immutables"):
        verifier_code(source)


@pytest.mark.parametrize(("size", "prover"), [("small", open_prover("small")), ("exit", open_prover(EXIT))])
def test_the_committed_table_has_the_keys(size: str, prover: Prover) -> None:
    assert key_hashes(prover.keys) == read_table()[size], (
        f"the circuit has changed: `proofbook circuit verify-keys --size {size} --write` takes it over"
    )


@pytest.mark.parametrize("size", read_table())
def test_the_committed_verification_key_is_the_table_s(size: str) -> None:
    assert committed_key(size).public_signals == len(circuit_of(size).public)


def test_keys_that_differ_have_the_exit_code_of_the_prover() -> None:
    assert exit_code(KeysDifferError("the zkey", "")) == 4
