//! Multi-scalar multiplication over the raw points of a key.

use ark_bn254::Fr;
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::{BigInt, BigInteger};
use rayon::prelude::*;

use crate::encoding::RawPoint;

/// Points converted from the file at a time: large enough for wide windows, small enough that the
/// copies cost tens of megabytes.
const CHUNK_POINTS: usize = 1 << 18;

/// The sum of each point times its scalar. Zero scalars and points at infinity, common in both
/// witnesses and keys, are left out before the buckets are filled.
pub fn msm<G>(points: &[u8], scalars: &[BigInt<4>]) -> G
where
    G: VariableBaseMSM<ScalarField = Fr>,
    G::MulBase: RawPoint,
{
    let size = G::MulBase::BYTES;
    assert_eq!(points.len(), scalars.len() * size, "one point a scalar");
    points
        .chunks(CHUNK_POINTS * size)
        .zip(scalars.chunks(CHUNK_POINTS))
        .map(|(points, scalars)| {
            let (bases, scalars): (Vec<_>, Vec<_>) = points
                .par_chunks_exact(size)
                .zip(scalars)
                .filter(|(_, scalar)| !scalar.is_zero())
                .map(|(point, scalar)| (G::MulBase::read_unchecked(point), *scalar))
                .filter(|(base, _)| !base.is_zero())
                .unzip();
            G::msm_bigint(&bases, &scalars)
        })
        .sum()
}
