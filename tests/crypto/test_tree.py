from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer import crypto as native
from sequencer.crypto import FIELD_MODULUS, reference

LEAVES = st.integers(0, FIELD_MODULUS - 1)


def full_tree_root(crypto: ModuleType, leaves: list[int]) -> int:
    """The root of 4^depth leaves, hashed level by level."""
    level = leaves
    while len(level) > 1:
        level = crypto.poseidon_many([level[start : start + 4] for start in range(0, len(level), 4)])
    return level[0]


def test_an_empty_leaf_is_zero_and_not_its_hash(crypto: ModuleType) -> None:
    tree = crypto.SparseTree(1)
    assert tree.get(3) == 0
    assert tree.root == crypto.poseidon([0, 0, 0, 0])


def test_the_deepest_tree_holds_its_last_leaf(crypto: ModuleType) -> None:
    tree = crypto.SparseTree(31)
    assert tree.depth == 31
    tree.set(4**31 - 1, 5)
    assert tree.get(4**31 - 1) == 5
    assert tree.path(4**31 - 1)[0] == [0, 0, 0, 5]


@settings(max_examples=20, deadline=None)
@given(updates=st.lists(st.tuples(st.integers(0, 15), LEAVES), max_size=12))
def test_the_root_equals_a_full_tree(updates: list[tuple[int, int]]) -> None:
    leaves = [0] * 16
    trees: list[native.SparseTree | reference.SparseTree] = [native.SparseTree(2), reference.SparseTree(2)]
    for index, leaf in updates:
        leaves[index] = leaf
        for tree in trees:
            tree.set(index, leaf)
    expected = full_tree_root(native, leaves)
    assert [tree.root for tree in trees] == [expected, expected]
    assert [[tree.get(index) for index in range(16)] for tree in trees] == [leaves, leaves]


@settings(max_examples=20, deadline=None)
@given(
    updates=st.lists(st.tuples(st.integers(0, 4**6 - 1), LEAVES), min_size=1, max_size=80),
    data=st.data(),
)
def test_setting_many_leaves_equals_setting_each_in_order(
    updates: list[tuple[int, int]], data: st.DataObject
) -> None:
    index = data.draw(st.sampled_from(updates))[0]
    one_by_one, together, twin = native.SparseTree(6), native.SparseTree(6), reference.SparseTree(6)
    for update in updates:
        one_by_one.set(*update)
    together.set_many(updates)
    twin.set_many(updates)
    assert one_by_one.root == together.root == twin.root
    assert one_by_one.path(index) == together.path(index) == twin.path(index)


def test_the_path_leads_from_the_leaf_to_the_root(crypto: ModuleType) -> None:
    tree = crypto.SparseTree(4)
    tree.set_many([(index, index + 1) for index in (0, 1, 77, 78, 255)])
    for index in (0, 2, 77, 200, 255):
        value, position = tree.get(index), index
        for children in tree.path(index):
            assert len(children) == 4
            assert children[position % 4] == value
            value, position = crypto.poseidon(children), position // 4
        assert value == tree.root


def test_a_copy_and_its_origin_do_not_share_writes(crypto: ModuleType) -> None:
    tree = crypto.SparseTree(3)
    tree.set(9, 1)
    copy, root = tree.copy(), tree.root
    tree.set(9, 2)
    copy.set(10, 3)
    assert (tree.get(9), tree.get(10)) == (2, 0)
    assert (copy.get(9), copy.get(10)) == (1, 3)
    copy.set(10, 0)
    assert copy.root == root


@pytest.mark.parametrize("index", [-1, 16, 2**64, 2**70])
def test_an_index_outside_the_tree_is_refused(crypto: ModuleType, index: int) -> None:
    tree = crypto.SparseTree(2)
    for act in (tree.get, tree.path, lambda leaf: tree.set(leaf, 1)):
        with pytest.raises(IndexError, match=f"leaf {index} is outside the tree: use an index below 16"):
            act(index)


@pytest.mark.parametrize("leaf", [-1, FIELD_MODULUS])
def test_a_bad_update_sets_nothing(crypto: ModuleType, leaf: int) -> None:
    tree = crypto.SparseTree(2)
    empty = tree.root
    with pytest.raises(ValueError, match="leaf 5 is not a field element"):
        tree.set_many([(4, 1), (5, leaf)])
    with pytest.raises(IndexError):
        tree.set_many([(4, 1), (16, 1)])
    assert (tree.root, tree.get(4)) == (empty, 0)


@pytest.mark.parametrize("depth", [-1, 0, 32, 2**64])
def test_a_tree_has_a_depth_of_1_to_31(crypto: ModuleType, depth: int) -> None:
    with pytest.raises(ValueError, match=f"depth of 1 to 31, not {depth}"):
        crypto.SparseTree(depth)
