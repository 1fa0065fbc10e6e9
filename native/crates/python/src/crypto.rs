//! Poseidon, EdDSA-Poseidon and the sparse tree for Python, where field elements are plain integers.

use ark_ff::{BigInt as Limbs, PrimeField};
use num_bigint::{BigInt, BigUint};
use proofbook_core::{
    babyjubjub::{self, Point},
    eddsa::{self, SecretKey, Signature},
    poseidon as core_poseidon,
    tree::{SparseTree as CoreTree, MAX_DEPTH},
    Error, Fr, Scalar,
};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::integers::Integer;

type KeyIntegers = (Integer, Integer);
type SignatureIntegers = (Integer, Integer, Integer);

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(poseidon, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon_many, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon_permutation, module)?)?;
    module.add_function(wrap_pyfunction!(public_key, module)?)?;
    module.add_function(wrap_pyfunction!(sign, module)?)?;
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(verify_many, module)?)?;
    module.add_function(wrap_pyfunction!(is_valid_key, module)?)?;
    module.add_function(wrap_pyfunction!(eighth, module)?)?;
    module.add_class::<SparseTree>()
}

#[pyfunction]
fn poseidon(inputs: Vec<Integer>) -> PyResult<BigUint> {
    let inputs =
        elements(&inputs).map_err(|position| not_an_element(&format!("input {position}")))?;
    core_poseidon::hash(&inputs)
        .map(BigUint::from)
        .map_err(to_python)
}

#[pyfunction]
fn poseidon_many(py: Python<'_>, rows: Vec<Vec<Integer>>) -> PyResult<Vec<BigUint>> {
    let rows = rows.iter().enumerate().map(|(row, inputs)| {
        elements(inputs).map_err(|position| not_an_element(&format!("row {row}, input {position}")))
    });
    let rows: Vec<Vec<Fr>> = rows.collect::<PyResult<_>>()?;
    let digests = py
        .detach(|| core_poseidon::hash_many(&rows))
        .map_err(to_python)?;
    Ok(digests.into_iter().map(BigUint::from).collect())
}

#[pyfunction]
fn poseidon_permutation(state: Vec<Integer>) -> PyResult<Vec<BigUint>> {
    let state =
        elements(&state).map_err(|position| not_an_element(&format!("element {position}")))?;
    let permuted = core_poseidon::permutation(&state).map_err(to_python)?;
    Ok(permuted.into_iter().map(BigUint::from).collect())
}

#[pyfunction]
fn public_key(py: Python<'_>, secret: Integer) -> PyResult<(BigUint, BigUint)> {
    let secret = secret_key(&secret)?;
    let key = py.detach(|| secret.public_key());
    Ok((key.x.into(), key.y.into()))
}

#[pyfunction]
fn sign(
    py: Python<'_>,
    secret: Integer,
    message: Integer,
) -> PyResult<(BigUint, BigUint, BigUint)> {
    let secret = secret_key(&secret)?;
    let message = canonical(&message).ok_or_else(|| not_an_element("the message"))?;
    let Signature { r8, s } = py.detach(|| secret.sign(message));
    Ok((r8.x.into(), r8.y.into(), s.into()))
}

#[pyfunction]
fn verify(
    py: Python<'_>,
    key: KeyIntegers,
    message: Integer,
    signature: SignatureIntegers,
) -> bool {
    let Some((key, message, signature)) = signed_message(&(key, message, signature)) else {
        return false;
    };
    py.detach(|| eddsa::verify(&key, message, &signature))
}

#[pyfunction]
fn verify_many(py: Python<'_>, items: Vec<(KeyIntegers, Integer, SignatureIntegers)>) -> Vec<bool> {
    let parsed: Vec<_> = items.iter().map(signed_message).collect();
    let canonical: Vec<_> = parsed.iter().flatten().copied().collect();
    let mut verdicts = py.detach(|| eddsa::verify_many(&canonical)).into_iter();
    parsed
        .iter()
        .map(|item| item.is_some() && verdicts.next() == Some(true))
        .collect()
}

#[pyfunction]
fn is_valid_key(x: Integer, y: Integer) -> bool {
    point(&(x, y)).is_some_and(|key| eddsa::is_valid_key(&key))
}

