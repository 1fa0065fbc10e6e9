//! Reads a proving key.
//!
//! Every section's length is checked against the header when the key is opened, so that nothing is
//! read past its end; points are read unchecked, and a damaged one shows when the proof is verified.

use std::path::Path;

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ff::BigInt;

use super::*;
use crate::binfile::BinFile;
use crate::encoding::{read_limbs, RawPoint};
use crate::error::Result;
use crate::verify::VerifyingKey;

/// A non-zero entry of the constraint matrices A and B.
pub struct Coefficient {
    pub matrix: u32,
    pub row: u32,
    pub wire: u32,
    /// The coefficient times R^2, R = 2^256.
    pub value: BigInt<4>,
}

/// A memory-mapped proving key.
#[derive(Debug)]
pub struct ZKey {
    file: BinFile,
    header: Header,
}

impl ZKey {
    pub fn open(path: &Path) -> Result<Self> {
        let file = BinFile::open(path, &FORMAT)?;
        let header = read_header(&file)?;
        for section in [IC, A, B1, B2, K, H] {
            file.sized_section(section, header.points_bytes(section))?;
        }
        check_coefficients(&file)?;
        if (file.section(CONTRIBUTIONS)?.len() as u64) < NO_CONTRIBUTIONS_BYTES {
            return Err(file.corrupt("the contributions end too early"));
        }
        Ok(ZKey { file, header })
    }

    pub fn path(&self) -> &Path {
        self.file.path()
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The raw points of a section, its length already checked.
    pub fn points(&self, section: u32) -> Result<&[u8]> {
        self.file.section(section)
    }

    pub fn verifying_key(&self) -> Result<VerifyingKey> {
        let points = self.points(IC)?.chunks_exact(G1Affine::BYTES);
        let ic: Vec<_> = points.map(G1Affine::read_unchecked).collect();
        if !ic.iter().all(RawPoint::is_valid) {
            return Err(self
                .file
                .corrupt("section 3 holds a point that is not on the curve"));
        }
        Ok(VerifyingKey {
            alpha1: self.header.alpha1,
            beta2: self.header.beta2,
            gamma2: self.header.gamma2,
            delta2: self.header.delta2,
            ic,
        })
    }

    /// Calls `visit` with every entry, its indices checked, in the order of the file.
    pub fn for_each_coefficient(&self, mut visit: impl FnMut(Coefficient)) -> Result<()> {
        let entries = &self.file.section(COEFFICIENTS)?[4..];
        for (index, entry) in entries.chunks_exact(COEFFICIENT_BYTES).enumerate() {
            let word =
                |at: usize| u32::from_le_bytes(entry[at..at + 4].try_into().expect("4 bytes"));
            let coefficient = Coefficient {
                matrix: word(0),
                row: word(4),
                wire: word(8),
                value: read_limbs(&entry[12..]),
            };
            if coefficient.matrix > MATRIX_B
                || coefficient.row >= self.header.domain
                || coefficient.wire >= self.header.wires
            {
                return Err(self.file.corrupt(format!(
                    "coefficient {index} lies outside the constraint matrices"
                )));
            }
            visit(coefficient);
        }
        Ok(())
    }
}

fn read_header(file: &BinFile) -> Result<Header> {
    let mut protocol = file.cursor(file.section(PROTOCOL)?, "the protocol section");
    if protocol.u32()? != GROTH16 {
        return Err(file.mismatch("the key is not a Groth16 key; make one with the set-up"));
    }
    protocol.finish()?;

    let mut cursor = file.cursor(file.section(HEADER)?, "the key's header");
    cursor.modulus::<Fq>("base")?;
    cursor.modulus::<Fr>("scalar")?;
    let header = Header {
        wires: cursor.u32()?,
        public: cursor.u32()?,
        domain: cursor.u32()?,
        alpha1: cursor.point()?,
        beta1: cursor.point()?,
        beta2: cursor.point()?,
        gamma2: cursor.point()?,
        delta1: cursor.point()?,
        delta2: cursor.point()?,
    };
    cursor.finish()?;

    if header.public >= header.wires {
        return Err(file.corrupt(format!(
            "the header counts {} public signals on {} wires",
            header.public, header.wires
        )));
    }
    if !header.domain.is_power_of_two() || header.domain > MAX_DOMAIN {
        return Err(file.corrupt(format!("{} is not the size of a domain", header.domain)));
    }
    if header.gamma2 == header.delta2 {
        return Err(file.mismatch(
            "gamma and delta are equal, so that anyone can forge proofs; contribute to the key",
        ));
    }
    Ok(header)
}

fn check_coefficients(file: &BinFile) -> Result<()> {
    let section = file.section(COEFFICIENTS)?;
    let count = file.cursor(section, "the coefficient section").u32()?;
    file.sized_section(
        COEFFICIENTS,
        4 + u64::from(count) * COEFFICIENT_BYTES as u64,
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::LazyLock;

    use super::*;
    use crate::encoding::FIELD_BYTES;
    use crate::fixtures::{self, Scratch};

    const PROTOCOL_AT: usize = 24;
    const HEADER_AT: usize = 40;
    const WIRES_AT: usize = HEADER_AT + 2 * (4 + FIELD_BYTES);
    const PUBLIC_AT: usize = WIRES_AT + 4;
    const DOMAIN_AT: usize = WIRES_AT + 8;
    const ALPHA_AT: usize = WIRES_AT + 12;
    const GAMMA_AT: usize = ALPHA_AT + 256;
    const DELTA2_AT: usize = GAMMA_AT + 192;
    const IC_AT: usize = DELTA2_AT + 128 + 12;
    const COEFFICIENTS_AT: usize = IC_AT + 3 * 64 + 12;

    static KEY: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let scratch = Scratch::new();
        fs::read(fixtures::artifacts(&scratch).0).unwrap()
    });

