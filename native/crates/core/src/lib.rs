//! The field cryptography of the exchange over the BN254 scalar field, identical to circomlib:
//! Poseidon, Baby Jubjub, EdDSA-Poseidon, and the sparse quaternary Poseidon tree of the state.

pub mod babyjubjub;
pub mod eddsa;
mod error;
mod field;
mod grain;
pub mod poseidon;
pub mod tree;

pub use error::Error;
pub use field::{Fr, Scalar};
