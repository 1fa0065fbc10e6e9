//! Ethereum's typed data for Python.

use proofbook_core::typed_data::{Hash, Signer, StructType, Word};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::integers::Integer;

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(typed_digest, module)?)?;
    module.add_function(wrap_pyfunction!(sign_typed, module)?)
}

#[pyfunction]
fn typed_digest<'py>(
    py: Python<'py>,
    separator: Hash,
    type_hash: Hash,
    members: Vec<Integer>,
) -> PyResult<Bound<'py, PyBytes>> {
    let kind = StructType {
        separator,
        type_hash,
    };
    Ok(PyBytes::new(py, &kind.digest(&words(&members)?)))
}

#[pyfunction]
fn sign_typed<'py>(
    py: Python<'py>,
    secret: [u8; 32],
    separator: Hash,
    type_hash: Hash,
    structs: Vec<Vec<Integer>>,
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let kind = StructType {
        separator,
        type_hash,
    };
    let signer = Signer::new(secret).ok_or_else(|| {
        PyValueError::new_err(
            "a secret key is an integer from 1 to n - 1, n the order of secp256k1",
        )
    })?;
    let structs: Vec<Vec<Word>> = structs
        .iter()
        .map(|members| words(members))
        .collect::<PyResult<_>>()?;
    let signatures = py.detach(|| signer.sign_many(&kind, &structs));
    Ok(signatures
        .iter()
        .map(|signature| PyBytes::new(py, signature))
        .collect())
}

fn words(members: &[Integer]) -> PyResult<Vec<Word>> {
    let word = |(position, member): (usize, &Integer)| {
        member.to_be_bytes().ok_or_else(|| {
            PyValueError::new_err(format!(
                "member {position} is no word: give an integer from 0 to 2^256 - 1"
            ))
        })
    };
    members.iter().enumerate().map(word).collect()
}