    fn refusal(bytes: &[u8]) -> String {
        let scratch = Scratch::new();
        let path = scratch.write("circuit.zkey", bytes);
        let error = ZKey::open(&path)
            .and_then(|key| {
                key.for_each_coefficient(drop)?;
                key.verifying_key()
            })
            .unwrap_err();
        assert_eq!(error.path(), path);
        error.to_string()
    }

    fn changed(at: usize, byte: u8) -> Vec<u8> {
        let mut bytes = KEY.clone();
        assert_ne!(bytes[at], byte);
        bytes[at] = byte;
        bytes
    }

    #[test]
    fn a_key_cut_anywhere_is_refused() {
        let bytes = &*KEY;
        for length in (0..bytes.len()).step_by(7) {
            refusal(&bytes[..length]);
        }
    }

    #[test]
    fn another_protocol_or_curve_is_refused() {
        assert!(refusal(&changed(PROTOCOL_AT, 2)).contains("not a Groth16 key"));
        assert!(refusal(&changed(HEADER_AT + 4, 0)).contains("base field of BN254"));
    }

    #[test]
    fn sizes_that_disagree_with_the_sections_are_refused() {
        assert!(refusal(&changed(WIRES_AT, 7)).contains("section 5 holds 384 bytes"));
        assert!(refusal(&changed(PUBLIC_AT, 1)).contains("section 3 holds 192 bytes"));
        assert!(refusal(&changed(DOMAIN_AT, 16)).contains("section 9 holds 512 bytes"));
        assert!(refusal(&changed(COEFFICIENTS_AT, 9)).contains("section 4 holds"));
    }

    #[test]
    fn impossible_sizes_are_refused() {
        assert!(refusal(&changed(PUBLIC_AT, 6)).contains("6 public signals on 6 wires"));
        assert!(refusal(&changed(DOMAIN_AT, 9)).contains("9 is not the size of a domain"));
        assert!(refusal(&changed(DOMAIN_AT, 0)).contains("0 is not the size of a domain"));
    }

    #[test]
    fn the_verifier_s_points_must_be_on_the_curve() {
        let bytes = &*KEY;
        for at in [ALPHA_AT, GAMMA_AT, DELTA2_AT, IC_AT] {
            let reason = refusal(&changed(at, bytes[at] ^ 1));
            assert!(reason.contains("not on the curve"), "{at}: {reason}");
        }
    }

    #[test]
    fn a_coefficient_outside_the_matrices_is_refused() {
        let first = COEFFICIENTS_AT + 4;
        for at in [first, first + 4, first + 8] {
            assert!(refusal(&changed(at, 8)).contains("coefficient 0 lies outside"));
        }
    }

    #[test]
    fn a_key_without_a_second_phase_is_refused() {
        let mut bytes = KEY.clone();
        bytes.copy_within(GAMMA_AT..GAMMA_AT + 128, DELTA2_AT);
        assert!(refusal(&bytes).contains("anyone can forge proofs"));
    }
}
