//! The layout of a Groth16 proving key, as snarkjs reads and writes it.

mod reader;

use ark_bn254::{G1Affine, G2Affine};

use crate::binfile::Format;
use crate::encoding::{RawPoint, FIELD_BYTES};

pub use reader::ZKey;

pub const FORMAT: Format = Format {
    magic: b"zkey",
    version: 1,
};
pub const SECTIONS: u32 = 10;

pub const PROTOCOL: u32 = 1;
pub const HEADER: u32 = 2;
pub const IC: u32 = 3;
pub const COEFFICIENTS: u32 = 4;
pub const A: u32 = 5;
pub const B1: u32 = 6;
pub const B2: u32 = 7;
pub const K: u32 = 8;
pub const H: u32 = 9;
pub const CONTRIBUTIONS: u32 = 10;

pub const GROTH16: u32 = 1;
pub const MATRIX_A: u32 = 0;
pub const MATRIX_B: u32 = 1;

pub const COEFFICIENT_BYTES: usize = 12 + FIELD_BYTES;
/// A hash of the circuit and the number of contributions.
pub const NO_CONTRIBUTIONS_BYTES: u64 = 64 + 4;

/// The quotient needs a root of unity of twice the domain, and the scalar field has 2^28.
pub const MAX_DOMAIN: u32 = 1 << 27;

/// Sizes and single points of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub wires: u32,
    /// Public signals, without the constant one.
    pub public: u32,
    pub domain: u32,
    pub alpha1: G1Affine,
    pub beta1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta1: G1Affine,
    pub delta2: G2Affine,
}

impl Header {
    pub const BYTES: u64 =
        (2 * (4 + FIELD_BYTES) + 3 * 4 + 3 * G1Affine::BYTES + 3 * G2Affine::BYTES) as u64;

    /// The length of a section of points.
    pub fn points_bytes(&self, section: u32) -> u64 {
        let (count, size) = match section {
            IC => (self.public + 1, G1Affine::BYTES),
            A | B1 => (self.wires, G1Affine::BYTES),
            B2 => (self.wires, G2Affine::BYTES),
            K => (self.wires - self.public - 1, G1Affine::BYTES),
            H => (self.domain, G1Affine::BYTES),
            _ => unreachable!("section {section} does not hold points"),
        };
        u64::from(count) * size as u64
    }
}
