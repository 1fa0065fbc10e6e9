//! A sparse quaternary Poseidon tree: leaves are 0 until set, a node is Poseidon of its four children.
//!
//! Nodes are shared between clones and copied when written, so a clone costs nothing and a write copies one path.

use std::sync::Arc;

use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use crate::{poseidon::hash4, Error, Fr};

/// Indices are below 4^31, which fits 64 bits.
pub const MAX_DEPTH: usize = 31;

const ARITY: usize = 4;
/// Below this many updates a subtree is faster on one core.
const PARALLEL_UPDATES: usize = 32;

#[derive(Clone)]
pub struct SparseTree {
    /// The value of an empty subtree of each height, 0 to the depth.
    empty: Arc<[Fr]>,
    root: Fr,
    top: Subtree,
}

/// None where all leaves are 0.
type Subtree = Option<Arc<Node>>;

#[derive(Clone)]
struct Node {
    values: [Fr; ARITY],
    children: [Subtree; ARITY],
}

impl SparseTree {
    pub fn new(depth: usize) -> Result<Self, Error> {
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(Error::TreeDepth { depth });
        }
        let parent = |child: &Fr| Some(hash4(&[*child; ARITY]));
        let empty: Arc<[Fr]> = std::iter::successors(Some(Fr::ZERO), parent)
            .take(depth + 1)
            .collect();
        Ok(Self {
            root: empty[depth],
            empty,
            top: None,
        })
    }

    pub fn depth(&self) -> usize {
        self.empty.len() - 1
    }

    /// The number of leaves; indices are below it.
    pub fn capacity(&self) -> u64 {
        1 << (2 * self.depth())
    }

    pub fn root(&self) -> Fr {
        self.root
    }

    pub fn get(&self, index: u64) -> Result<Fr, Error> {
        self.path(index)
            .map(|path| path[0][child_position(index, 0)])
    }

    pub fn set(&mut self, index: u64, leaf: Fr) -> Result<(), Error> {
        self.set_many(&[(index, leaf)])
    }

    /// Sets all leaves and hashes each touched node once. Of two values for one leaf the later holds. On an error
    /// nothing is set.
    pub fn set_many(&mut self, updates: &[(u64, Fr)]) -> Result<(), Error> {
        updates
            .iter()
            .try_for_each(|(index, _)| self.check(*index))?;
        let mut sorted = updates.to_vec();
        sorted.sort_by_key(|(index, _)| *index);
        let top_level = self.depth() - 1;
        if !sorted.is_empty() {
            self.root = update(&mut self.top, top_level, &sorted, &self.empty);
        }
        Ok(())
    }

    /// From the leaf's parent up to the root, the four children of each node on the way.
    pub fn path(&self, index: u64) -> Result<Vec<[Fr; ARITY]>, Error> {
        self.check(index)?;
        let mut path = Vec::with_capacity(self.depth());
        let mut subtree = &self.top;
        for level in (0..self.depth()).rev() {
            path.push(
                subtree
                    .as_ref()
                    .map_or([self.empty[level]; ARITY], |node| node.values),
            );
            subtree = subtree
                .as_ref()
                .map_or(&None, |node| &node.children[child_position(index, level)]);
        }
        path.reverse();
        Ok(path)
    }

    fn check(&self, index: u64) -> Result<(), Error> {
        let capacity = self.capacity();
        if index < capacity {
            Ok(())
        } else {
            Err(Error::LeafIndex { index, capacity })
        }
    }
}

/// Which child of its ancestor at `level` (0 is the leaf's parent) leads to the leaf.
fn child_position(index: u64, level: usize) -> usize {
    (index >> (2 * level)) as usize % ARITY
}

