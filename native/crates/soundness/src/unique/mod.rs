//! Which wires have one value only, once the inputs have theirs?
//!
//! Rules, until nothing new follows:
//! - a sum with one undetermined wire determines it;
//! - a sum whose undetermined wires are all in ranges, and which no other choice of them can make, determines
//!   them all (bits of a number; quotient and remainder);
//! - two constraints with one determined factor, of which one determines a wire where the factor is zero and
//!   the other where it is not, determine the wire (circomlib's `IsZero`).
//!
//! Some wires need an argument that these rules do not know. Of a `trusted` wire the caller vouches that the
//! divisor of its quotient is never zero, or that the bits of which it is one are unique although their sum
//! could wrap; it still follows from determined wires only.

mod interval;
mod propagation;
mod row;

use std::path::Path;

use proofbook_prover::{R1cs, Result};

use propagation::Propagation;
use row::Row;

/// A wire that the rules do not determine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undetermined {
    pub wire: u32,
    /// It is multiplied by one determined factor wherever it stands, and determined unless that is zero:
    /// where it is open, nothing depends on it.
    pub only_times_zero: bool,
}

/// Lists the wires that the `known` ones do not determine, as far as the rules tell.
pub fn undetermined_wires(
    r1cs_path: &Path,
    known: &[u32],
    trusted: &[u32],
) -> Result<Vec<Undetermined>> {
    let r1cs = R1cs::open(r1cs_path)?;
    let mut rows = Vec::new();
    r1cs.for_each_constraint(|_, constraint| {
        rows.push(Row::new(constraint));
        Ok(())
    })?;
    let mut propagation = Propagation::new(r1cs.info().wires, &rows);
    propagation.run(known, trusted);
    Ok(propagation.undetermined())
}
