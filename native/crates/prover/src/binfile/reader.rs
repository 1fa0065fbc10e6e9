//! Reads a container through a memory map, and nothing past the end of a section.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ark_ff::{BigInteger, PrimeField};
use memmap2::Mmap;

use super::Format;
use crate::encoding::{RawPoint, FIELD_BYTES};
use crate::error::{Error, Result};

/// A memory-mapped file whose section table agrees with its length.
#[derive(Debug)]
pub struct BinFile {
    path: PathBuf,
    map: Mmap,
    sections: Vec<(u32, Range<usize>)>,
}

impl BinFile {
    pub fn open(path: &Path, format: &Format) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        // SAFETY: artifacts are put in place by an atomic rename and never edited in place, so the
        // mapped bytes neither change nor shrink while they are read.
        let map = unsafe { Mmap::map(&file) }.map_err(Error::io(path))?;
        let mut opened = BinFile {
            path: path.to_owned(),
            map,
            sections: Vec::new(),
        };
        opened.sections = opened.read_section_table(format)?;
        Ok(opened)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// The section's bytes; it must occur exactly once.
    pub fn section(&self, id: u32) -> Result<&[u8]> {
        let mut found = self.sections.iter().filter(|(other, _)| *other == id);
        match (found.next(), found.next()) {
            (Some((_, range)), None) => Ok(&self.map[range.clone()]),
            (None, _) => Err(self.corrupt(format!("section {id} is missing"))),
            (Some(_), Some(_)) => Err(self.corrupt(format!("section {id} occurs twice"))),
        }
    }

    /// The section's bytes, which must be `expected` long.
    pub fn sized_section(&self, id: u32, expected: u64) -> Result<&[u8]> {
        let bytes = self.section(id)?;
        if bytes.len() as u64 == expected {
            return Ok(bytes);
        }
        Err(self.corrupt(format!(
            "section {id} holds {} bytes where its header makes it {expected}",
            bytes.len()
        )))
    }

    pub fn has_section(&self, id: u32) -> bool {
        self.sections.iter().any(|(other, _)| *other == id)
    }