#[pyfunction]
fn eighth(x: Integer, y: Integer) -> PyResult<(BigUint, BigUint)> {
    let eighth = point(&(x, y))
        .and_then(babyjubjub::eighth)
        .ok_or_else(|| PyValueError::new_err("the point is not in the prime subgroup"))?;
    Ok((eighth.x.into(), eighth.y.into()))
}

#[pyclass(module = "sequencer._core")]
struct SparseTree(CoreTree);

#[pymethods]
impl SparseTree {
    #[new]
    fn new(depth: BigInt) -> PyResult<Self> {
        let levels = usize::try_from(&depth).map_err(|_| {
            PyValueError::new_err(format!(
                "a tree has a depth of 1 to {MAX_DEPTH}, not {depth}"
            ))
        })?;
        CoreTree::new(levels).map(Self).map_err(to_python)
    }

    #[getter]
    fn depth(&self) -> usize {
        self.0.depth()
    }

    #[getter]
    fn root(&self) -> BigUint {
        self.0.root().into()
    }

    fn get(&self, index: BigInt) -> PyResult<BigUint> {
        self.0
            .get(self.leaf_index(&index)?)
            .map(BigUint::from)
            .map_err(to_python)
    }

    fn set(&mut self, py: Python<'_>, index: BigInt, leaf: Integer) -> PyResult<()> {
        self.set_many(py, vec![(index, leaf)])
    }

    fn set_many(&mut self, py: Python<'_>, updates: Vec<(BigInt, Integer)>) -> PyResult<()> {
        let updates = updates.iter().map(|(index, leaf)| {
            let value = canonical(leaf).ok_or_else(|| not_an_element(&format!("leaf {index}")))?;
            Ok((self.leaf_index(index)?, value))
        });
        let updates: Vec<(u64, Fr)> = updates.collect::<PyResult<_>>()?;
        py.detach(|| self.0.set_many(&updates)).map_err(to_python)
    }

    fn path(&self, index: BigInt) -> PyResult<Vec<Vec<BigUint>>> {
        let path = self.0.path(self.leaf_index(&index)?).map_err(to_python)?;
        Ok(path
            .into_iter()
            .map(|children| children.map(BigUint::from).to_vec())
            .collect())
    }

    fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

impl SparseTree {
    fn leaf_index(&self, index: &BigInt) -> PyResult<u64> {
        u64::try_from(index).map_err(|_| {
            let capacity = self.0.capacity();
            PyIndexError::new_err(format!(
                "leaf {index} is outside the tree: use an index below {capacity}"
            ))
        })
    }
}

fn to_python(error: Error) -> PyErr {
    match error {
        Error::LeafIndex { .. } => PyIndexError::new_err(error.to_string()),
        Error::InputCount { .. } | Error::StateWidth { .. } | Error::TreeDepth { .. } => {
            PyValueError::new_err(error.to_string())
        }
    }
}

fn not_an_element(name: &str) -> PyErr {
    PyValueError::new_err(format!(
        "{name} is not a field element: give an integer from 0 to p - 1"
    ))
}

/// The field element with exactly this integer, never its residue.
fn canonical<F: PrimeField<BigInt = Limbs<4>>>(integer: &Integer) -> Option<F> {
    F::from_bigint(Limbs(integer.0?))
}

/// The elements, or the position of the first integer that is none.
fn elements(integers: &[Integer]) -> Result<Vec<Fr>, usize> {
    integers
        .iter()
        .enumerate()
        .map(|(position, integer)| canonical(integer).ok_or(position))
        .collect()
}

fn secret_key(integer: &Integer) -> PyResult<SecretKey> {
    let refused = || {
        PyValueError::new_err("a secret key is an integer from 1 to l - 1, l the subgroup order")
    };
    canonical::<Scalar>(integer)
        .and_then(SecretKey::new)
        .ok_or_else(refused)
}

fn point((x, y): &KeyIntegers) -> Option<Point> {
    Some(Point {
        x: canonical(x)?,
        y: canonical(y)?,
    })
}

fn signed_message(
    (key, message, (r8x, r8y, s)): &(KeyIntegers, Integer, SignatureIntegers),
) -> Option<(Point, Fr, Signature)> {
    let r8 = Point {
        x: canonical(r8x)?,
        y: canonical(r8y)?,
    };
    Some((
        point(key)?,
        canonical(message)?,
        Signature {
            r8,
            s: canonical(s)?,
        },
    ))
}
