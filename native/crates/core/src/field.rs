// The derive expands to a test of arkworks' own feature `asm`, which is not one of this crate.
#![allow(unexpected_cfgs)]

pub use ark_bn254::Fr;
use ark_ff::fields::{Fp256, MontBackend, MontConfig};

/// Arithmetic modulo l, the order of Baby Jubjub's prime subgroup.
#[derive(MontConfig)]
#[modulus = "2736030358979909402780800718157159386076813972158567259200215660948447373041"]
#[generator = "31"]
pub struct ScalarConfig;

/// A multiplier of points of the prime subgroup: an integer modulo l.
pub type Scalar = Fp256<MontBackend<ScalarConfig, 4>>;
