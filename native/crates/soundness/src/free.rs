//! Wires that can be changed alone: every other wire keeps its value and no constraint breaks.
//!
//! Let `<A, w> = a`, `<B, w> = b`, `<C, w> = c` with `a b = c`, and let a wire have the coefficients
//! `(p, q, r)` in A, B, C. Moved by `d`, the constraint reads `d ((p b + q a - r) + p q d) = 0`: it allows
//! every `d`, one `d`, or none but 0.

use std::path::Path;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use proofbook_prover::{Constraint, Error, R1cs, Result, Term, Witness};

/// A wire that its circuit does not force in this witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeWire {
    pub wire: u32,
    /// The only other value that it may have; `None` if it may have any.
    pub other: Option<Fr>,
}

/// By how much a wire may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moves {
    Any,
    Only(Fr),
    Nowhere,
}

impl Moves {
    /// The moves that also solve `linear + square * d = 0`, 0 aside.
    fn restricted(self, linear: Fr, square: Fr) -> Moves {
        match self {
            Moves::Nowhere => Moves::Nowhere,
            Moves::Only(d) if linear + square * d == Fr::ZERO => self,
            Moves::Only(_) => Moves::Nowhere,
            Moves::Any if square == Fr::ZERO => match linear == Fr::ZERO {
                true => Moves::Any,
                false => Moves::Nowhere,
            },
            Moves::Any if linear == Fr::ZERO => Moves::Nowhere,
            Moves::Any => Moves::Only(-linear / square),
        }
    }
}

/// Lists every wire of a valid witness that can be changed alone, in time linear in the circuit.
pub fn free_wires(r1cs_path: &Path, wtns_path: &Path) -> Result<Vec<FreeWire>> {
    let r1cs = R1cs::open(r1cs_path)?;
    let witness = Witness::open(wtns_path)?;
    witness.expect_wires(r1cs.info().wires, r1cs_path)?;

    let mut search = Search::new(witness.elements());
    r1cs.for_each_constraint(|index, constraint| match search.restrict(constraint) {
        true => Ok(()),
        false => Err(Error::Unsatisfied {
            path: wtns_path.to_owned(),
            constraint: index,
        }),
    })?;
    Ok(search.free())
}

struct Search {
    values: Vec<Fr>,
    moves: Vec<Moves>,
    /// The coefficients of a wire in the constraint at hand, which may name it several times.
    coefficients: Vec<[Fr; 3]>,
}

impl Search {
    fn new(values: Vec<Fr>) -> Self {
        let mut moves = vec![Moves::Any; values.len()];
        moves[0] = Moves::Nowhere;
        let coefficients = vec![[Fr::ZERO; 3]; values.len()];
        Search {
            values,
            moves,
            coefficients,
        }
    }

    /// Keeps the moves that `constraint` allows; false if it does not hold to begin with.
    fn restrict(&mut self, constraint: &Constraint) -> bool {
        let parts = [&constraint.a, &constraint.b, &constraint.c];
        let [a, b, c] = parts.map(|terms| self.evaluate(terms));
        for (part, terms) in parts.into_iter().enumerate() {
            for (wire, coefficient) in terms {
                self.coefficients[*wire as usize][part] += coefficient;
            }
        }
        for (wire, _) in parts.into_iter().flatten() {
            let wire = *wire as usize;
            // Taken at the wire's first term; zeros at a later one, which allow everything.
            let [p, q, r] = std::mem::take(&mut self.coefficients[wire]);
            if self.moves[wire] != Moves::Nowhere {
                self.moves[wire] = self.moves[wire].restricted(p * b + q * a - r, p * q);
            }
        }
        a * b == c
    }

    fn evaluate(&self, terms: &[Term]) -> Fr {
        terms
            .iter()
            .map(|(wire, coefficient)| *coefficient * self.values[*wire as usize])
            .sum()
    }

    fn free(&self) -> Vec<FreeWire> {
        let wires = self.moves.iter().zip(&self.values).zip(0..);
        wires
            .filter_map(|((moves, value), wire)| match moves {
                Moves::Any => Some(FreeWire { wire, other: None }),
                Moves::Only(d) => Some(FreeWire {
                    wire,
                    other: Some(*value + d),
                }),
                Moves::Nowhere => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{constraint, element, X, Y};

    /// The free wires of x = 3 and y as (wire, other value), under the constraints.
    fn free(y: i64, constraints: &[Constraint]) -> Vec<(u32, Option<Fr>)> {
        let mut search = Search::new(vec![element(1), element(3), element(y)]);
        for constraint in constraints {
            assert!(search.restrict(constraint));
        }
        let found = search.free();
        found.iter().map(|free| (free.wire, free.other)).collect()
    }

    #[test]
    fn a_wire_in_no_constraint_may_have_any_value() {
        assert_eq!(free(9, &[]), [(X, None), (Y, None)]);
    }

    #[test]
    fn a_linear_constraint_forces_its_wires() {
        let sum = constraint(&[], &[], &[(0, 12), (X, -1), (Y, -1)]);
        assert_eq!(free(9, &[sum]), []);
    }

    #[test]
    fn a_square_leaves_its_second_root() {
        let square = constraint(&[(X, 1)], &[(X, 1)], &[(Y, 1)]);
        assert_eq!(free(9, &[square]), [(X, Some(element(-3)))]);
    }

    #[test]
    fn a_double_root_forces_its_wire() {
        let double = constraint(&[(X, 1), (0, -3)], &[(X, 1), (0, -3)], &[]);
        assert_eq!(free(9, &[double]), [(Y, None)]);
    }

    #[test]
    fn a_second_root_must_solve_every_constraint() {
        let square = constraint(&[(X, 1)], &[(X, 1)], &[(Y, 1)]);
        let same = constraint(&[(X, 1), (0, -3)], &[(X, 2), (0, 6)], &[]);
        let other = constraint(&[(X, 1), (0, -3)], &[(X, 1), (0, -5)], &[]);
        let pinned = constraint(&[], &[], &[(X, 1), (0, -3)]);
        let minus_three = [(X, Some(element(-3)))];
        assert_eq!(free(9, &[square.clone(), same]), minus_three);
        assert_eq!(free(9, &[square.clone(), other]), []);
        assert_eq!(free(9, &[square.clone(), pinned.clone()]), []);
        assert_eq!(free(9, &[pinned, square]), []);
    }

    #[test]
    fn a_wire_multiplied_by_zero_may_have_any_value() {
        let product = constraint(&[(X, 1)], &[(Y, 1)], &[]);
        assert_eq!(free(0, &[product]), [(X, None)]);
    }

    #[test]
    fn a_wire_that_cancels_itself_may_have_any_value() {
        let cancelled = constraint(&[(X, 1)], &[(0, 2)], &[(X, 1), (X, 1)]);
        assert_eq!(free(9, &[cancelled]), [(X, None), (Y, None)]);
    }

    #[test]
    fn the_constant_one_is_never_free() {
        assert!(free(9, &[]).iter().all(|(wire, _)| *wire != 0));
    }

    #[test]
    fn a_witness_that_breaks_a_constraint_is_no_witness() {
        let mut search = Search::new(vec![element(1), element(3), element(9)]);
        assert!(!search.restrict(&constraint(&[], &[], &[(X, 1)])));
    }
}
