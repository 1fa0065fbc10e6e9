"""Where a leaf stands decides the root, and nothing else can be claimed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.crypto import SparseTree, poseidon
from tests.circuits.harness import CircuitTester

DEPTH = 2
LAST = 4**DEPTH - 1
PLACES = st.integers(0, LAST)


@pytest.fixture(scope="module")
def path() -> CircuitTester:
    return CircuitTester("PathRoot", (DEPTH,))


def tree_of(leaves: dict[int, int]) -> SparseTree:
    tree = SparseTree(DEPTH)
    tree.set_many(list(leaves.items()))
    return tree


def inputs(tree: SparseTree, place: int) -> dict[str, Nested]:
    bits = [place >> bit & 1 for bit in range(2 * DEPTH)]
    return {"bits": bits, "path": tree.path(place), "leaf": tree.get(place)}


@given(leaves=st.dictionaries(PLACES, st.integers(0, 1 << 200), max_size=6), place=PLACES)
@settings(max_examples=25)
def test_the_root_is_that_of_the_tree(path: CircuitTester, leaves: dict[int, int], place: int) -> None:
    tree = tree_of(leaves)
    assert path.accepts(inputs(tree, place))
    assert path.witness(inputs(tree, place)) == {"root": tree.root}


@pytest.mark.parametrize("place", range(LAST + 1))
def test_no_leaf_stands_where_another_one_does(path: CircuitTester, place: int) -> None:
    tree = tree_of({0: 3, 5: 4, 6: 5, LAST: 6})
    honest = inputs(tree, 6)
    assert path.accepts(honest)
    if place != 6:
        assert path.rejects(honest | {"bits": inputs(tree, place)["bits"]})


@pytest.mark.parametrize("level", range(DEPTH))
def test_a_path_holds_what_is_below_it(path: CircuitTester, level: int) -> None:
    """A whole path of another tree leads to another root; a mixture of two leads nowhere."""
    tree, forged = tree_of({6: 4}), tree_of({6: 9})
    mixed = tree.path(6)
    mixed[level] = forged.path(6)[level]
    assert path.rejects(inputs(tree, 6) | {"path": mixed})
    assert path.witness(inputs(forged, 6)) == {"root": forged.root}


def test_a_leaf_that_is_not_there_has_no_path(path: CircuitTester) -> None:
    tree = tree_of({6: 4})
    assert path.rejects(inputs(tree, 6) | {"leaf": 5})
    assert path.rejects(inputs(tree, 6) | {"leaf": 0})


def test_a_node_is_not_a_leaf(path: CircuitTester) -> None:
    """A tree of another depth has another root, though the same children stand in it."""
    tree = tree_of({6: 4})
    parent = poseidon(tree.path(6)[0])
    assert path.rejects(inputs(tree, 6) | {"leaf": parent})


@pytest.mark.parametrize("signal", ["root", "leaf", "held[1]"])
def test_what_a_path_leads_to_cannot_be_lied_about(path: CircuitTester, signal: str) -> None:
    assert not path.accepts_witness_with(inputs(tree_of({6: 4, 7: 8}), 6), {f"main.{signal}": 5})
