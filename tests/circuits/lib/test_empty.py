"""The constants of empty subtrees."""

import pytest

from prover.errors import CompileError
from sequencer.crypto import SparseTree
from tests.circuits.harness import CircuitTester

EMPTY = """
include "circuits/lib/empty.circom";
template Empty(levels) {
    signal output root[levels];
    for (var level = 0; level < levels; level++) root[level] <== emptyNode(level);
}
"""


def test_empty_nodes_are_those_of_an_empty_tree() -> None:
    roots = [SparseTree(depth).root for depth in (1, 2, 3)]
    assert CircuitTester(EMPTY, (4,)).witness({}) == {"root": [0, *roots]}


def test_a_level_without_a_constant_does_not_compile() -> None:
    with pytest.raises(CompileError):
        CircuitTester(EMPTY, (5,))
