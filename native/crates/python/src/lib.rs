//! `sequencer._core`: the thin Python face of the native crates.

use pyo3::prelude::*;

mod crypto;
mod groth16;
mod integers;
mod soundness;
mod typed_data;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    crypto::register(module)?;
    typed_data::register(module)?;
    groth16::register(module)?;
    soundness::register(module)
}
