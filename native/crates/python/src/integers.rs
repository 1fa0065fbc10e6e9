//! Python's integers as limbs, without a bignum between.

use num_bigint::BigInt;
use pyo3::exceptions::PyOverflowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt};

const LIMB_BYTES: usize = 8;
const BYTES: usize = 32;

/// Limbs, lowest first; none if the integer is negative or has more than 256 bits.
#[derive(Clone, Copy)]
pub struct Integer(pub Option<[u64; 4]>);

impl Integer {
    /// Most significant byte first.
    pub fn to_be_bytes(self) -> Option<[u8; BYTES]> {
        let mut bytes = [0; BYTES];
        for (chunk, limb) in bytes.rchunks_exact_mut(LIMB_BYTES).zip(self.0?) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        Some(bytes)
    }
}

impl<'py> FromPyObject<'_, 'py> for Integer {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        if object.cast::<PyInt>().is_err() {
            // What can stand for an integer without being one is rare.
            let limbs = object
                .extract::<BigInt>()?
                .to_biguint()
                .map(|integer| integer.to_u64_digits());
            let padded = |digits: Vec<u64>| {
                (digits.len() <= 4).then(|| {
                    std::array::from_fn(|place| digits.get(place).copied().unwrap_or_default())
                })
            };
            return Ok(Self(limbs.and_then(padded)));
        }
        match object.call_method1(intern!(py, "to_bytes"), (BYTES, intern!(py, "little"))) {
            Ok(bytes) => Ok(Self(Some(limbs(bytes.cast::<PyBytes>()?.as_bytes())))),
            Err(error) if error.is_instance_of::<PyOverflowError>(py) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

fn limbs(bytes: &[u8]) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(LIMB_BYTES)) {
        *limb = u64::from_le_bytes(chunk.try_into().expect("a limb's bytes"));
    }
    limbs
}
