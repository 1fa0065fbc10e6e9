"""How the parts of the state hang together under one root."""

import pytest

from prover.witness import Nested
from sequencer.crypto import FIELD_MODULUS, poseidon
from sequencer.model.market import Market
from sequencer.state.roots import book_root, exit_root
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL

MARKETS = (PERPETUAL, Market(), PERPETUAL, Market())
HONEST: dict[str, Nested] = {
    "accountRoot": 11,
    "marketLeaf": [market.leaf() for market in MARKETS],
    "feePool": -12,
    "fundingPool": -17,
    "requestsConsumed": 13,
    "pageRoot": 14,
    "logHead": 15,
    "nextSequence": 16,
    "premiumRoot": 18,
    "venueWord": 19,
}


@pytest.fixture(scope="module")
def roots() -> CircuitTester:
    return CircuitTester("StateRoots")


def test_the_roots_are_those_of_the_sequencer(roots: CircuitTester) -> None:
    exit_part = exit_root(11, MARKETS, FIELD_MODULUS - 12, FIELD_MODULUS - 17, 13)
    state = poseidon((exit_part, book_root(14, 15, 16, 18, 19)))
    assert roots.accepts(HONEST)
    assert roots.witness(HONEST) == {"exitRoot": exit_part, "stateRoot": state}


@pytest.mark.parametrize("part", [name for name in HONEST if name != "marketLeaf"])
def test_the_state_root_commits_to_every_part(roots: CircuitTester, part: str) -> None:
    told, other = roots.witness(HONEST), roots.witness(HONEST | {part: 99})
    assert told["stateRoot"] != other["stateRoot"]
    money = part in ("accountRoot", "feePool", "fundingPool", "requestsConsumed")
    assert (told["exitRoot"] != other["exitRoot"]) == money


@pytest.mark.parametrize("signal", ["main.exitRoot", "main.stateRoot"])
def test_a_root_cannot_be_lied_about(roots: CircuitTester, signal: str) -> None:
    assert not roots.accepts_witness_with(HONEST, {signal: 1})
