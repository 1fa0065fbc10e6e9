//! Writes a container.

use std::io::Write;
use std::path::Path;

use ark_ff::{BigInteger, PrimeField};

use super::Format;
use crate::encoding::{RawPoint, FIELD_BYTES};
use crate::error::{Error, Result};

const HEADER_BYTES: u64 = 12;
const SECTION_HEADER_BYTES: u64 = 12;

/// Writes a container whose section lengths are known beforehand, so that it never seeks.
pub struct BinWriter<'a, W: Write> {
    out: W,
    path: &'a Path,
    sections_left: u32,
    bytes_left: u64,
}

impl<'a, W: Write> BinWriter<'a, W> {
    /// A container of `sections` sections; `path` is where it will be found, for errors.
    pub fn new(out: W, path: &'a Path, format: &Format, sections: u32) -> Result<Self> {
        let mut writer = BinWriter {
            out,
            path,
            sections_left: sections,
            bytes_left: HEADER_BYTES,
        };
        writer.write(format.magic)?;
        writer.u32(format.version)?;
        writer.u32(sections)?;
        Ok(writer)
    }

    /// Begins a section of exactly `length` bytes; the one before must be complete.
    pub fn section(&mut self, id: u32, length: u64) -> Result<()> {
        assert_eq!(self.bytes_left, 0, "the section before is incomplete");
        assert_ne!(self.sections_left, 0, "one section more than announced");
        self.sections_left -= 1;
        self.bytes_left = SECTION_HEADER_BYTES;
        self.u32(id)?;
        self.write(&length.to_le_bytes())?;
        self.bytes_left = length;
        Ok(())
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes_left = self
            .bytes_left
            .checked_sub(bytes.len() as u64)
            .expect("no more bytes than announced");
        self.out.write_all(bytes).map_err(Error::io(self.path))
    }

    pub fn u32(&mut self, value: u32) -> Result<()> {
        self.write(&value.to_le_bytes())
    }

    pub fn modulus<F: PrimeField>(&mut self) -> Result<()> {
        self.u32(FIELD_BYTES as u32)?;
        self.write(&F::MODULUS.to_bytes_le())
    }

    pub fn point(&mut self, point: &impl RawPoint) -> Result<()> {
        self.write(&point.to_bytes())
    }

    /// Flushes; every announced section must have been written.
    pub fn finish(mut self) -> Result<W> {
        assert_eq!((self.sections_left, self.bytes_left), (0, 0));
        self.out.flush().map_err(Error::io(self.path))?;
        Ok(self.out)
    }
}
