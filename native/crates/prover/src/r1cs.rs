//! Reader of circom's constraint system: for every constraint `<A, w> * <B, w> = <C, w>`.

use std::path::Path;

use ark_bn254::Fr;

use crate::binfile::{BinFile, Cursor, Format};
use crate::encoding::{read_scalar, FIELD_BYTES};
use crate::error::Result;

pub const FORMAT: Format = Format {
    magic: b"r1cs",
    version: 1,
};
pub const HEADER: u32 = 1;
pub const CONSTRAINTS: u32 = 2;
const CUSTOM_GATES: u32 = 4;

/// The sizes of a circuit. Wires are numbered: the constant one, public outputs, public inputs,
/// private inputs, then intermediate signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct R1csInfo {
    pub constraints: u32,
    pub wires: u32,
    pub public_outputs: u32,
    pub public_inputs: u32,
    pub private_inputs: u32,
    pub labels: u64,
}

impl R1csInfo {
    /// Public signals, without the constant one.
    pub fn public(&self) -> u32 {
        self.public_outputs + self.public_inputs
    }
}

/// A wire and its coefficient.
pub type Term = (u32, Fr);

/// The three linear combinations of one constraint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraint {
    pub a: Vec<Term>,
    pub b: Vec<Term>,
    pub c: Vec<Term>,
}

/// A memory-mapped constraint system.
pub struct R1cs {
    file: BinFile,
    info: R1csInfo,
}

/// The sizes in the header of the constraint system at `path`.
pub fn r1cs_info(path: &Path) -> Result<R1csInfo> {
    R1cs::open(path).map(|r1cs| *r1cs.info())
}

impl R1cs {
    pub fn open(path: &Path) -> Result<Self> {
        let file = BinFile::open(path, &FORMAT)?;
        let info = read_header(&file)?;
        file.section(CONSTRAINTS)?;
        if file.has_section(CUSTOM_GATES) {
            return Err(file.mismatch(
                "the circuit uses custom gates, which Groth16 cannot prove; compile it without them",
            ));
        }
        Ok(R1cs { file, info })
    }

    pub fn info(&self) -> &R1csInfo {
        &self.info
    }

    pub(crate) fn file(&self) -> &BinFile {
        &self.file
    }

    /// Calls `visit` with every constraint in order; its buffers are reused between calls.
    pub fn for_each_constraint(
        &self,
        mut visit: impl FnMut(u32, &Constraint) -> Result<()>,
    ) -> Result<()> {
        let section = self.file.section(CONSTRAINTS)?;
        let mut cursor = self.file.cursor(section, "the constraint section");
        let mut constraint = Constraint::default();
        for index in 0..self.info.constraints {
            self.read_terms(index, &mut cursor, &mut constraint.a)?;
            self.read_terms(index, &mut cursor, &mut constraint.b)?;
            self.read_terms(index, &mut cursor, &mut constraint.c)?;
            visit(index, &constraint)?;
        }
        cursor.finish()
    }

    fn read_terms(&self, index: u32, cursor: &mut Cursor, terms: &mut Vec<Term>) -> Result<()> {
        terms.clear();
        for _ in 0..cursor.u32()? {
            let wire = cursor.u32()?;
            if wire >= self.info.wires {
                return Err(self.file.corrupt(format!(
                    "constraint {index} names wire {wire} of {}",
                    self.info.wires
                )));
            }
            let Some(coefficient) = read_scalar(cursor.take(FIELD_BYTES)?) else {
                return Err(self.file.corrupt(format!(
                    "constraint {index} has a coefficient that is not below the modulus"
                )));
            };
            terms.push((wire, coefficient));
        }
        Ok(())
    }
}

fn read_header(file: &BinFile) -> Result<R1csInfo> {
    let mut header = file.cursor(file.section(HEADER)?, "the r1cs header");
    header.modulus::<Fr>("scalar")?;
    let wires = header.u32()?;
    let public_outputs = header.u32()?;
    let public_inputs = header.u32()?;
    let private_inputs = header.u32()?;
    let labels = header.u64()?;
    let constraints = header.u32()?;
    header.finish()?;

    // The compiler counts private inputs that it eliminated too: only public signals surely have a wire.
    let public = 1 + u64::from(public_outputs) + u64::from(public_inputs);
    if public > u64::from(wires) {
        return Err(file.corrupt(format!(
            "the header counts {public} public wires among {wires}"
        )));
    }
    Ok(R1csInfo {
        constraints,
        wires,
        public_outputs,
        public_inputs,
        private_inputs,
        labels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, Scratch};

    fn refusal(bytes: &[u8]) -> String {
        let scratch = Scratch::new();
        let path = scratch.write("circuit.r1cs", bytes);
        let error = R1cs::open(&path)
            .and_then(|r1cs| r1cs.for_each_constraint(|_, _| Ok(())))
            .unwrap_err();
        assert_eq!(error.path(), path);
        error.to_string()
    }

    #[test]
    fn the_header_gives_the_sizes() {
        let scratch = Scratch::new();
        let path = scratch.write("circuit.r1cs", &fixtures::r1cs());
        let expected = R1csInfo {
            constraints: 3,
            wires: 6,
            public_outputs: 1,
            public_inputs: 1,
            private_inputs: 1,
            labels: 6,
        };
        assert_eq!(r1cs_info(&path).unwrap(), expected);
    }

    #[test]
    fn constraints_come_in_order_with_their_terms() {
        let scratch = Scratch::new();
        let path = scratch.write("circuit.r1cs", &fixtures::r1cs());
        let mut seen = Vec::new();
        R1cs::open(&path)
            .unwrap()
            .for_each_constraint(|index, constraint| {
                seen.push((index, constraint.b.clone(), constraint.c.len()));
                Ok(())
            })
            .unwrap();
        let one = Fr::from(1);
        let expected = [
            (0, vec![(3, one)], 1),
            (1, vec![(3, one)], 1),
            (2, vec![(0, one)], 1),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn another_field_is_refused() {
        let mut bytes = fixtures::r1cs();
        bytes[fixtures::R1CS_MODULUS_AT] ^= 1;
        assert!(refusal(&bytes).contains("not over the scalar field of BN254"));
    }

    #[test]
    fn a_wire_beyond_the_circuit_is_refused() {
        let mut constraints = fixtures::constraints();
        constraints[1].a[0].0 = 6;
        let bytes = fixtures::r1cs_of(&constraints, 3);
        assert!(refusal(&bytes).contains("constraint 1 names wire 6 of 6"));
    }

    #[test]
    fn a_coefficient_at_the_modulus_is_refused() {
        let mut bytes = fixtures::r1cs();
        let coefficient = bytes.len() - FIELD_BYTES;
        bytes[coefficient..].fill(0xff);
        assert!(refusal(&bytes).contains("constraint 2 has a coefficient"));
    }

    #[test]
    fn a_wrong_number_of_constraints_is_refused() {
        let constraints = fixtures::constraints();
        assert!(refusal(&fixtures::r1cs_of(&constraints, 4)).contains("ends too early"));
        assert!(refusal(&fixtures::r1cs_of(&constraints, 2)).contains("bytes follow"));
    }
}
