//! Uniform scalars.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use rand_chacha::rand_core::RngCore;

/// Reducing 512 bits leaves a bias below 2^-256.
pub fn random_scalar(rng: &mut impl RngCore) -> Fr {
    let mut bytes = [0; 64];
    rng.fill_bytes(&mut bytes);
    Fr::from_le_bytes_mod_order(&bytes)
}
