//! Development set-up: from a constraint system and a seed to a proving key.
//!
//! Whoever knows the seed can forge proofs. The keys are for development, tests and local chains;
//! a public deployment takes its key from a ceremony.

mod fixed_base;
mod key;
mod qap;

use std::fs::Permissions;
use std::io::{self, BufWriter};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ark_bn254::Fr;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::binfile::BinWriter;
use crate::error::{Error, Result};
use crate::r1cs::R1cs;
use crate::random::random_scalar;
use crate::zkey;
use qap::Qap;

const DOMAIN_SEPARATOR: &[u8] = b"proofbook development set-up, groth16, version 1";
const WRITE_BUFFER_BYTES: usize = 1 << 20;

/// Writes the key of the circuit at `r1cs_path`; equal circuits and seeds give equal bytes. The key
/// appears whole or not at all.
pub fn setup(r1cs_path: &Path, zkey_path: &Path, seed: &[u8]) -> Result<()> {
    let r1cs = R1cs::open(r1cs_path)?;
    let waste = ToxicWaste::derive(seed);
    let qap = Qap::evaluate(&r1cs, &waste.tau)?;

    let partial = create_beside(zkey_path).map_err(Error::io(zkey_path))?;
    let out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, partial.as_file());
    let out = BinWriter::new(out, zkey_path, &zkey::FORMAT, zkey::SECTIONS)?;
    key::write(out, &r1cs, &qap, &waste)?;
    partial.as_file().sync_all().map_err(Error::io(zkey_path))?;
    partial
        .persist(zkey_path)
        .map_err(|failure| Error::io(zkey_path)(failure.error))?;
    Ok(())
}

/// A temporary file in the folder of `path`, so that renaming it into place is atomic.
fn create_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    tempfile::Builder::new()
        .prefix(".partial-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder)
}

/// The secrets of the set-up. Gamma is one, as in the keys of snarkjs.
struct ToxicWaste {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
}

impl ToxicWaste {
    fn derive(seed: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(DOMAIN_SEPARATOR).chain_update(seed);
        let mut rng = ChaCha20Rng::from_seed(digest.finalize().into());
        ToxicWaste {
            tau: random_scalar(&mut rng),
            alpha: random_scalar(&mut rng),
            beta: random_scalar(&mut rng),
            delta: random_scalar(&mut rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixtures::{self, Scratch};
    use crate::zkey::ZKey;

    fn key(scratch: &Scratch, seed: &[u8]) -> Vec<u8> {
        let r1cs = scratch.write("circuit.r1cs", &fixtures::r1cs());
        let zkey = scratch.path("circuit.zkey");
        setup(&r1cs, &zkey, seed).unwrap();
        fs::read(zkey).unwrap()
    }

    #[test]
    fn the_seed_decides_the_key() {
        let scratch = Scratch::new();
        assert_eq!(key(&scratch, b"seed"), key(&scratch, b"seed"));
        assert_ne!(key(&scratch, b"seed"), key(&scratch, b"another"));
    }

    #[test]
    fn the_key_has_the_sizes_of_the_circuit() {
        let scratch = Scratch::new();
        let path = scratch.write("circuit.zkey", &key(&scratch, b"seed"));
        let key = ZKey::open(&path).unwrap();
        let header = key.header();
        assert_eq!((header.wires, header.public, header.domain), (6, 2, 8));
    }

    #[test]
    fn a_failed_set_up_leaves_nothing_behind() {
        let scratch = Scratch::new();
        let bytes = fixtures::r1cs_of(&fixtures::constraints(), 4);
        let r1cs = scratch.write("circuit.r1cs", &bytes);
        setup(&r1cs, &scratch.path("circuit.zkey"), b"seed").unwrap_err();
        let folder = r1cs.parent().unwrap();
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }
}
