//! Ranges of wires, and sums that can be written in one way only.

use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use num_bigint::{BigInt, BigUint, Sign};

/// A wire is congruent to an integer of `low..=high`, fewer than p of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    pub low: BigInt,
    pub high: BigInt,
}

impl Interval {
    pub fn boolean() -> Self {
        Interval {
            low: BigInt::ZERO,
            high: BigInt::from(1),
        }
    }

    fn width(&self) -> BigInt {
        &self.high - &self.low
    }
}

fn modulus() -> BigInt {
    BigInt::from(BigUint::from(Fr::MODULUS))
}

/// The integer of least size that is congruent to the element.
fn signed(element: Fr) -> BigInt {
    let positive = BigInt::from(BigUint::from(element.into_bigint()));
    let negative = &positive - modulus();
    match positive.magnitude() <= negative.magnitude() {
        true => positive,
        false => negative,
    }
}

/// Whether a sum of `coefficient * wire`, each wire in its interval, has the same value for one choice of
/// wires only.
///
/// Two choices that agree differ by integers of at most the intervals' widths. If the sum of the weighted
/// widths is below p, their differences cancel as integers; if each coefficient exceeds the weighted widths
/// of all smaller ones, the greatest wire that differs cannot be cancelled.
pub fn is_injective(terms: &[(Fr, &Interval)]) -> bool {
    let mut weights: Vec<_> = terms
        .iter()
        .map(|(coefficient, interval)| (signed(*coefficient).into_parts().1, interval.width()))
        .collect();
    weights.sort();
    let mut reach = BigInt::ZERO;
    for (size, width) in weights {
        let size = BigInt::from_biguint(Sign::Plus, size);
        if size <= reach {
            return false;
        }
        reach += size * width;
    }
    reach < modulus()
}

/// The interval of `wire` in `constant + coefficient * wire + sum of the terms = 0`, if it is narrower
/// than the field.
pub fn solved(constant: Fr, coefficient: Fr, terms: &[(Fr, &Interval)]) -> Option<Interval> {
    let scale = -coefficient.inverse()?;
    let start = signed(constant * scale);
    let mut solved = Interval {
        low: start.clone(),
        high: start,
    };
    for (factor, interval) in terms {
        let factor = signed(*factor * scale);
        let (low, high) = (&factor * &interval.low, &factor * &interval.high);
        let negative = factor.sign() == Sign::Minus;
        let (low, high) = if negative { (high, low) } else { (low, high) };
        solved.low += low;
        solved.high += high;
    }
    (solved.width() < modulus()).then_some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::element;

    fn range(low: i64, high: i64) -> Interval {
        Interval {
            low: low.into(),
            high: high.into(),
        }
    }

    fn bits(count: u32) -> Vec<Fr> {
        (0..count)
            .map(|i| Fr::from(2).pow([u64::from(i)]))
            .collect()
    }

    fn injective_in_bits(coefficients: &[Fr]) -> bool {
        let bit = Interval::boolean();
        let terms: Vec<_> = coefficients.iter().map(|c| (*c, &bit)).collect();
        is_injective(&terms)
    }

    #[test]
    fn bits_are_unique_as_long_as_their_sum_stays_below_the_modulus() {
        assert!(injective_in_bits(&bits(253)));
        assert!(!injective_in_bits(&bits(254)));
    }

    #[test]
    fn two_bits_of_one_weight_are_not_unique() {
        assert!(!injective_in_bits(&[element(1), element(1)]));
        assert!(!injective_in_bits(&[element(1), element(-1)]));
        assert!(!injective_in_bits(&[element(1), element(2), element(3)]));
    }

    #[test]
    fn a_quotient_and_a_remainder_are_unique_if_the_remainder_is_below_the_divisor() {
        let quotient = range(0, 1 << 40);
        for (remainder, unique) in [(9, true), (10, false)] {
            let remainder = range(0, remainder);
            assert_eq!(
                is_injective(&[(element(10), &quotient), (element(-1), &remainder)]),
                unique
            );
        }
    }

    #[test]
    fn a_sum_is_as_wide_as_its_terms() {
        let (x, y) = (range(0, 3), range(-1, 5));
        let terms = [(element(2), &x), (element(-10), &y)];
        assert_eq!(
            solved(element(7), element(-1), &terms),
            Some(range(7 - 50, 7 + 6 + 10))
        );
        assert_eq!(
            solved(element(7), element(1), &terms),
            Some(range(-7 - 6 - 10, -7 + 50))
        );
    }

    #[test]
    fn a_sum_that_covers_the_field_has_no_interval() {
        let bit = Interval::boolean();
        let terms: Vec<_> = bits(255).into_iter().map(|c| (c, &bit)).collect();
        assert_eq!(solved(element(0), element(-1), &terms), None);
        assert!(solved(element(0), element(-1), &terms[..253]).is_some());
    }
}
