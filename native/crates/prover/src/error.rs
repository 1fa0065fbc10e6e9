//! One error type: which artifact is wrong, why, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened, mapped or written.
    #[error("{}: {source}; check that the path exists and may be read and written", path.display())]
    Io { path: PathBuf, source: io::Error },

    /// The file's bytes are not what its format says.
    #[error("{}: {reason}; build this file again", path.display())]
    Corrupt { path: PathBuf, reason: String },

    /// The file is well formed but cannot be used here; the reason ends with the cure.
    #[error("{}: {reason}", path.display())]
    Mismatch { path: PathBuf, reason: String },

    /// The witness breaks a constraint of the circuit.
    #[error("{}: constraint {constraint} is violated; correct the circuit's inputs", path.display())]
    Unsatisfied { path: PathBuf, constraint: u32 },

    /// The proof that came out does not verify: it never leaves the prover.
    #[error(
        "{}: the proof made from this witness does not verify; check the witness against the \
         constraints, and build {} again if it satisfies them",
        path.display(),
        zkey.display()
    )]
    Unproven { path: PathBuf, zkey: PathBuf },
}

impl Error {
    /// A stable name of the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Io { .. } => "io",
            Error::Corrupt { .. } => "corrupt",
            Error::Mismatch { .. } => "mismatch",
            Error::Unsatisfied { .. } => "unsatisfied",
            Error::Unproven { .. } => "unproven",
        }
    }

    /// The file at fault.
    pub fn path(&self) -> &Path {
        match self {
            Error::Io { path, .. }
            | Error::Corrupt { path, .. }
            | Error::Mismatch { path, .. }
            | Error::Unsatisfied { path, .. }
            | Error::Unproven { path, .. } => path,
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
        move |source| Error::Io {
            path: path.to_owned(),
            source,
        }
    }
}
