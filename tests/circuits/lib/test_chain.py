"""The hash of a long list of words."""

import pytest

from sequencer.batch.stream import chain
from sequencer.crypto import FIELD_MODULUS
from tests.circuits.harness import CircuitTester


@pytest.mark.parametrize("length", [1, 15, 16])
def test_the_chain_is_that_of_the_sequencer(length: int) -> None:
    circuit = CircuitTester("Chain", (length,))
    words = [-1 - 7 * word for word in range(length)]
    assert circuit.accepts({"words": words})
    out = chain([word % FIELD_MODULUS for word in words])
    assert circuit.witness({"words": words}) == {"out": out}
    assert not circuit.accepts_witness_with({"words": words}, {"main.out": out + 1})


def test_every_word_matters() -> None:
    circuit = CircuitTester("Chain", (16,))
    words = list(range(16))
    changed = [[*words[:place], 99, *words[place + 1 :]] for place in range(16)]
    heads = {str(circuit.witness({"words": each})) for each in [words, *changed]}
    assert len(heads) == 17
