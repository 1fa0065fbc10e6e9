"""The root of a batch's message hashes."""

import pytest

from prover.errors import CompileError
from sequencer.state.roots import log_root
from tests.circuits.harness import CircuitTester


@pytest.mark.parametrize("places", [5, 17, 64])
def test_the_root_is_that_of_the_sequencer(places: int) -> None:
    circuit = CircuitTester("LogRoot", (places,))
    for count in (0, 1, places - 1, places):
        leaves = [100 + leaf for leaf in range(count)]
        inputs = {"leaf": leaves + [0] * (places - count)}
        assert circuit.accepts(inputs)
        assert circuit.witness(inputs) == {"root": log_root(leaves)}
        assert not circuit.accepts_witness_with(inputs, {"main.root": 5})


def test_every_message_and_its_place_matter() -> None:
    circuit = CircuitTester("LogRoot", (5,))
    logs = [[1, 2, 3, 4, 5], [2, 1, 3, 4, 5], [1, 2, 3, 5, 4], [1, 2, 3, 4, 0], [0, 1, 2, 3, 4], [0] * 5]
    assert len({str(circuit.witness({"leaf": log})) for log in logs}) == len(logs)


def test_more_messages_than_the_tree_has_leaves_do_not_compile() -> None:
    with pytest.raises(CompileError):
        CircuitTester("LogRoot", (65,))
