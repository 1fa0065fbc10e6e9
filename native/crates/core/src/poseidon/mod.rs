//! Poseidon with the S-box x^5 and 1 to 16 inputs, as in circomlib.
//!
//! The state is `[0, inputs...]` and the digest is its first element after R_F / 2 full rounds, R_P partial
//! rounds and R_F / 2 full rounds. The partial rounds run in the sparse form that `parameters` derives.

mod matrix;
mod parameters;

use ark_ff::{AdditiveGroup, Field};
use rayon::prelude::*;

use crate::{Error, Fr};
use parameters::Parameters;

pub const MAX_INPUTS: usize = 16;

const FULL_ROUNDS: usize = 8;
/// R_P for 1 to 16 inputs: 128-bit security over BN254 (Poseidon paper, table 2; circomlib).
const PARTIAL_ROUNDS: [usize; MAX_INPUTS] = [
    56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68,
];

/// Poseidon of 1 to 16 field elements.
pub fn hash(inputs: &[Fr]) -> Result<Fr, Error> {
    macro_rules! dispatch {
        ($($count:literal)+) => {
            match inputs.len() {
                $($count => Ok(hash_inputs::<$count, { $count + 1 }>(inputs.try_into().expect("counted")))),+,
                count => Err(Error::InputCount { count }),
            }
        };
    }
    dispatch!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// One digest a row, computed on all cores.
pub fn hash_many(rows: &[Vec<Fr>]) -> Result<Vec<Fr>, Error> {
    rows.par_iter().map(|row| hash(row)).collect()
}

/// The permutation of a state of 2 to 17 elements: what several outputs are squeezed from.
pub fn permutation(state: &[Fr]) -> Result<Vec<Fr>, Error> {
    macro_rules! dispatch {
        ($($width:literal)+) => {
            match state.len() {
                $($width => {
                    let mut state: [Fr; $width] = state.try_into().expect("counted");
                    permute(&mut state);
                    Ok(state.to_vec())
                })+,
                width => Err(Error::StateWidth { width }),
            }
        };
    }
    dispatch!(2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17)
}

pub(crate) fn hash4(inputs: &[Fr; 4]) -> Fr {
    hash_inputs::<4, 5>(inputs)
}

pub(crate) fn hash5(inputs: &[Fr; 5]) -> Fr {
    hash_inputs::<5, 6>(inputs)
}

fn hash_inputs<const N: usize, const T: usize>(inputs: &[Fr; N]) -> Fr {
    let mut state = [Fr::ZERO; T];
    state[1..].copy_from_slice(inputs);
    permute(&mut state);
    state[0]
}

fn permute<const T: usize>(state: &mut [Fr; T]) {
    let parameters = Parameters::of_width(T);
    let (before, after) = parameters.full_constants.split_at(FULL_ROUNDS / 2 * T);
    let (dense, into_sparse) = before.split_at(before.len() - T);
    for constants in dense.chunks_exact(T) {
        full_round(state, constants, &parameters.mds);
    }
    full_round(state, into_sparse, &parameters.into_sparse);
    for (constant, matrix) in parameters
        .partial_constants
        .iter()
        .zip(parameters.sparse.chunks_exact(2 * T))
    {
        partial_round(state, constant, matrix);
    }
    for constants in after.chunks_exact(T) {
        full_round(state, constants, &parameters.mds);
    }
}

fn full_round<const T: usize>(state: &mut [Fr; T], constants: &[Fr], matrix: &[Fr]) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = sbox(*element + constant);
    }
    let input = *state;
    for (element, row) in state.iter_mut().zip(matrix.chunks_exact(T)) {
        *element = dot(row, &input);
    }
}

/// `matrix` is the first row, then the first column, of a matrix that is the identity elsewhere.
fn partial_round<const T: usize>(state: &mut [Fr; T], constant: &Fr, matrix: &[Fr]) {
    let (row, column) = matrix.split_at(T);
    state[0] = sbox(state[0] + constant);
    let first = dot(row, state);
    for position in 1..T {
        state[position] += column[position] * state[0];
    }
    state[0] = first;
}

fn dot<const T: usize>(row: &[Fr], state: &[Fr; T]) -> Fr {
    let row: &[Fr; T] = row.try_into().expect("a row is as wide as the state");
    Fr::sum_of_products(row, state)
}

fn sbox(x: Fr) -> Fr {
    x.square().square() * x
}

#[cfg(test)]
mod tests;
