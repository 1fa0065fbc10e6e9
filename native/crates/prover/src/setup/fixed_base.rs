//! Many multiples of one point, for the hundreds of thousands of points of a key.
//!
//! Additions run in affine coordinates, many points in step, so that one field inversion serves all
//! of them: about half the field multiplications of mixed projective additions.

use ark_bn254::Fr;
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::AffineRepr;
use ark_ff::{serial_batch_inversion_and_mul, BigInt, Field, One, PrimeField};
use rayon::prelude::*;

/// Points in step: enough to share an inversion, few enough to stay in a core's cache.
const STEP_POINTS: usize = 1 << 10;

pub struct FixedBase<C: SWCurveConfig<ScalarField = Fr>> {
    /// `table[i][d]` is `d 2^(i window)` times the base.
    windows: BatchMulPreprocessing<Projective<C>>,
}

impl<C: SWCurveConfig<ScalarField = Fr>> FixedBase<C> {
    /// A table for about `scalars` multiplications.
    pub fn new(base: Affine<C>, scalars: usize) -> Self {
        FixedBase {
            windows: BatchMulPreprocessing::new(base.into(), scalars),
        }
    }

    pub fn multiples(&self, scalars: &[Fr]) -> Vec<Affine<C>> {
        let mut points = vec![Affine::identity(); scalars.len()];
        points
            .par_chunks_mut(STEP_POINTS)
            .zip(scalars.par_chunks(STEP_POINTS))
            .for_each(|(points, scalars)| self.multiply_in_step(points, scalars));
        points
    }

    fn multiply_in_step(&self, sums: &mut [Affine<C>], scalars: &[Fr]) {
        let scalars: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
        let mut inverses = Vec::with_capacity(sums.len());
        for (index, multiples) in self.windows.table.iter().enumerate() {
            let width = self.windows.window;
            let addend = |scalar| &multiples[digit(scalar, index * width, width)];

            let pairs = sums.iter().zip(&scalars);
            inverses.extend(pairs.map(|(sum, scalar)| addend(scalar).x - sum.x));
            serial_batch_inversion_and_mul(&mut inverses, &C::BaseField::one());
            for ((sum, scalar), inverse) in sums.iter_mut().zip(&scalars).zip(inverses.drain(..)) {
                *sum = add(sum, addend(scalar), inverse);
            }
        }
    }
}

/// Adds by the chord. The points never share an x unless one is at infinity: they are k and l times
/// the base for integers k < l with k + l at most the scalar, so below the group's order.
fn add<C: SWCurveConfig>(
    left: &Affine<C>,
    right: &Affine<C>,
    inverse_of_run: C::BaseField,
) -> Affine<C> {
    if left.is_zero() {
        return *right;
    }
    if right.is_zero() {
        return *left;
    }
    let slope = (right.y - left.y) * inverse_of_run;
    let x = slope.square() - left.x - right.x;
    let y = slope * (left.x - x) - left.y;
    Affine::new_unchecked(x, y)
}

/// `width` bits of a scalar, counted from bit `start`.
fn digit(scalar: &BigInt<4>, start: usize, width: usize) -> usize {
    let (limb, shift) = (start / 64, start % 64);
    let low = scalar.0[limb] >> shift;
    let high = match scalar.0.get(limb + 1) {
        Some(next) if shift > 0 => next << (64 - shift),
        _ => 0,
    };
    ((low | high) & ((1 << width) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{G1Affine, G2Affine};
    use ark_ff::AdditiveGroup;

    fn scalars() -> Vec<Fr> {
        let powers = (0..254).step_by(11).map(|bit| Fr::from(2).pow([bit]));
        powers
            .flat_map(|power| [power, power - Fr::one(), -power])
            .chain([Fr::ZERO])
            .collect()
    }

    #[test]
    fn multiples_equal_those_of_the_curve_library_for_every_window_width() {
        let scalars = scalars();
        for expected_scalars in [1, 1 << 6, 1 << 13] {
            let base = FixedBase::new(G1Affine::generator(), expected_scalars);
            for (multiple, scalar) in base.multiples(&scalars).iter().zip(&scalars) {
                assert_eq!(*multiple, G1Affine::from(G1Affine::generator() * scalar));
            }
        }
    }

    #[test]
    fn multiples_over_the_quadratic_field_are_right() {
        let scalars = scalars();
        let base = FixedBase::new(G2Affine::generator(), 1 << 6);
        for (multiple, scalar) in base.multiples(&scalars).iter().zip(&scalars) {
            assert_eq!(*multiple, G2Affine::from(G2Affine::generator() * scalar));
        }
    }
}
