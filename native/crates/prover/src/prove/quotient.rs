//! The quotient's numerator `A B - C`, by its values at the odd roots of unity.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, FftField, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

use crate::error::Result;
use crate::zkey::{ZKey, MATRIX_A};

/// Values, in plain form, on the domain shifted by a root of unity of twice its order.
pub fn odd_evaluations(key: &ZKey, witness: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
    let (mut a, mut b) = multiply_matrices(key, witness)?;
    let mut c: Vec<Fr> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();

    let order = u64::from(key.header().domain);
    let shift = Fr::get_root_of_unity(2 * order).expect("twice the domain is at most 2^28");
    let domain = Radix2EvaluationDomain::<Fr>::new(a.len()).expect("a domain of checked size");
    let shifted = domain.get_coset(shift).expect("the shift is not zero");
    for polynomial in [&mut a, &mut b, &mut c] {
        domain.ifft_in_place(polynomial);
        shifted.fft_in_place(polynomial);
    }
    Ok((a, b, c)
        .into_par_iter()
        .map(|(a, b, c)| (a * b - c).into_bigint())
        .collect())
}

/// The products of the matrices A and B with the witness.
fn multiply_matrices(key: &ZKey, witness: &[BigInt<4>]) -> Result<(Vec<Fr>, Vec<Fr>)> {
    let mut a = vec![Fr::ZERO; key.header().domain as usize];
    let mut b = a.clone();
    key.for_each_coefficient(|entry| {
        // A Montgomery product divides by R: value R^2 times a plain witness is the product's
        // Montgomery form, with no conversion of either.
        let product =
            Fr::new_unchecked(entry.value) * Fr::new_unchecked(witness[entry.wire as usize]);
        let rows = if entry.matrix == MATRIX_A {
            &mut a
        } else {
            &mut b
        };
        rows[entry.row as usize] += product;
    })?;
    Ok((a, b))
}
