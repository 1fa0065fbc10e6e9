"""Reading and writing leaves of a quaternary tree."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.batch.tables import crown
from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

DEPTH, SLOTS = 4, 2
BELOW = DEPTH - c.CROWN_LEVELS
LAST = c.TREE_ARITY**DEPTH - 1
INDICES = st.integers(0, LAST)
LEAVES = st.dictionaries(INDICES, st.integers(0, 5), max_size=8)
Writes = list[tuple[int, int]]


@pytest.fixture(scope="module")
def level() -> CircuitTester:
    return CircuitTester("MerkleLevel")


@pytest.fixture(scope="module")
def top() -> CircuitTester:
    return CircuitTester("TreeRoot", (c.CROWN_LEVELS,))


@pytest.fixture(scope="module")
def updates() -> CircuitTester:
    return CircuitTester("MerkleUpdates", (SLOTS, DEPTH))


def tree_of(leaves: dict[int, int]) -> SparseTree:
    tree = SparseTree(DEPTH)
    tree.set_many(list(leaves.items()))
    return tree


def level_inputs(place: int, before: int, children: Sequence[int] = (10, 11, 12, 13)) -> dict[str, Nested]:
    return {"bits": [place & 1, place >> 1], "children": children, "before": before, "after": 99}


def bits_of(index: int) -> list[int]:
    return [index >> bit & 1 for bit in range(2 * DEPTH)]


def update_inputs(tree: SparseTree, writes: Writes, **lies: Nested) -> dict[str, Nested]:
    """Leaves written one after the other into a copy of the tree; the slots after them are not enabled."""
    copy, unused = tree.copy(), SLOTS - len(writes)
    opened = []
    for index, after in writes:
        opened.append((copy.path(index)[:BELOW], copy.get(index)))
        copy.set(index, after)
    opened += [(SparseTree(DEPTH).path(0)[:BELOW], 0)] * unused
    honest: dict[str, Nested] = {
        "enabled": [1] * len(writes) + [0] * unused,
        "bits": [bits_of(index) for index, _ in writes] + [bits_of(0)] * unused,
        "crown": crown(tree),
        "path": [path for path, _ in opened],
        "before": [before for _, before in opened],
        "after": [after for _, after in writes] + [0] * unused,
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


@pytest.mark.parametrize("signal", ["main.parentBefore", "main.parentAfter"])
def test_a_level_computes_its_parents(level: CircuitTester, signal: str) -> None:
    assert not level.accepts_witness_with(level_inputs(1, 11), {signal: 5})


def test_a_child_cannot_be_made_up(level: CircuitTester) -> None:
    """The same difference is written, so that of both parents only the claim on the child is a lie."""
    assert not level.accepts_witness_with(level_inputs(1, 11), {"main.before": 5, "main.after": 5 + 99 - 11})


def test_the_nodes_of_the_crown_are_those_of_the_tree(top: CircuitTester) -> None:
    tree = tree_of({0: 3, 77: 4, LAST: 5})
    inputs = {"nodes": crown(tree)}
    assert top.accepts(inputs)
    assert top.witness(inputs) == {"root": tree.root}
    assert not top.accepts_witness_with(inputs, {"main.root": 5})


@given(
    leaves=LEAVES,
    writes=st.lists(st.tuples(INDICES, st.integers(0, 5)), max_size=SLOTS),
)
@settings(max_examples=30)
def test_updates_move_from_root_to_root(
    updates: CircuitTester, leaves: dict[int, int], writes: Writes
) -> None:
    tree = tree_of(leaves)
    inputs = update_inputs(tree, writes)
    for index, after in writes:
        tree.set(index, after)
    assert updates.accepts(inputs)
    assert updates.witness(inputs) == {"rootAfter": tree.root}


@pytest.mark.parametrize("first", [0, 6, 200, LAST])
@pytest.mark.parametrize("second", [1, 7, 63, 201, 254])
def test_the_second_leaf_is_written_into_the_tree_that_the_first_one_left(
    updates: CircuitTester, first: int, second: int
) -> None:
    """Whether both stand in one quad, below one node of the crown, or apart."""
    tree = tree_of({first: 4, second: 5})
    writes = [(first, 8), (second, 9)]
    stale = [tree.path(first)[:BELOW], tree.path(second)[:BELOW]]
    assert updates.witness(update_inputs(tree, writes)) == {"rootAfter": tree_of({first: 8, second: 9}).root}
    if stale[1] == update_inputs(tree, writes)["path"][1]:  # type: ignore[index]
        assert first >> 2 * BELOW != second >> 2 * BELOW
    else:
        assert updates.rejects(update_inputs(tree, writes, path=stale))


@pytest.mark.parametrize("index", [0, 6, LAST])
def test_a_leaf_that_the_tree_does_not_hold_is_rejected(updates: CircuitTester, index: int) -> None:
    tree = tree_of({index: 4})
    assert updates.rejects(update_inputs(tree, [(index, 5)], before=[0, 0]))
    assert updates.rejects(update_inputs(tree, [(index, 5)], before=[3, 0]))


@pytest.mark.parametrize("index", [0, 6, LAST])
def test_a_path_of_another_tree_is_rejected(updates: CircuitTester, index: int) -> None:
    tree, forged = tree_of({index: 4, 9: 1}), tree_of({index: 9, 9: 1})
    opened = update_inputs(forged, [(index, 5)])
    assert updates.accepts(opened)
    assert updates.rejects(opened | {"crown": crown(tree), "rootBefore": tree.root})


def test_a_crown_of_another_tree_is_rejected(updates: CircuitTester) -> None:
    tree, forged = tree_of({6: 4, 99: 1}), tree_of({6: 4, 99: 2})
    assert updates.accepts(update_inputs(forged, [(6, 5)]))
    assert updates.rejects(update_inputs(forged, [(6, 5)], rootBefore=tree.root))
    assert updates.rejects(update_inputs(tree, [(6, 5)], crown=crown(forged)))
    assert updates.rejects(update_inputs(tree, [], crown=crown(forged)))


def test_a_path_of_another_place_is_rejected(updates: CircuitTester) -> None:
    tree = tree_of({6: 4, 7: 4})
    told = [tree.path(index)[:BELOW] for index in (7, 10, 22)]
    empty = SparseTree(DEPTH).path(0)[:BELOW]
    assert updates.accepts(update_inputs(tree, [(6, 5)], path=[told[0], empty]))
    for path in told[1:]:
        assert updates.rejects(update_inputs(tree, [(6, 5)], path=[path, empty]))


def test_a_leaf_below_another_node_of_the_crown_is_rejected(updates: CircuitTester) -> None:
    """Of two indices that differ in their top bits alone, one holds the leaf."""
    tree, elsewhere = tree_of({6: 4, 38: 3}), bits_of(6 + 32)
    honest = update_inputs(tree, [(6, 5)])
    assert updates.accepts(honest)
    assert updates.rejects(honest | {"bits": [elsewhere, bits_of(0)]})


def test_a_path_whose_levels_do_not_meet_is_rejected(updates: CircuitTester) -> None:
    tree, forged = tree_of({6: 4}), tree_of({6: 9})
    mixed = [forged.path(6)[0], tree.path(6)[1]]
    empty = SparseTree(DEPTH).path(0)[:BELOW]
    assert updates.rejects(update_inputs(tree, [(6, 5)], before=[9, 0], path=[mixed, empty]))


def test_a_slot_that_is_not_enabled_leaves_the_root(updates: CircuitTester) -> None:
    """Not even a leaf that stands there may be replaced."""
    tree = tree_of({6: 4})
    held = update_inputs(tree, [(6, 5)], enabled=[0, 0])
    assert updates.accepts(held)
    assert updates.witness(held) == {"rootAfter": tree.root}
    made_up = update_inputs(tree_of({6: 9}), [(6, 5)], enabled=[0, 0])
    told = made_up | {"crown": crown(tree), "rootBefore": tree.root}
    assert updates.accepts(told)
    assert updates.witness(told) == {"rootAfter": tree.root}
    assert not updates.accepts_witness_with(told, {"main.rootAfter": SparseTree(DEPTH).root})


def test_what_is_written_to_the_crown_cannot_be_made_up(updates: CircuitTester) -> None:
    inputs = update_inputs(tree_of({6: 4}), [(6, 5)])
    for slot in range(SLOTS):
        assert not updates.accepts_witness_with(inputs, {f"main.moved[{slot}]": 5})
