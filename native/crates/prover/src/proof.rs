//! A proof and its public signals as integers, the form in which they leave the crate.

use ark_bn254::{Fq2, Fr, G1Affine, G2Affine};
use ark_ff::PrimeField;
use num_bigint::BigUint;

use crate::encoding::RawPoint;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

/// Affine coordinates x, y.
pub type G1Coordinates = (BigUint, BigUint);
/// Affine coordinates x, y, each with its constant part first, as in the JSON of snarkjs.
pub type G2Coordinates = ((BigUint, BigUint), (BigUint, BigUint));

impl Proof {
    /// `None` unless every coordinate is reduced and every point in the group of prime order.
    pub fn from_coordinates(
        a: &G1Coordinates,
        b: &G2Coordinates,
        c: &G1Coordinates,
    ) -> Option<Self> {
        Some(Proof {
            a: g1_point(a)?,
            b: g2_point(b)?,
            c: g1_point(c)?,
        })
    }

    pub fn coordinates(&self) -> (G1Coordinates, G2Coordinates, G1Coordinates) {
        let g1 = |point: &G1Affine| (point.x.into(), point.y.into());
        let quadratic = |value: &Fq2| (value.c0.into(), value.c1.into());
        (
            g1(&self.a),
            (quadratic(&self.b.x), quadratic(&self.b.y)),
            g1(&self.c),
        )
    }
}

/// `None` when a signal is not below the modulus: a verifier must not take it modulo anything.
pub fn public_signals(values: &[BigUint]) -> Option<Vec<Fr>> {
    values.iter().map(reduced).collect()
}

pub(crate) fn g1_point((x, y): &G1Coordinates) -> Option<G1Affine> {
    valid(G1Affine::new_unchecked(reduced(x)?, reduced(y)?))
}

pub(crate) fn g2_point((x, y): &G2Coordinates) -> Option<G2Affine> {
    let quadratic = |(c0, c1): &(BigUint, BigUint)| Some(Fq2::new(reduced(c0)?, reduced(c1)?));
    valid(G2Affine::new_unchecked(quadratic(x)?, quadratic(y)?))
}

fn reduced<F: PrimeField>(value: &BigUint) -> Option<F> {
    F::BigInt::try_from(value.clone())
        .ok()
        .and_then(F::from_bigint)
}

fn valid<P: RawPoint>(point: P) -> Option<P> {
    point.is_valid().then_some(point)
}
