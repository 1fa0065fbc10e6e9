//! Does a witness satisfy the constraints? Much faster than proving.

use std::path::Path;

use ark_bn254::Fr;

use crate::error::{Error, Result};
use crate::r1cs::{R1cs, Term};
use crate::wtns::Witness;

/// Checks every constraint; the error names the first that is violated.
pub fn check_witness(r1cs_path: &Path, wtns_path: &Path) -> Result<()> {
    let r1cs = R1cs::open(r1cs_path)?;
    let witness = Witness::open(wtns_path)?;
    witness.expect_wires(r1cs.info().wires, r1cs_path)?;

    let values = witness.elements();
    r1cs.for_each_constraint(|index, constraint| {
        let product = evaluate(&constraint.a, &values) * evaluate(&constraint.b, &values);
        if product == evaluate(&constraint.c, &values) {
            return Ok(());
        }
        Err(Error::Unsatisfied {
            path: witness.path().to_owned(),
            constraint: index,
        })
    })
}

fn evaluate(terms: &[Term], values: &[Fr]) -> Fr {
    terms
        .iter()
        .map(|(wire, coefficient)| *coefficient * values[*wire as usize])
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, Scratch};

    fn check(wtns: &[u8]) -> Result<()> {
        let scratch = Scratch::new();
        let r1cs = scratch.write("circuit.r1cs", &fixtures::r1cs());
        check_witness(&r1cs, &scratch.write("batch.wtns", wtns))
    }

    #[test]
    fn a_correct_witness_passes() {
        check(&fixtures::wtns()).unwrap();
    }

    #[test]
    fn the_first_violated_constraint_is_named() {
        for (wire, first_violated) in [(3, 0), (4, 0), (5, 1), (1, 2), (2, 2)] {
            let mut values = fixtures::WITNESS;
            values[wire] += 1;
            let error = check(&fixtures::wtns_of(&values)).unwrap_err();
            let expected = format!("constraint {first_violated} is violated");
            assert!(error.to_string().contains(&expected), "{wire}: {error}");
        }
    }

    #[test]
    fn a_witness_of_another_circuit_is_refused() {
        let error = check(&fixtures::wtns_of(&fixtures::WITNESS[..5])).unwrap_err();
        assert_eq!(error.code(), "mismatch");
    }
}
