"""Reading and writing one leaf of a quaternary tree."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.crypto import SparseTree, poseidon
from tests.circuits.harness import CircuitTester

DEPTH = 2
LEAVES = st.dictionaries(st.integers(0, 15), st.integers(0, 5), max_size=8)


@pytest.fixture(scope="module")
def level() -> CircuitTester:
    return CircuitTester("MerkleLevel")


@pytest.fixture(scope="module")
def update() -> CircuitTester:
    return CircuitTester("MerkleUpdate", (DEPTH,))


def tree_of(leaves: dict[int, int]) -> SparseTree:
    tree = SparseTree(DEPTH)
    tree.set_many(list(leaves.items()))
    return tree


def level_inputs(place: int, before: int, children: Sequence[int] = (10, 11, 12, 13)) -> dict[str, Nested]:
    bits = {"bit0": place & 1, "bit1": place >> 1}
    return {**bits, "children": children, "before": before, "after": 99}


def update_inputs(tree: SparseTree, index: int, after: int, **lies: Nested) -> dict[str, Nested]:
    honest: dict[str, Nested] = {
        "enabled": 1,
        "bits": [index >> bit & 1 for bit in range(2 * DEPTH)],
        "path": tree.path(index),
        "before": tree.get(index),
        "after": after,
        "rootBefore": tree.root,
    }
    return honest | lies


@pytest.mark.parametrize("place", range(4))
def test_a_level_replaces_the_child_in_its_place(level: CircuitTester, place: int) -> None:
    inputs = level_inputs(place, 10 + place)
    written = [99 if child == place else 10 + child for child in range(4)]
    assert level.accepts(inputs)
    assert level.witness(inputs) == {
        "parentBefore": poseidon((10, 11, 12, 13)),
        "parentAfter": poseidon(written),
    }


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("before", [0, 10, 11, 12, 13])
def test_a_child_that_is_not_in_its_place_is_rejected(level: CircuitTester, place: int, before: int) -> None:
    if before == 10 + place:
        assert level.accepts(level_inputs(place, before))
    else:
        assert level.rejects(level_inputs(place, before))


@pytest.mark.parametrize("signal", ["main.parentBefore", "main.parentAfter", "main.both"])
def test_a_level_computes_its_parents(level: CircuitTester, signal: str) -> None:
    assert not level.accepts_witness_with(level_inputs(1, 11), {signal: 5})


def test_a_child_cannot_be_made_up(level: CircuitTester) -> None:
    """The same difference is written, so that of both parents only the claim on the child is a lie."""
    lie = {"main.before": 5, "main.after": 5 + 99 - 11, "main.own[1]": 5}
    assert not level.accepts_witness_with(level_inputs(1, 11), lie)


@given(leaves=LEAVES, index=st.integers(0, 15), after=st.integers(0, 5))
@settings(max_examples=30)
def test_an_update_moves_from_root_to_root(
    update: CircuitTester, leaves: dict[int, int], index: int, after: int
) -> None:
    tree = tree_of(leaves)
    inputs = update_inputs(tree, index, after)
    tree.set(index, after)
    assert update.accepts(inputs)
    assert update.witness(inputs) == {"rootAfter": tree.root}


@pytest.mark.parametrize("index", [0, 6, 15])
def test_a_leaf_that_the_tree_does_not_hold_is_rejected(update: CircuitTester, index: int) -> None:
    tree = tree_of({index: 4})
    assert update.rejects(update_inputs(tree, index, 5, before=0))
    assert update.rejects(update_inputs(tree, index, 5, before=3))


@pytest.mark.parametrize("index", [0, 6, 15])
def test_a_path_of_another_tree_is_rejected(update: CircuitTester, index: int) -> None:
    tree, forged = tree_of({index: 4, 9: 1}), tree_of({index: 4, 9: 2})
    assert update.accepts(update_inputs(forged, index, 5))
    assert update.rejects(update_inputs(forged, index, 5, rootBefore=tree.root))


def test_a_path_of_another_place_is_rejected(update: CircuitTester) -> None:
    tree = tree_of({6: 4, 7: 4})
    assert update.accepts(update_inputs(tree, 6, 5, path=tree.path(7)))
    assert update.rejects(update_inputs(tree, 6, 5, path=tree.path(10)))


def test_a_path_whose_levels_do_not_meet_is_rejected(update: CircuitTester) -> None:
    tree, forged = tree_of({6: 4}), tree_of({6: 9})
    assert update.rejects(update_inputs(tree, 6, 5, before=9, path=[forged.path(6)[0], tree.path(6)[1]]))


def test_a_slot_that_is_not_enabled_leaves_the_root(update: CircuitTester) -> None:
    tree = tree_of({6: 4})
    inputs = update_inputs(SparseTree(DEPTH), 0, 5, enabled=0, rootBefore=tree.root)
    assert update.accepts(inputs)
    assert update.witness(inputs) == {"rootAfter": tree.root}
    assert not update.accepts_witness_with(inputs, {"main.rootAfter": SparseTree(DEPTH).root})
