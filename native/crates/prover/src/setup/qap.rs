//! The quadratic arithmetic program of a circuit, evaluated at the secret point tau.

use ark_bn254::Fr;
use ark_ff::{batch_inversion_and_mul, AdditiveGroup, FftField, Field, One, Zero};
use rayon::prelude::*;

use crate::error::Result;
use crate::r1cs::{R1cs, Term};
use crate::zkey::MAX_DOMAIN;

/// For every wire the values at tau of its polynomials A, B and C; and the points of the quotient.
#[derive(Debug)]
pub struct Qap {
    pub domain: u32,
    pub a: Vec<Fr>,
    pub b: Vec<Fr>,
    pub c: Vec<Fr>,
    /// Non-zero entries of the matrices A and B, the rows that bind the public signals included.
    pub coefficients: u32,
    /// The odd entries of the Lagrange basis of twice the domain: a polynomial that vanishes on the
    /// domain is known by its values at the odd roots of unity.
    pub h: Vec<Fr>,
}

impl Qap {
    pub fn evaluate(r1cs: &R1cs, tau: &Fr) -> Result<Self> {
        let domain = domain_size(r1cs)?;
        let order = u64::from(domain);
        let root = Fr::get_root_of_unity(order).expect("the domain is a power of two below 2^28");
        let odd_root = Fr::get_root_of_unity(2 * order).expect("twice the domain is at most 2^28");

        let lagrange = lagrange_basis(tau, order, Fr::one(), root, domain);
        let wires = r1cs.info().wires as usize;
        let [mut a, mut b, mut c] = [(); 3].map(|()| vec![Fr::ZERO; wires]);
        let mut coefficients = 0;
        r1cs.for_each_constraint(|row, constraint| {
            let basis = lagrange[row as usize];
            accumulate(&mut a, &constraint.a, basis);
            accumulate(&mut b, &constraint.b, basis);
            accumulate(&mut c, &constraint.c, basis);
            coefficients += (constraint.a.len() + constraint.b.len()) as u64;
            Ok(())
        })?;

        // One row a public signal keeps their polynomials independent: without them a proof could
        // be moved to other public signals.
        let bindings = r1cs.info().public() + 1;
        let first_binding = r1cs.info().constraints as usize;
        for (value, basis) in a
            .iter_mut()
            .zip(&lagrange[first_binding..])
            .take(bindings as usize)
        {
            *value += basis;
        }
        let coefficients = u32::try_from(coefficients + u64::from(bindings)).map_err(|_| {
            r1cs.file()
                .mismatch("the circuit has 2^32 coefficients; split it")
        })?;
        let h = lagrange_basis(tau, 2 * order, odd_root, root, domain);
        Ok(Qap {
            domain,
            a,
            b,
            c,
            coefficients,
            h,
        })
    }
}

fn domain_size(r1cs: &R1cs) -> Result<u32> {
    let info = r1cs.info();
    let rows = u64::from(info.constraints) + u64::from(info.public()) + 1;
    let domain = rows.next_power_of_two();
    if domain > u64::from(MAX_DOMAIN) {
        let reason = format!(
            "{rows} rows are more than the largest domain, {MAX_DOMAIN}; split the circuit"
        );
        return Err(r1cs.file().mismatch(reason));
    }
    Ok(domain as u32)
}

/// `x (tau^order - 1) / (order (tau - x))`, the value at tau of the Lagrange polynomial of the
/// root of unity x, for the `count` roots first, first ratio, first ratio^2, ...
fn lagrange_basis(tau: &Fr, order: u64, first: Fr, ratio: Fr, count: u32) -> Vec<Fr> {
    let vanishing = tau.pow([order]) - Fr::one();
    assert!(
        !vanishing.is_zero(),
        "tau is a root of unity: a chance of 2^-226"
    );
    let scale = vanishing / Fr::from(order);

    let roots: Vec<Fr> = std::iter::successors(Some(first), |root| Some(*root * ratio))
        .take(count as usize)
        .collect();
    let mut basis: Vec<Fr> = roots.par_iter().map(|root| *tau - root).collect();
    batch_inversion_and_mul(&mut basis, &scale);
    basis
        .par_iter_mut()
        .zip(&roots)
        .for_each(|(value, root)| *value *= root);
    basis
}

fn accumulate(column: &mut [Fr], terms: &[Term], basis: Fr) {
    for (wire, coefficient) in terms {
        column[*wire as usize] += basis * coefficient;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, Scratch};

    #[test]
    fn the_lagrange_basis_interpolates() {
        let tau = Fr::from(1_000_003);
        let root = Fr::get_root_of_unity(8).unwrap();
        let basis = lagrange_basis(&tau, 8, Fr::one(), root, 8);
        let cube = |x: Fr| x * x * x + Fr::from(7);
        let interpolated: Fr = (0..8)
            .map(|i| basis[i as usize] * cube(root.pow([i])))
            .sum();
        assert_eq!(interpolated, cube(tau));
    }

    #[test]
    fn public_signals_have_rows_of_their_own() {
        let scratch = Scratch::new();
        let r1cs = R1cs::open(&scratch.write("circuit.r1cs", &fixtures::r1cs())).unwrap();
        let qap = Qap::evaluate(&r1cs, &Fr::from(1_000_003)).unwrap();
        // Three constraints with seven terms in A and B; the constant, the output and one input.
        assert_eq!((qap.domain, qap.coefficients), (8, 7 + 3));
        // Wire 1 occurs in no constraint's A, so its column holds its own row only.
        let root = Fr::get_root_of_unity(8).unwrap();
        let basis = lagrange_basis(&Fr::from(1_000_003), 8, Fr::one(), root, 8);
        assert_eq!(qap.a[1], basis[4]);
    }
}
