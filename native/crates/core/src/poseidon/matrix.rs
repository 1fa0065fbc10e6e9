//! The little linear algebra that deriving the recurrence takes.

use ark_ff::{AdditiveGroup, Field};

use crate::Fr;

/// Rows of field elements.
pub type Matrix = Vec<Vec<Fr>>;

pub fn add(left: &[Fr], right: &[Fr]) -> Vec<Fr> {
    left.iter().zip(right).map(|(l, r)| *l + r).collect()
}

pub fn mul_vector(matrix: &Matrix, vector: &[Fr]) -> Vec<Fr> {
    let dot = |row: &Vec<Fr>| row.iter().zip(vector).map(|(l, r)| *l * r).sum();
    matrix.iter().map(dot).collect()
}

pub fn mul(left: &Matrix, right: &Matrix) -> Matrix {
    let columns = transpose(right);
    left.iter().map(|row| mul_vector(&columns, row)).collect()
}

pub fn transpose(matrix: &Matrix) -> Matrix {
    (0..matrix[0].len())
        .map(|column| matrix.iter().map(|row| row[column]).collect())
        .collect()
}

/// Gauss-Jordan elimination. No pivot is zero: not of a Cauchy matrix, whose minors are all regular, and not of the
/// 16 matrices of `parameters`.
pub fn invert(matrix: &Matrix) -> Matrix {
    let size = matrix.len();
    let mut rows: Matrix = matrix.clone();
    for (position, row) in rows.iter_mut().enumerate() {
        row.extend((0..size).map(|column| {
            if column == position {
                Fr::ONE
            } else {
                Fr::ZERO
            }
        }));
    }
    for pivot in 0..size {
        let scale = rows[pivot][pivot]
            .inverse()
            .expect("every leading minor is regular");
        rows[pivot].iter_mut().for_each(|element| *element *= scale);
        let pivot_row = rows[pivot].clone();
        for (position, row) in rows.iter_mut().enumerate() {
            let factor = row[pivot];
            if position != pivot {
                row.iter_mut()
                    .zip(&pivot_row)
                    .for_each(|(element, p)| *element -= factor * p);
            }
        }
    }
    rows.into_iter().map(|row| row[size..].to_vec()).collect()
}
