//! Constraints for tests, written with small integers.

use ark_bn254::Fr;
use proofbook_prover::{Constraint, Term};

pub const X: u32 = 1;
pub const Y: u32 = 2;

pub fn element(value: i64) -> Fr {
    Fr::from(value)
}

/// The constraint of three linear combinations of (wire, coefficient).
pub fn constraint(a: &[(u32, i64)], b: &[(u32, i64)], c: &[(u32, i64)]) -> Constraint {
    let terms = |small: &[(u32, i64)]| -> Vec<Term> {
        let terms = small.iter().map(|(wire, value)| (*wire, element(*value)));
        terms.collect()
    };
    Constraint {
        a: terms(a),
        b: terms(b),
        c: terms(c),
    }
}
