//! Reader of a witness: the value of every wire.

use std::path::{Path, PathBuf};

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

use crate::binfile::{BinFile, Format};
use crate::encoding::{read_limbs, FIELD_BYTES};
use crate::error::{Error, Result};

pub const FORMAT: Format = Format {
    magic: b"wtns",
    version: 2,
};
pub const HEADER: u32 = 1;
pub const VALUES: u32 = 2;

/// The wires' values in plain form, each below the modulus; the first is one.
#[derive(Debug)]
pub struct Witness {
    path: PathBuf,
    values: Vec<BigInt<4>>,
}

impl Witness {
    pub fn open(path: &Path) -> Result<Self> {
        let file = BinFile::open(path, &FORMAT)?;
        let mut header = file.cursor(file.section(HEADER)?, "the witness header");
        header.modulus::<Fr>("scalar")?;
        let count = header.u32()?;
        header.finish()?;

        let section = file.sized_section(VALUES, u64::from(count) * FIELD_BYTES as u64)?;
        let values: Vec<_> = section.chunks_exact(FIELD_BYTES).map(read_limbs).collect();
        if let Some(wire) = values.iter().position(|value| *value >= Fr::MODULUS) {
            return Err(file.corrupt(format!("the value of wire {wire} is not below the modulus")));
        }
        if values.first() != Some(&BigInt::one()) {
            return Err(file.corrupt("the value of wire 0 is not one"));
        }
        Ok(Witness {
            path: path.to_owned(),
            values,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn values(&self) -> &[BigInt<4>] {
        &self.values
    }

    /// The values as field elements.
    pub fn elements(&self) -> Vec<Fr> {
        self.values
            .par_iter()
            .map(|value| Fr::new(*value))
            .collect()
    }

    /// The witness must have a value for every one of `wires`.
    pub fn expect_wires(&self, wires: u32, circuit: &Path) -> Result<()> {
        if self.values.len() == wires as usize {
            return Ok(());
        }
        Err(Error::Mismatch {
            path: self.path.clone(),
            reason: format!(
                "the witness has {} wires where {} has {wires}; use files of the same circuit",
                self.values.len(),
                circuit.display()
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, Scratch};

    fn refusal(bytes: &[u8]) -> String {
        let scratch = Scratch::new();
        let path = scratch.write("batch.wtns", bytes);
        let error = Witness::open(&path).unwrap_err();
        assert_eq!(error.path(), path);
        error.to_string()
    }

    #[test]
    fn values_are_read_in_wire_order() {
        let scratch = Scratch::new();
        let path = scratch.write("batch.wtns", &fixtures::wtns());
        let witness = Witness::open(&path).unwrap();
        let expected = fixtures::WITNESS.map(BigInt::from);
        assert_eq!(witness.values(), expected);
    }

    #[test]
    fn a_witness_that_does_not_begin_with_one_is_refused() {
        assert!(refusal(&fixtures::wtns_of(&[2, 3])).contains("wire 0 is not one"));
        assert!(refusal(&fixtures::wtns_of(&[])).contains("wire 0 is not one"));
    }

    #[test]
    fn a_value_at_the_modulus_is_refused() {
        let mut bytes = fixtures::wtns();
        let last = bytes.len() - FIELD_BYTES;
        bytes[last..].fill(0xff);
        assert!(refusal(&bytes).contains("wire 5 is not below the modulus"));
    }

    #[test]
    fn a_count_that_disagrees_with_the_values_is_refused() {
        let mut bytes = fixtures::wtns();
        bytes[fixtures::WTNS_COUNT_AT] += 1;
        assert!(refusal(&bytes).contains("section 2 holds 192 bytes"));
    }
}
