//! Groth16 on artifacts named by their paths. Everything here runs without the interpreter's lock.

use std::path::PathBuf;

use num_bigint::BigUint;
use proofbook_core::Fr;
use proofbook_prover as prover;
use proofbook_prover::{Error, G1Coordinates, G2Coordinates, PreparedKey, Proof};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

create_exception!(
    sequencer._core,
    ArtifactError,
    PyValueError,
    "A circuit's file that cannot be used: `<path>: <reason>; <cure>`. `code` names the cause."
);

/// A proof's affine coordinates, as a dictionary; those over the quadratic field constant part
/// first.
#[derive(FromPyObject, IntoPyObject)]
#[pyo3(from_item_all)]
struct ProofPoints {
    a: G1Coordinates,
    b: G2Coordinates,
    c: G1Coordinates,
}

pub(crate) fn artifact_error(py: Python<'_>, error: &Error) -> PyErr {
    let raised = ArtifactError::new_err(error.to_string());
    let attached = raised.value(py).setattr("code", error.code());
    attached.err().unwrap_or(raised)
}

#[pyfunction]
fn r1cs_info(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let info = py
        .detach(|| prover::r1cs_info(&path))
        .map_err(|error| artifact_error(py, &error))?;
    let sizes = PyDict::new(py);
    sizes.set_item("constraints", info.constraints)?;
    sizes.set_item("wires", info.wires)?;
    sizes.set_item("public_outputs", info.public_outputs)?;
    sizes.set_item("public_inputs", info.public_inputs)?;
    sizes.set_item("private_inputs", info.private_inputs)?;
    sizes.set_item("labels", info.labels)?;
    Ok(sizes)
}

#[pyfunction]
fn groth16_setup(py: Python<'_>, r1cs: PathBuf, zkey: PathBuf, seed: &[u8]) -> PyResult<()> {
    py.detach(|| prover::setup(&r1cs, &zkey, seed))
        .map_err(|error| artifact_error(py, &error))
}

#[pyfunction]
fn groth16_prove(
    py: Python<'_>,
    zkey: PathBuf,
    wtns: PathBuf,
) -> PyResult<(ProofPoints, Vec<BigUint>)> {
    let (proof, public) = py
        .detach(|| prover::prove(&zkey, &wtns))
        .map_err(|error| artifact_error(py, &error))?;
    let (a, b, c) = proof.coordinates();
    let public = public.into_iter().map(BigUint::from).collect();
    Ok((ProofPoints { a, b, c }, public))
}

#[pyfunction]
fn groth16_verify(
    py: Python<'_>,
    zkey: PathBuf,
    proof: ProofPoints,
    public: Vec<BigUint>,
) -> PyResult<bool> {
    py.detach(|| match canonical(&proof, &public) {
        Some((proof, public)) => prover::verify(&zkey, &proof, &public),
        None => Ok(false),
    })
    .map_err(|error| artifact_error(py, &error))
}

/// A verification key by itself, prepared for many proofs.
#[pyclass(module = "sequencer._core", frozen)]
struct VerifyingKey(PreparedKey);

#[pymethods]
impl VerifyingKey {
    #[new]
    fn new(
        alpha: G1Coordinates,
        beta: G2Coordinates,
        gamma: G2Coordinates,
        delta: G2Coordinates,
        ic: Vec<G1Coordinates>,
    ) -> PyResult<Self> {
        prover::VerifyingKey::from_coordinates(&alpha, [&beta, &gamma, &delta], &ic)
            .filter(|_| !ic.is_empty())
            .map(|key| VerifyingKey(key.prepare()))
            .ok_or_else(|| {
                PyValueError::new_err("a verification key has points of the curve's groups only")
            })
    }

    fn verify(&self, py: Python<'_>, proof: ProofPoints, public: Vec<BigUint>) -> bool {
        py.detach(|| {
            canonical(&proof, &public).is_some_and(|(proof, public)| self.0.verify(&proof, &public))
        })
    }
}

/// `None` unless the proof's points and the signals have the one form that verifiers accept.
fn canonical(points: &ProofPoints, public: &[BigUint]) -> Option<(Proof, Vec<Fr>)> {
    let proof = Proof::from_coordinates(&points.a, &points.b, &points.c)?;
    Some((proof, prover::public_signals(public)?))
}

#[pyfunction]
fn check_witness(py: Python<'_>, r1cs: PathBuf, wtns: PathBuf) -> PyResult<Option<u32>> {
    match py.detach(|| prover::check_witness(&r1cs, &wtns)) {
        Ok(()) => Ok(None),
        Err(Error::Unsatisfied { constraint, .. }) => Ok(Some(constraint)),
        Err(error) => Err(artifact_error(py, &error)),
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ArtifactError", module.py().get_type::<ArtifactError>())?;
    module.add_class::<VerifyingKey>()?;
    module.add_function(wrap_pyfunction!(r1cs_info, module)?)?;
    module.add_function(wrap_pyfunction!(groth16_setup, module)?)?;
    module.add_function(wrap_pyfunction!(groth16_prove, module)?)?;
    module.add_function(wrap_pyfunction!(groth16_verify, module)?)?;
    module.add_function(wrap_pyfunction!(check_witness, module)?)?;
    Ok(())
}
