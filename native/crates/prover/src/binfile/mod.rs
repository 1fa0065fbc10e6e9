//! The container that `.r1cs`, `.wtns` and `.zkey` share.
//!
//! Four bytes of type, u32 version, u32 number of sections; then each section as u32 id, u64 length
//! and its bytes. Little-endian throughout.

mod reader;
mod writer;

pub use reader::{BinFile, Cursor};
pub use writer::BinWriter;

/// The type and the one version of a file.
pub struct Format {
    pub magic: &'static [u8; 4],
    pub version: u32,
}
