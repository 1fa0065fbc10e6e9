//! Poseidon with the S-box x^5 and 1 to 16 inputs, as in circomlib.
//!
//! The state is `[0, inputs...]` and the digest is its first element after R_F / 2 full rounds, R_P partial
//! rounds and R_F / 2 full rounds. The partial rounds run as the recurrence that `parameters` derives.

mod matrix;
mod parameters;

use ark_ff::{AdditiveGroup, Field};

use crate::{
    dot::{dot, dot_both},
    parallel, Error, Fr,
};
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
    parallel::map(rows, |row| hash(row)).into_iter().collect()
}

/// The permutation of a state of 2 to 17 elements: what several outputs are squeezed from.
pub fn permutation(state: &[Fr]) -> Result<Vec<Fr>, Error> {
    macro_rules! dispatch {
        ($($width:literal)+) => {
            match state.len() {
                $($width => {
                    let mut state: [Fr; $width] = state.try_into().expect("counted");
                    permute::<{ $width - 1 }, $width>(&mut state);
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
    permute::<N, T>(&mut state);
    state[0]
}

/// T is the width of the state, N = T - 1.
fn permute<const N: usize, const T: usize>(state: &mut [Fr; T]) {
    let parameters = Parameters::of_width(T);
    let (before, after) = parameters.full_constants.split_at(FULL_ROUNDS / 2 * T);
    let (dense, last) = before.split_at(before.len() - T);
    for constants in dense.chunks_exact(T) {
        full_round(state, constants, &parameters.mds);
    }
    sboxes(state, last);
    partial_rounds::<N, T>(state, parameters);
    for constants in after.chunks_exact(T) {
        full_round(state, constants, &parameters.mds);
    }
}

fn full_round<const T: usize>(state: &mut [Fr; T], constants: &[Fr], mds: &[Fr]) {
    sboxes(state, constants);
    let input = *state;
    for (element, row) in state.iter_mut().zip(mds.chunks_exact(T)) {
        *element = dot(array(row), &input);
    }
}

fn sboxes<const T: usize>(state: &mut [Fr; T], constants: &[Fr]) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = sbox(*element + constant);
    }
}

/// From the S-boxes of the full round before to those of the full round after.
fn partial_rounds<const N: usize, const T: usize>(state: &mut [Fr; T], parameters: &Parameters) {
    let (a, b) = parameters.recurrence.split_at(N);
    let (a, b) = (array(a), array(b));
    let rest: [Fr; N] = *array(&state[1..]);
    // The last N inputs of the S-box and its last T outputs, latest first.
    let mut xs: [Fr; N] =
        std::array::from_fn(|place| dot(array(&parameters.into_history[place * N..][..N]), &rest));
    let mut ys = [Fr::ZERO; T];
    ys[0] = state[0];
    for constant in &parameters.partial_constants {
        let x = dot_both(a, &xs, b, &ys);
        push(&mut xs, x);
        push(&mut ys, sbox(x + constant));
    }
    state[0] = dot_both(a, &xs, b, &ys);
    push(&mut xs, state[0]);
    for (element, row) in state[1..]
        .iter_mut()
        .zip(parameters.from_history.chunks_exact(N + T))
    {
        let (from_xs, from_ys) = row.split_at(N);
        *element = dot_both(array(from_xs), &xs, array(from_ys), &ys);
    }
}

fn push<const N: usize>(latest_first: &mut [Fr; N], element: Fr) {
    latest_first.copy_within(..N - 1, 1);
    latest_first[0] = element;
}

fn array<const N: usize>(elements: &[Fr]) -> &[Fr; N] {
    elements.try_into().expect("there are as many as asked for")
}

fn sbox(x: Fr) -> Fr {
    x.square().square() * x
}

#[cfg(test)]
mod tests;
