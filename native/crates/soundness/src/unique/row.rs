//! Constraints in a normal form: what is linear is one sum, what is not is a product.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use proofbook_prover::{Constraint, Term};

/// `constant + sum of coefficient * wire`; wires ascend and no coefficient is zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Form {
    pub constant: Fr,
    pub terms: Vec<Term>,
}

impl Form {
    fn new(terms: &[Term]) -> Self {
        let mut sorted = terms.to_vec();
        sorted.sort_unstable_by_key(|term| term.0);
        let mut form = Form::default();
        for terms in sorted.chunk_by(|one, other| one.0 == other.0) {
            let (wire, sum): (u32, Fr) = (terms[0].0, terms.iter().map(|term| term.1).sum());
            match wire {
                0 => form.constant = sum,
                _ if sum != Fr::ZERO => form.terms.push((wire, sum)),
                _ => {}
            }
        }
        form
    }

    fn is_constant(&self) -> bool {
        self.terms.is_empty()
    }

    /// `factor * self - other`.
    fn times_less(&self, factor: Fr, other: &Form) -> Form {
        let scaled = self.terms.iter().map(|(wire, c)| (*wire, factor * c));
        let constants = [(0, factor * self.constant), (0, -other.constant)];
        let negated = other.terms.iter().map(|(wire, c)| (*wire, -*c));
        Form::new(&scaled.chain(constants).chain(negated).collect::<Vec<_>>())
    }

    /// The multiple whose first coefficient is one: zero exactly where `self` is. Not of a constant.
    pub fn normalized(&self) -> Form {
        let scale = self.terms[0]
            .1
            .inverse()
            .expect("a coefficient is not zero");
        self.times_less(scale, &Form::default())
    }

    /// The wires that `is_known` is false for, with their coefficients.
    pub fn unknown(&self, is_known: &[bool]) -> Vec<Term> {
        let terms = self.terms.iter();
        terms
            .filter(|(wire, _)| !is_known[*wire as usize])
            .copied()
            .collect()
    }

    pub fn contains(&self, wire: u32) -> bool {
        self.terms
            .binary_search_by_key(&wire, |term| term.0)
            .is_ok()
    }
}

/// A constraint: the sum is zero, or `a * b = c` with neither factor constant.
#[derive(Debug, PartialEq, Eq)]
pub enum Row {
    Sum(Form),
    Product { a: Form, b: Form, c: Form },
}

impl Row {
    pub fn new(constraint: &Constraint) -> Self {
        let [a, b, c] = [&constraint.a, &constraint.b, &constraint.c].map(|terms| Form::new(terms));
        if a.is_constant() {
            Row::Sum(b.times_less(a.constant, &c))
        } else if b.is_constant() {
            Row::Sum(a.times_less(b.constant, &c))
        } else {
            Row::Product { a, b, c }
        }
    }

    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        let (first, others) = match self {
            Row::Sum(sum) => (sum, None),
            Row::Product { a, b, c } => (a, Some([b, c])),
        };
        std::iter::once(first).chain(others.into_iter().flatten())
    }

    /// The wire of `wire * (wire - 1) = 0`, in whatever way it is written.
    pub fn boolean(&self) -> Option<u32> {
        let Row::Product { a, b, c } = self else {
            return None;
        };
        let (wire, _) = a.terms[0];
        let alone = self
            .forms()
            .flat_map(|form| &form.terms)
            .all(|term| term.0 == wire);
        let at = |form: &Form, x: Fr| {
            let slope = form.terms.first().map_or(Fr::ZERO, |term| term.1);
            form.constant + slope * x
        };
        let is_root = |x: Fr| at(a, x) * at(b, x) == at(c, x);
        (alone && is_root(Fr::ZERO) && is_root(Fr::ONE)).then_some(wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{constraint, X, Y};

    #[test]
    fn a_constant_factor_makes_a_sum() {
        let sum = Row::new(&constraint(&[], &[], &[(X, 2), (Y, -3), (0, 5)]));
        let left = Row::new(&constraint(
            &[(0, -1)],
            &[(X, 2), (0, 5)],
            &[(Y, 3), (X, -2), (X, 2)],
        ));
        let right = Row::new(&constraint(&[(X, 2), (0, 5)], &[(0, -1)], &[(Y, 3)]));
        let Row::Sum(form) = &sum else {
            panic!("{sum:?} is no sum");
        };
        assert_eq!(form.terms.len(), 2);
        assert_eq!(left, right);
        assert!(matches!(left, Row::Sum(_)));
    }

    #[test]
    fn a_boolean_is_known_in_every_spelling() {
        let spellings = [
            constraint(&[(X, 1)], &[(X, 1), (0, -1)], &[]),
            constraint(&[(X, -3), (0, 3)], &[(X, 7)], &[]),
            constraint(&[(X, 1)], &[(X, 1)], &[(X, 1)]),
        ];
        for spelling in &spellings {
            assert_eq!(Row::new(spelling).boolean(), Some(X));
        }
    }

    #[test]
    fn what_has_other_roots_or_wires_is_no_boolean() {
        let others = [
            constraint(&[(X, 1)], &[(X, 1), (0, -2)], &[]),
            constraint(&[(X, 1)], &[(Y, 1), (0, -1)], &[]),
            constraint(&[(X, 1)], &[(X, 1)], &[(Y, 1)]),
            constraint(&[(X, 1)], &[(0, 1)], &[]),
        ];
        for other in &others {
            assert_eq!(Row::new(other).boolean(), None);
        }
    }
}
