//! Poseidon's constants, and the equivalent ones with which a partial round is one sum of 2t - 1 products.
//!
//! A partial round adds constants c, applies the S-box to element 0 only, and multiplies by the matrix M. Let
//! M = [[m, v], [w, N]] with N the lower right n x n block, n = t - 1.
//!
//! **Constants.** Constants of the elements that skip the S-box may be added after it, so c = (c_0, rest) keeps
//! c_0, and M (0, rest) joins the constants of the next round.
//!
//! **Recurrence.** Let x_i be element 0 before round i and y_i what its S-box makes of it, s_i the other elements:
//!
//! ```text
//! x_(i+1) = m y_i + v s_i,    s_(i+1) = w y_i + N s_i
//! ```
//!
//! Elements s are only ever seen through v, so the last n values of x and y tell what they are. Round i - k gives
//! v s_(i-k) = x_(i-k+1) - m y_(i-k), and s_(i-k) is N^-k times what s_i would be without y_(i-1), ..., y_(i-k):
//!
//! ```text
//! v N^-k s_i = x_(i-k+1) - m y_(i-k) + sum of v N^-(k-l+1) w y_(i-l) for l = 1..k
//! ```
//!
//! For k = 1..n these are n equations Q s_i = X + Y (y_(i-1), ..., y_(i-n)), so s_i = Q^-1 X + Q^-1 Y y, and x_(i+1)
//! is a sum of the last n values of x and n + 1 of y, with the same coefficients in every round.
//!
//! The full round before is a round like this once its S-boxes are done, with s = its elements after 0. Values of x
//! that come before it are Q s, with y = 0.

use std::sync::OnceLock;

use ark_ff::{AdditiveGroup, Field};

use super::{
    matrix::{self, Matrix},
    FULL_ROUNDS, MAX_INPUTS, PARTIAL_ROUNDS,
};
use crate::{grain::Grain, Fr};

/// Constants for one state width t. Matrices are row-major.
pub struct Parameters {
    /// t for each full round.
    pub full_constants: Vec<Fr>,
    /// One for each partial round, added to element 0.
    pub partial_constants: Vec<Fr>,
    /// M.
    pub mds: Vec<Fr>,
    /// Q.
    pub into_history: Vec<Fr>,
    /// What x_(i+1) is of x_i, ..., x_(i-n+1), y_i, ..., y_(i-n).
    pub recurrence: Vec<Fr>,
    /// In each row what an element of s_i is of x_i, ..., x_(i-n+1), y_(i-1), ..., y_(i-n), and a zero.
    pub from_history: Vec<Fr>,
}

impl Parameters {
    pub fn of_width(width: usize) -> &'static Self {
        static CACHE: [OnceLock<Parameters>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
        CACHE[width - 2].get_or_init(|| Self::derive(width, PARTIAL_ROUNDS[width - 2]))
    }

    fn derive(width: usize, partial_rounds: usize) -> Self {
        let (constants, mds) = generate(width, partial_rounds);
        let (full_constants, partial_constants) = gather_constants(&constants, &mds);
        let (into_history, recurrence, from_history) = derive_recurrence(&mds);
        Self {
            full_constants: full_constants.concat(),
            partial_constants,
            mds: mds.concat(),
            into_history: into_history.concat(),
            recurrence,
            from_history: from_history.concat(),
        }
    }
}

/// The round constants, one row a round, and the matrix M, as the reference script draws them.
pub fn generate(width: usize, partial_rounds: usize) -> (Vec<Vec<Fr>>, Matrix) {
    let mut grain = Grain::new(width, FULL_ROUNDS, partial_rounds);
    let constants = (0..FULL_ROUNDS + partial_rounds)
        .map(|_| (0..width).map(|_| grain.round_constant()).collect())
        .collect();
    // The script draws again where two elements are equal or a sum is zero, which happens for none of the 16 widths.
    let elements: Vec<Fr> = (0..2 * width).map(|_| grain.matrix_element()).collect();
    let (xs, ys) = elements.split_at(width);
    let cauchy = |x: &Fr, y: &Fr| {
        (*x + y)
            .inverse()
            .expect("no sum of the 16 matrices is zero")
    };
    let mds = xs
        .iter()
        .map(|x| ys.iter().map(|y| cauchy(x, y)).collect())
        .collect();
    (constants, mds)
}

/// Full rounds' constants and one scalar for each partial round, see the module's head.
fn gather_constants(constants: &[Vec<Fr>], mds: &Matrix) -> (Vec<Vec<Fr>>, Vec<Fr>) {
    let half = FULL_ROUNDS / 2;
    let (before, rest) = constants.split_at(half);
    let (partial, after) = rest.split_at(rest.len() - half);
    let mut carried = vec![Fr::ZERO; mds.len()];
    let mut scalars = Vec::with_capacity(partial.len());
    for round in partial {
        let mut sum = matrix::add(round, &carried);
        scalars.push(std::mem::take(&mut sum[0]));
        carried = matrix::mul_vector(mds, &sum);
    }
    let mut full = [before, after].concat();
    full[half] = matrix::add(&full[half], &carried);
    (full, scalars)
}

/// Q, the recurrence and what leads back from it, see the module's head.
fn derive_recurrence(mds: &Matrix) -> (Matrix, Vec<Fr>, Matrix) {
    let size = mds.len() - 1;
    let (m, v) = (mds[0][0], &mds[0][1..]);
    let w: Vec<Fr> = mds[1..].iter().map(|row| row[0]).collect();
    let block: Matrix = mds[1..].iter().map(|row| row[1..].to_vec()).collect();
    let transposed_inverse = matrix::transpose(&matrix::invert(&block));
    let next = |row: &Vec<Fr>| Some(matrix::mul_vector(&transposed_inverse, row));
    // v N^-1, ..., v N^-n.
    let observed: Matrix = std::iter::successors(next(&v.to_vec()), next)
        .take(size)
        .collect();
    let echoes = matrix::mul_vector(&observed, &w);
    let outputs: Matrix = (0..size)
        .map(|k| {
            let mut row: Vec<Fr> = echoes[..=k].iter().rev().copied().collect();
            row[k] -= m;
            row.resize(size, Fr::ZERO);
            row
        })
        .collect();
    let from_xs = matrix::invert(&observed);
    let from_ys = matrix::mul(&from_xs, &outputs);
    let seen_through_v = |from: &Matrix| matrix::mul_vector(&matrix::transpose(from), v);
    let recurrence = [seen_through_v(&from_xs), vec![m], seen_through_v(&from_ys)].concat();
    let from_history = from_xs
        .iter()
        .zip(&from_ys)
        .map(|(xs, ys)| [xs.as_slice(), ys, &[Fr::ZERO]].concat())
        .collect();
    (observed, recurrence, from_history)
}
