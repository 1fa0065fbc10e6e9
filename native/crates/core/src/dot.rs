//! Sums of many products at little more than the price of their multiplications: one Montgomery reduction for all of
//! them, limb by limb between the products (as in `Fp::sum_of_products`, which reduces every three products).

use ark_ff::{BigInt, PrimeField};

use crate::Fr;

/// Four limbs and what is above them.
type Wide = ([u64; 4], u128);

const MODULUS: [u64; 4] = Fr::MODULUS.0;
/// p, 2p, 4p.
const MULTIPLES: [[u64; 4]; 3] = [MODULUS, twice(MODULUS), twice(twice(MODULUS))];

/// The sum of `left[i] right[i]`.
#[inline]
pub fn dot<const N: usize>(left: &[Fr; N], right: &[Fr; N]) -> Fr {
    dot_both(left, right, &[], &[])
}

/// The sum of `left[i] right[i]` and `more_left[i] more_right[i]`, of at most 36 products.
#[inline]
pub fn dot_both<const N: usize, const M: usize>(
    left: &[Fr; N],
    right: &[Fr; N],
    more_left: &[Fr; M],
    more_right: &[Fr; M],
) -> Fr {
    const { assert!(N + M <= 36) };
    let mut sum = ([0; 4], 0);
    for limb in 0..4 {
        sum = add_row(sum, left, right, limb);
        sum = add_row(sum, more_left, more_right, limb);
        sum = without_lowest_limb(sum);
    }
    // With n = N + M products the sum is below (n p^2 + p R) / R < (0.19 n + 1) p.
    let subtracted = match N + M {
        0..=5 => 1,
        6..=15 => 2,
        _ => 3,
    };
    for multiple in MULTIPLES[..subtracted].iter().rev() {
        sum = less_unless_below(sum, multiple);
    }
    Fr::new_unchecked(BigInt(sum.0))
}

/// `sum` and the products of one limb of each on the left with all on the right.
#[inline(always)]
fn add_row<const N: usize>(
    (mut sum, mut top): Wide,
    left: &[Fr; N],
    right: &[Fr; N],
    limb: usize,
) -> Wide {
    for (l, r) in left.iter().zip(right) {
        let mut carry = 0;
        for (sum, r) in sum.iter_mut().zip(r.0 .0) {
            *sum = add_product(*sum, l.0 .0[limb], r, &mut carry);
        }
        top += u128::from(carry);
    }
    (sum, top)
}

/// `sum` plus the multiple of p that makes its lowest limb zero, without that limb.
#[inline(always)]
fn without_lowest_limb((mut sum, mut top): Wide) -> Wide {
    let factor = sum[0].wrapping_mul(Fr::INV);
    let mut carry = 0;
    add_product(sum[0], factor, MODULUS[0], &mut carry);
    for place in 1..4 {
        sum[place - 1] = add_product(sum[place], factor, MODULUS[place], &mut carry);
    }
    top += u128::from(carry);
    sum[3] = top as u64;
    (sum, top >> 64)
}

/// The lower limb of `sum + left * right + carry`; the upper one is the next carry.
#[inline(always)]
fn add_product(sum: u64, left: u64, right: u64, carry: &mut u64) -> u64 {
    let result = u128::from(left) * u128::from(right) + u128::from(sum) + u128::from(*carry);
    *carry = (result >> 64) as u64;
    result as u64
}

/// `multiple` less, unless the number is below it; without a branch, which nothing could predict.
#[inline(always)]
fn less_unless_below((number, top): Wide, multiple: &[u64; 4]) -> Wide {
    let mut borrow = false;
    let difference: [u64; 4] = std::array::from_fn(|place| {
        let (step, first) = number[place].overflowing_sub(multiple[place]);
        let (step, second) = step.overflowing_sub(borrow.into());
        borrow = first | second;
        step
    });
    let is_below = borrow & (top == 0);
    let chosen = std::array::from_fn(|place| {
        if is_below {
            number[place]
        } else {
            difference[place]
        }
    });
    (
        chosen,
        if is_below {
            top
        } else {
            top - u128::from(borrow)
        },
    )
}

const fn twice(number: [u64; 4]) -> [u64; 4] {
    let mut result = [0; 4];
    let mut place = 0;
    let mut carry = 0;
    while place < 4 {
        result[place] = number[place] << 1 | carry;
        carry = number[place] >> 63;
        place += 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, Field};

    use super::*;

    fn assert_are_sums<const N: usize, const M: usize>() {
        // Two whose limbs are the largest that they can be.
        let full = Fr::new_unchecked(BigInt([u64::MAX, u64::MAX, u64::MAX, MODULUS[3] - 1]));
        let [lowest, rest @ ..] = MODULUS;
        let largest = Fr::new_unchecked(BigInt([lowest - 1, rest[0], rest[1], rest[2]]));
        let mut factors = vec![largest; N + M];
        factors.extend(vec![full; N + M]);
        factors.extend([Fr::ZERO, Fr::ONE, -Fr::ONE, -Fr::from(2)]);
        factors.extend((1..40).map(|power| Fr::from(7).pow([97 * power])));
        let factor = |place: usize| factors[place % factors.len()];
        for start in 0..factors.len() {
            let left: [Fr; N] = std::array::from_fn(|place| factor(start + place));
            let right: [Fr; N] = std::array::from_fn(|place| factor(start * place));
            let more_left: [Fr; M] = std::array::from_fn(|place| factor(start + N + place));
            let more_right: [Fr; M] = std::array::from_fn(|place| factor(start * (N + place)));
            let sum: Fr = left.iter().zip(&right).map(|(l, r)| *l * r).sum();
            let more: Fr = more_left.iter().zip(&more_right).map(|(l, r)| *l * r).sum();
            assert_eq!(dot(&left, &right), sum);
            assert_eq!(dot_both(&left, &right, &more_left, &more_right), sum + more);
        }
        for (left, right) in [(full, full), (full, largest), (largest, largest)] {
            let sum = left * right * Fr::from((N + M) as u64);
            assert_eq!(
                dot_both(&[left; N], &[right; N], &[left; M], &[right; M]),
                sum
            );
        }
    }

    #[test]
    fn sums_are_reduced_whatever_the_number_of_their_products() {
        assert_are_sums::<1, 0>();
        assert_are_sums::<5, 0>();
        assert_are_sums::<6, 0>();
        assert_are_sums::<5, 6>();
        assert_are_sums::<10, 5>();
        assert_are_sums::<10, 6>();
        assert_are_sums::<17, 5>();
        assert_are_sums::<16, 17>();
        assert_are_sums::<18, 18>();
    }
}
