//! A tiny circuit for tests, written as bytes: `out = x^3 + k`, with `x` private and `k` public.
//!
//! Wires: one, out, k, x, x^2, x^3.

use std::fs;
use std::path::{Path, PathBuf};

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use tempfile::TempDir;

use crate::binfile::BinWriter;
use crate::encoding::{write_limbs, FIELD_BYTES};
use crate::r1cs::{self, Constraint, Term};
use crate::setup::setup;
use crate::wtns;

/// Three cubed and five: out is 32.
pub const WITNESS: [u64; 6] = [1, 32, 5, 3, 9, 27];

/// The container's header, the section's header and the size of the field come before it.
pub const R1CS_MODULUS_AT: usize = 12 + 12 + 4;
pub const WTNS_COUNT_AT: usize = R1CS_MODULUS_AT + FIELD_BYTES;

/// A directory that goes when the test ends.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Self {
        Scratch(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

pub fn constraints() -> Vec<Constraint> {
    let wire = |index: u32| (index, Fr::from(1));
    let of = |a: &[Term], b: &[Term], c: &[Term]| Constraint {
        a: a.to_vec(),
        b: b.to_vec(),
        c: c.to_vec(),
    };
    vec![
        of(&[wire(3)], &[wire(3)], &[wire(4)]),
        of(&[wire(4)], &[wire(3)], &[wire(5)]),
        of(&[wire(5), wire(2)], &[wire(0)], &[wire(1)]),
    ]
}

pub fn r1cs() -> Vec<u8> {
    r1cs_of(&constraints(), 3)
}

/// The file of `constraints`, whose header counts `count` of them.
pub fn r1cs_of(constraints: &[Constraint], count: u32) -> Vec<u8> {
    let mut body = Vec::new();
    for constraint in constraints {
        for terms in [&constraint.a, &constraint.b, &constraint.c] {
            body.extend_from_slice(&(terms.len() as u32).to_le_bytes());
            for (wire, coefficient) in terms {
                body.extend_from_slice(&wire.to_le_bytes());
                body.extend_from_slice(&scalar_bytes(coefficient.into_bigint()));
            }
        }
    }
    let mut writer = BinWriter::new(Vec::new(), Path::new("r1cs"), &r1cs::FORMAT, 2).unwrap();
    writer.section(r1cs::HEADER, 64).unwrap();
    writer.modulus::<Fr>().unwrap();
    for size in [6, 1, 1, 1, 6, 0, count] {
        writer.u32(size).unwrap();
    }
    writer
        .section(r1cs::CONSTRAINTS, body.len() as u64)
        .unwrap();
    writer.write(&body).unwrap();
    writer.finish().unwrap()
}

pub fn wtns() -> Vec<u8> {
    wtns_of(&WITNESS)
}

pub fn wtns_of(values: &[u64]) -> Vec<u8> {
    let mut writer = BinWriter::new(Vec::new(), Path::new("wtns"), &wtns::FORMAT, 2).unwrap();
    writer.section(wtns::HEADER, 40).unwrap();
    writer.modulus::<Fr>().unwrap();
    writer.u32(values.len() as u32).unwrap();
    writer
        .section(wtns::VALUES, (values.len() * FIELD_BYTES) as u64)
        .unwrap();
    for value in values {
        writer.write(&scalar_bytes(BigInt::from(*value))).unwrap();
    }
    writer.finish().unwrap()
}

fn scalar_bytes(value: BigInt<4>) -> [u8; FIELD_BYTES] {
    let mut bytes = [0; FIELD_BYTES];
    write_limbs(&value, &mut bytes);
    bytes
}

/// A key and a witness of the tiny circuit, in a folder.
pub fn artifacts(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let r1cs = scratch.write("circuit.r1cs", &r1cs());
    let zkey = scratch.path("circuit.zkey");
    setup(&r1cs, &zkey, b"seed").unwrap();
    (zkey, scratch.write("batch.wtns", &wtns()))
}
