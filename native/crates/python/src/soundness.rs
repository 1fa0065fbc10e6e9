//! What the constraints of a circuit leave open, for Python.

use std::path::PathBuf;

use num_bigint::BigUint;
use proofbook_soundness as soundness;
use pyo3::prelude::*;

use crate::groth16::artifact_error;

#[pyfunction]
fn free_wires(
    py: Python<'_>,
    r1cs: PathBuf,
    wtns: PathBuf,
) -> PyResult<Vec<(u32, Option<BigUint>)>> {
    let free = py
        .detach(|| soundness::free_wires(&r1cs, &wtns))
        .map_err(|error| artifact_error(py, &error))?;
    let pairs = free.into_iter();
    Ok(pairs
        .map(|free| (free.wire, free.other.map(BigUint::from)))
        .collect())
}

#[pyfunction]
fn undetermined_wires(
    py: Python<'_>,
    r1cs: PathBuf,
    known: Vec<u32>,
    trusted: Vec<u32>,
) -> PyResult<Vec<(u32, bool)>> {
    let undetermined = py
        .detach(|| soundness::undetermined_wires(&r1cs, &known, &trusted))
        .map_err(|error| artifact_error(py, &error))?;
    let pairs = undetermined.into_iter();
    Ok(pairs
        .map(|open| (open.wire, open.only_times_zero))
        .collect())
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(free_wires, module)?)?;
    module.add_function(wrap_pyfunction!(undetermined_wires, module)?)
}
