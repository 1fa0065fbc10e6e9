//! Multiples of one point, made once, from which any of its multiples is a sum of a few (Brickell, Gordon,
//! McCurley and Wilson, "Fast exponentiation with precomputation", 1992).
//!
//! A multiplier is written in digits of `WIDTH` bits and either sign, k = d_0 + d_1 2^WIDTH + ..., of which every
//! `STEP`-th has a table of the multiples that it can ask for. The digits between use the table of the one below
//! them, after (STEP - 1) WIDTH doublings that all tables share.

use ark_ff::PrimeField;

use crate::{
    babyjubjub::{AffineAddend, Extended},
    Scalar,
};

/// No multiplier is longer: l < 2^251. Widths that divide it, and 8, leave the highest digit room for a carry.
const BITS: usize = 252;

pub(crate) struct FixedBase<const WIDTH: usize, const STEP: usize> {
    /// Each table's 1, 2, 3, ... times 2^(WIDTH STEP position), one table behind the other.
    multiples: Box<[AffineAddend]>,
}

impl<const WIDTH: usize, const STEP: usize> FixedBase<WIDTH, STEP> {
    const DIGITS: usize = BITS.div_ceil(WIDTH);
    const LARGEST_DIGIT: usize = 1 << (WIDTH - 1);
    /// What the multiples of a point take.
    pub const BYTES: usize =
        Self::DIGITS.div_ceil(STEP) * Self::LARGEST_DIGIT * size_of::<AffineAddend>();

    pub fn new(point: Extended) -> Self {
        let mut multiples = Vec::with_capacity(Self::BYTES / size_of::<AffineAddend>());
        let mut lowest = point;
        for _ in 0..Self::DIGITS.div_ceil(STEP) {
            multiples.extend(lowest.multiples().take(Self::LARGEST_DIGIT));
            lowest = doubled(lowest, WIDTH * STEP);
        }
        Self {
            multiples: AffineAddend::of_many(&multiples).into(),
        }
    }

    pub fn multiple(&self, multiplier: &Scalar) -> Extended {
        let digits = self.digits(multiplier);
        let highest = STEP - 1;
        (0..highest).rev().fold(
            self.add_digits(Extended::IDENTITY, &digits, highest),
            |sum, offset| self.add_digits(doubled(sum, WIDTH), &digits, offset),
        )
    }

    /// Add the multiples of the digits at `offset`, `offset` + STEP, ...
    fn add_digits(&self, sum: Extended, digits: &[i16], offset: usize) -> Extended {
        // All are fetched before the first is added, so that the memory's delays overlap.
        let addends: Vec<AffineAddend> = digits[offset.min(digits.len())..]
            .iter()
            .step_by(STEP)
            .zip(self.multiples.chunks_exact(Self::LARGEST_DIGIT))
            .filter(|(digit, _)| **digit != 0)
            .map(|(&digit, table)| {
                let multiple = &table[usize::from(digit.unsigned_abs()) - 1];
                if digit < 0 {
                    multiple.negated()
                } else {
                    *multiple
                }
            })
            .collect();
        addends
            .iter()
            .fold(sum, |sum, addend| sum.add_affine(addend))
    }

    /// Digits from -2^(WIDTH - 1) + 1 to 2^(WIDTH - 1), lowest first.
    fn digits(&self, multiplier: &Scalar) -> Vec<i16> {
        let limbs = multiplier.into_bigint().0;
        let mut carry = 0;
        (0..Self::DIGITS)
            .map(|position| {
                let digit = bits(&limbs, position * WIDTH, WIDTH) as i16 + carry;
                carry = i16::from(digit > Self::LARGEST_DIGIT as i16);
                digit - (carry << WIDTH)
            })
            .collect()
    }
}

impl<const WIDTH: usize> FixedBase<WIDTH, 1> {
    /// `sum` and a multiple, for which there is nothing to double.
    pub fn add_multiple(&self, sum: Extended, multiplier: &Scalar) -> Extended {
        self.add_digits(sum, &self.digits(multiplier), 0)
    }
}

fn doubled(point: Extended, times: usize) -> Extended {
    (0..times).fold(point, |point, _| point.double())
}

/// `count` bits of an integer from bit `start` up.
fn bits(limbs: &[u64; 4], start: usize, count: usize) -> u64 {
    let (limb, shift) = (start / 64, start % 64);
    let above = limbs.get(limb + 1).copied().unwrap_or_default();
    let window = (u128::from(above) << 64 | u128::from(limbs[limb])) >> shift;
    window as u64 & ((1 << count) - 1)
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, Field};

    use super::*;
    use crate::babyjubjub::{mul, BASE8};

    /// 0, both ends, powers of two and their neighbours, digits that are all the largest or carry all the way.
    fn edges() -> Vec<Scalar> {
        let powers = (0..251).map(|bit| Scalar::from(2).pow([bit]));
        let repeated = [0x5555, 0x8080, 0x8181, 0xffff, 0x2082].map(|pattern| {
            (0..15).fold(Scalar::ZERO, |sum, _| {
                sum * Scalar::from(1 << 16) + Scalar::from(pattern)
            })
        });
        powers
            .flat_map(|power| [power, power - Scalar::ONE, power + Scalar::ONE, -power])
            .chain(repeated.into_iter().flat_map(|number| [number, -number]))
            .collect()
    }

    fn assert_multiples<const WIDTH: usize, const STEP: usize>() {
        let point = mul(&Scalar::from(987_654_321), BASE8.into());
        let table = FixedBase::<WIDTH, STEP>::new(point);
        assert_eq!(
            size_of_val(&*table.multiples),
            FixedBase::<WIDTH, STEP>::BYTES
        );
        for multiplier in edges() {
            let expected = mul(&multiplier, point).to_point();
            assert!(
                table.multiple(&multiplier).equals(&expected),
                "{multiplier}"
            );
        }
    }

    #[test]
    fn sums_of_tables_are_multiples_whatever_the_width_and_step() {
        assert_multiples::<4, 1>();
        assert_multiples::<4, 7>();
        assert_multiples::<6, 6>();
        assert_multiples::<6, 100>();
        assert_multiples::<7, 4>();
        assert_multiples::<8, 1>();
        assert_multiples::<8, 3>();
        assert_multiples::<9, 1>();
    }

    #[test]
    fn a_multiple_is_added_to_a_sum() {
        let table = FixedBase::<6, 1>::new(BASE8.into());
        let sum = table.add_multiple(table.multiple(&Scalar::from(30)), &-Scalar::from(7));
        assert!(sum.equals(&table.multiple(&Scalar::from(23)).to_point()));
    }
}
