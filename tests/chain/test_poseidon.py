"""The Poseidon that the contract calls is ours: on thousands of inputs, and to the byte circomlibjs' own."""

import random
import subprocess
from collections.abc import Iterator

import pytest
from eth_typing import ChecksumAddress

from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import PROJECT_ROOT, contract
from sequencer.chain.key_check import codehash_at
from sequencer.crypto import poseidon_many
from sequencer.model.constants import FIELD_MODULUS
from sequencer.replay.traders import wallet
from sequencer.verifier.key import POSEIDON_CODEHASH
from tests.chain.conftest import GENESIS_TIME

SOURCE = PROJECT_ROOT / "contracts" / "src" / "Poseidon.sol"
SELECTOR = "248f6677"
INPUTS = 4
RANDOM_ROWS = 2_000


@pytest.fixture(scope="module")
def chain() -> Iterator[LocalChain]:
    with local_chain(GENESIS_TIME) as chain:
        chain.fund(wallet("operator").address, 10**19)
        yield chain


@pytest.fixture(scope="module")
def hasher(chain: LocalChain) -> ChecksumAddress:
    return chain.deploy(wallet("operator"), contract("Poseidon"))


def rows() -> list[list[int]]:
    """Every combination of the smallest and the largest element, and random rows."""
    edges = (0, FIELD_MODULUS - 1)
    combined = [[edges[mask >> place & 1] for place in range(INPUTS)] for mask in range(1 << INPUTS)]
    chance = random.Random(4)
    return combined + [[chance.randrange(FIELD_MODULUS) for _ in range(INPUTS)] for _ in range(RANDOM_ROWS)]


def test_the_contract_hashes_as_we_do(chain: LocalChain, hasher: ChecksumAddress) -> None:
    compared = rows()
    digests = []
    for row in compared:
        data = "0x" + SELECTOR + "".join(f"{element:064x}" for element in row)
        digests.append(int(chain.request("eth_call", [{"to": hasher, "data": data}, "latest"]), 16))
    assert digests == poseidon_many(compared)


def test_the_chain_keeps_the_code_that_a_verifier_asks_for(
    chain: LocalChain, hasher: ChecksumAddress
) -> None:
    assert codehash_at(chain, hasher) == POSEIDON_CODEHASH


def test_the_source_is_what_circomlibjs_generates() -> None:
    generated = subprocess.run(
        ["node", "tools/poseidon4.mjs"], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
    )
    assert generated.stdout == SOURCE.read_text(), "run `node tools/poseidon4.mjs` again"
