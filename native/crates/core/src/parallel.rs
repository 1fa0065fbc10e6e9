//! The same for each of many things, on all cores where that pays.

use rayon::prelude::*;

/// So few take less time than waking another thread.
const ALONE_MAX: usize = 2;

/// `of(item)` of each, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    if items.len() <= ALONE_MAX {
        return items.iter().map(of).collect();
    }
    items.par_iter().map(of).collect()
}