    /// A cursor over bytes of this file, called `what` in errors.
    pub fn cursor<'a>(&'a self, bytes: &'a [u8], what: &'static str) -> Cursor<'a> {
        Cursor {
            file: self,
            rest: bytes,
            what,
        }
    }

    pub fn corrupt(&self, reason: impl Into<String>) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    pub fn mismatch(&self, reason: impl Into<String>) -> Error {
        Error::Mismatch {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    fn read_section_table(&self, format: &Format) -> Result<Vec<(u32, Range<usize>)>> {
        let mut cursor = self.cursor(&self.map, "the section table");
        let magic = cursor.take(format.magic.len())?;
        if magic != format.magic {
            let expected = String::from_utf8_lossy(format.magic);
            return Err(self.corrupt(format!("the file is not of type {expected:?}")));
        }
        let version = cursor.u32()?;
        if version != format.version {
            return Err(self.corrupt(format!(
                "version {version} is not the supported version {}",
                format.version
            )));
        }
        let count = cursor.u32()?;
        let mut sections = Vec::new();
        for _ in 0..count {
            let id = cursor.u32()?;
            let length = cursor.u64()?;
            let start = self.map.len() - cursor.rest.len();
            let available = cursor.rest.len();
            if length > available as u64 {
                return Err(self.corrupt(format!(
                    "section {id} is {length} bytes long where {available} are left in the file"
                )));
            }
            let length = length as usize;
            cursor.take(length)?;
            sections.push((id, start..start + length));
        }
        cursor.finish()?;
        Ok(sections)
    }
}

/// Reads fields in order and never past the end.
pub struct Cursor<'a> {
    file: &'a BinFile,
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Cursor<'a> {
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.file.corrupt(format!("{} ends too early", self.what)));
        };
        self.rest = rest;
        Ok(taken)
    }

    pub fn u32(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    pub fn u64(&mut self) -> Result<u64> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// Reads a field's size and modulus, which must be those of `F`.
    pub fn modulus<F: PrimeField>(&mut self, field: &str) -> Result<()> {
        let size = self.u32()?;
        if size as usize != FIELD_BYTES || self.take(FIELD_BYTES)? != F::MODULUS.to_bytes_le() {
            let reason = format!("{} is not over the {field} field of BN254", self.what);
            return Err(self.file.corrupt(reason));
        }
        Ok(())
    }

    /// Reads a point that must be on the curve and in the group of prime order.
    pub fn point<P: RawPoint>(&mut self) -> Result<P> {
        let point = P::read_unchecked(self.take(P::BYTES)?);
        if point.is_valid() {
            return Ok(point);
        }
        let reason = format!("{} holds a point that is not on the curve", self.what);
        Err(self.file.corrupt(reason))
    }

    /// Nothing may follow.
    pub fn finish(&self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.file.corrupt(format!(
            "{} bytes follow the end of {}",
            self.rest.len(),
            self.what
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binfile::BinWriter;
    use crate::fixtures::Scratch;

    const FORMAT: Format = Format {
        magic: b"test",
        version: 3,
    };

    fn container(sections: &[(u32, &[u8])]) -> Vec<u8> {
        let path = Path::new("container");
        let count = sections.len() as u32;
        let mut writer = BinWriter::new(Vec::new(), path, &FORMAT, count).unwrap();
        for (id, bytes) in sections {
            writer.section(*id, bytes.len() as u64).unwrap();
            writer.write(bytes).unwrap();
        }
        writer.finish().unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        let scratch = Scratch::new();
        let path = scratch.write("container", bytes);
        let error = BinFile::open(&path, &FORMAT).unwrap_err();
        assert_eq!((error.code(), error.path()), ("corrupt", path.as_path()));
        error.to_string()
    }

    #[test]
    fn sections_are_found_in_any_order() {
        let scratch = Scratch::new();
        let path = scratch.write("container", &container(&[(7, b"seven"), (2, b"")]));
        let file = BinFile::open(&path, &FORMAT).unwrap();
        assert_eq!(file.section(7).unwrap(), b"seven");
        assert_eq!(file.sized_section(2, 0).unwrap(), b"");
        assert!(file
            .section(1)
            .unwrap_err()
            .to_string()
            .contains("section 1 is missing"));
        assert!(file.sized_section(7, 6).is_err());
    }

    #[test]
    fn a_repeated_section_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.write("container", &container(&[(1, b"a"), (1, b"b")]));
        let file = BinFile::open(&path, &FORMAT).unwrap();
        assert!(file
            .section(1)
            .unwrap_err()
            .to_string()
            .contains("occurs twice"));
    }

    #[test]
    fn another_type_or_version_is_refused() {
        let mut bytes = container(&[]);
        bytes[4] = 9;
        assert!(refusal(&bytes).contains("version 9"));
        bytes[0] = b'x';
        assert!(refusal(&bytes).contains("not of type \"test\""));
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let bytes = container(&[(1, b"first"), (2, b"second")]);
        for length in 0..bytes.len() {
            refusal(&bytes[..length]);
        }
    }

    #[test]
    fn bytes_after_the_last_section_are_refused() {
        let mut bytes = container(&[(1, b"first")]);
        bytes.push(0);
        assert!(refusal(&bytes).contains("1 bytes follow"));
    }

    #[test]
    fn a_length_beyond_the_file_is_refused() {
        let mut bytes = container(&[(1, b"first")]);
        bytes[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(refusal(&bytes).contains("5 are left"));
    }

    #[test]
    fn a_missing_file_is_an_io_error_with_its_path() {
        let error = BinFile::open(Path::new("absent.zkey"), &FORMAT).unwrap_err();
        assert_eq!(error.code(), "io");
        assert!(error.to_string().starts_with("absent.zkey: "));
    }
}
