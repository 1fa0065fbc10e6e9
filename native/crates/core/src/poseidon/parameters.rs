//! Poseidon's constants, and the equivalent ones with which a partial round costs O(t), not O(t^2).
//!
//! A partial round adds constants c, applies the S-box to element 0 only, and multiplies by the matrix M. Let
//! M = [[m, v], [w, N]] with N the lower right (t - 1) x (t - 1) block.
//!
//! **Constants.** Constants of the elements that skip the S-box may be added after it, so c = (c_0, rest) keeps
//! c_0, and M (0, rest) joins the constants of the next round.
//!
//! **Matrices.** With D_j = diag(1, N^j), D_j M = S D_(j+1) for a *sparse* S: first row, first column, identity
//! elsewhere. D_j leaves element 0 alone, so it commutes with a partial round's S-box and moves on to the round
//! before. From the last partial round to the first this leaves in round i (of n, from 1), with j = n - i,
//!
//! ```text
//! S_i = [[m, v N^-(j+1)], [N^j w, I]]
//! ```
//!
//! and D_n, which is merged into the matrix of the full round before: D_n M.

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
    /// The matrix D_n M of the last full round before the partial rounds.
    pub into_sparse: Vec<Fr>,
    /// For each partial round the first row, then the first column, of S_i.
    pub sparse: Vec<Fr>,
}

impl Parameters {
    pub fn of_width(width: usize) -> &'static Self {
        static CACHE: [OnceLock<Parameters>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
        CACHE[width - 2].get_or_init(|| Self::derive(width, PARTIAL_ROUNDS[width - 2]))
    }

    fn derive(width: usize, partial_rounds: usize) -> Self {
        let (constants, mds) = generate(width, partial_rounds);
        let (full_constants, partial_constants) = gather_constants(&constants, &mds);
        let (into_sparse, sparse) = factor(&mds, partial_rounds);
        Self {
            full_constants: full_constants.concat(),
            partial_constants,
            mds: mds.concat(),
            into_sparse: into_sparse.concat(),
            sparse,
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

/// D_n M and the sparse rows and columns in the order of the rounds.
fn factor(mds: &Matrix, partial_rounds: usize) -> (Matrix, Vec<Fr>) {
    let block: Matrix = mds[1..].iter().map(|row| row[1..].to_vec()).collect();
    let transposed_inverse = matrix::transpose(&matrix::invert(&block));
    let mut row = mds[0][1..].to_vec();
    let mut column: Vec<Fr> = mds[1..].iter().map(|row| row[0]).collect();
    let mut lower = mds[1..].to_vec();
    let mut rounds = Vec::with_capacity(partial_rounds);
    for _ in 0..partial_rounds {
        row = matrix::mul_vector(&transposed_inverse, &row);
        rounds.push([&[mds[0][0]], row.as_slice(), &[Fr::ZERO], column.as_slice()].concat());
        column = matrix::mul_vector(&block, &column);
        lower = matrix::mul(&block, &lower);
    }
    rounds.reverse();
    let into_sparse = [&mds[..1], lower.as_slice()].concat();
    (into_sparse, rounds.concat())
}