/// Applies updates, sorted by index and all within this subtree, and returns its value.
fn update(subtree: &mut Subtree, level: usize, updates: &[(u64, Fr)], empty: &[Fr]) -> Fr {
    let unset = || {
        Arc::new(Node {
            values: [empty[level]; ARITY],
            children: Default::default(),
        })
    };
    let node = Arc::make_mut(subtree.get_or_insert_with(unset));
    if level == 0 {
        for (index, leaf) in updates {
            node.values[child_position(*index, 0)] = *leaf;
        }
    } else {
        update_children(node, level, updates, empty);
    }
    if node.values == [empty[level]; ARITY] {
        *subtree = None;
        return empty[level + 1];
    }
    hash4(&node.values)
}

fn update_children(node: &mut Node, level: usize, updates: &[(u64, Fr)], empty: &[Fr]) {
    let same_child =
        |left: &(u64, Fr), right: &(u64, Fr)| left.0 >> (2 * level) == right.0 >> (2 * level);
    let mut groups: [&[(u64, Fr)]; ARITY] = [&[]; ARITY];
    for group in updates.chunk_by(same_child) {
        groups[child_position(group[0].0, level)] = group;
    }
    let apply = |((value, child), group): ((&mut Fr, &mut Subtree), &[(u64, Fr)])| {
        if !group.is_empty() {
            *value = update(child, level - 1, group, empty);
        }
    };
    let children = node.values.iter_mut().zip(&mut node.children).zip(groups);
    if updates.len() < PARALLEL_UPDATES {
        children.for_each(apply);
    } else {
        children.collect::<Vec<_>>().into_par_iter().for_each(apply);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves() -> Vec<(u64, Fr)> {
        (0..200)
            .map(|step| (step * 7919 % 4096, Fr::from(step + 1)))
            .collect()
    }

    #[test]
    fn many_updates_at_once_equal_one_by_one() {
        let mut together = SparseTree::new(6).unwrap();
        let mut single = together.clone();
        together.set_many(&leaves()).unwrap();
        for (index, leaf) in leaves() {
            single.set(index, leaf).unwrap();
        }
        assert_eq!(together.root(), single.root());
    }

    #[test]
    fn a_path_leads_from_the_leaf_to_the_root() {
        let mut tree = SparseTree::new(6).unwrap();
        tree.set_many(&leaves()).unwrap();
        for (index, leaf) in leaves() {
            let path = tree.path(index).unwrap();
            let climb = |value, (level, children): (usize, &[Fr; 4])| {
                assert_eq!(children[child_position(index, level)], value);
                hash4(children)
            };
            assert_eq!(path.iter().enumerate().fold(leaf, climb), tree.root());
        }
    }

    #[test]
    fn a_clone_keeps_its_state() {
        let mut tree = SparseTree::new(3).unwrap();
        tree.set(5, Fr::from(1)).unwrap();
        let before = tree.clone();
        tree.set(5, Fr::from(2)).unwrap();
        assert_eq!(before.get(5), Ok(Fr::from(1)));
        assert_ne!(before.root(), tree.root());
    }

    #[test]
    fn clearing_every_leaf_gives_the_empty_tree_back() {
        let mut tree = SparseTree::new(6).unwrap();
        tree.set_many(&leaves()).unwrap();
        let cleared: Vec<_> = leaves()
            .into_iter()
            .map(|(index, _)| (index, Fr::ZERO))
            .collect();
        tree.set_many(&cleared).unwrap();
        assert!(tree.top.is_none());
        assert_eq!(tree.root(), SparseTree::new(6).unwrap().root());
    }

    #[test]
    fn depth_and_index_are_bounded() {
        assert!(SparseTree::new(0).is_err() && SparseTree::new(MAX_DEPTH + 1).is_err());
        let mut tree = SparseTree::new(2).unwrap();
        let outside = Error::LeafIndex {
            index: 16,
            capacity: 16,
        };
        assert_eq!(tree.get(16), Err(outside));
        assert_eq!(
            tree.set_many(&[(0, Fr::from(1)), (16, Fr::from(1))]),
            Err(outside)
        );
        assert_eq!(tree.get(0), Ok(Fr::ZERO));
    }
}
