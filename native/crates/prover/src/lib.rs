//! Groth16 over BN254 on the file formats of circom and snarkjs.
//!
//! | file | module | written by |
//! | --- | --- | --- |
//! | `.r1cs` constraint system | `r1cs` | circom |
//! | `.wtns` witness | `wtns` | the circuit's witness generator |
//! | `.zkey` proving key | `zkey` | [`setup`] or snarkjs |
//!
//! The keys are interchangeable with those of snarkjs, and so are the proofs. The set-up here knows
//! its own toxic waste: its keys are for development only.

mod binfile;
mod check;
mod encoding;
mod error;
#[cfg(test)]
mod fixtures;
mod proof;
mod prove;
mod r1cs;
mod random;
mod setup;
mod verify;
mod wtns;
mod zkey;

pub use check::check_witness;
pub use error::{Error, Result};
pub use proof::{public_signals, G1Coordinates, G2Coordinates, Proof};
pub use prove::prove;
pub use r1cs::{r1cs_info, Constraint, R1cs, R1csInfo, Term};
pub use setup::setup;
pub use verify::{verify, PreparedKey, VerifyingKey};
pub use wtns::Witness;
