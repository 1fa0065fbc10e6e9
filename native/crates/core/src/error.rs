use crate::{poseidon::MAX_INPUTS, tree::MAX_DEPTH};

/// What a caller can do wrong. Values that come from outside (keys, signatures) are never errors: they are
/// parsed or rejected by the functions that judge them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("Poseidon takes 1 to {MAX_INPUTS} inputs, not {count}: hash longer data as a chain or a tree")]
    InputCount { count: usize },
    #[error("Poseidon's state has 2 to {} elements, not {width}", MAX_INPUTS + 1)]
    StateWidth { width: usize },
    #[error("a tree has a depth of 1 to {MAX_DEPTH}, not {depth}")]
    TreeDepth { depth: usize },
    #[error("leaf {index} is outside the tree: use an index below {capacity}")]
    LeafIndex { index: u64, capacity: u64 },
}
