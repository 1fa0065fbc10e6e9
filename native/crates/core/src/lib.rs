//! The field cryptography of the exchange over the BN254 scalar field, identical to circomlib:
//! Poseidon, Baby Jubjub, EdDSA-Poseidon, and the sparse quaternary Poseidon tree of the state; and Ethereum's
//! signatures of typed data.

pub mod babyjubjub;
mod dot;
pub mod eddsa;
mod error;
mod field;
mod fixed_base;
mod grain;
mod key_tables;
mod parallel;
pub mod poseidon;
pub mod tree;
pub mod typed_data;

pub use error::Error;
pub use field::{Fr, Scalar};
