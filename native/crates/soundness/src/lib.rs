//! What do the constraints leave open? Two questions about a compiled circuit:
//!
//! - [`free_wires`]: which wires of a witness can be changed alone? Exact.
//! - [`undetermined_wires`]: which wires do the inputs not determine? Sound, not complete: a wire that it
//!   does not list has one value for given inputs; one that it lists may still have one.

mod free;
#[cfg(test)]
mod testing;
mod unique;

pub use free::{free_wires, FreeWire};
pub use unique::{undetermined_wires, Undetermined};
