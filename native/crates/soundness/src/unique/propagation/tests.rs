use proofbook_prover::Constraint;

use super::*;
use crate::testing::{constraint, X, Y};

const Z: u32 = 3;
const V: u32 = 4;
const WIRES: u32 = 5;

/// What X does not determine of the wires that the constraints name.
fn open(constraints: &[Constraint]) -> Vec<(u32, bool)> {
    open_trusting(&[], constraints)
}

fn open_trusting(trusted: &[u32], constraints: &[Constraint]) -> Vec<(u32, bool)> {
    let rows: Vec<_> = constraints.iter().map(Row::new).collect();
    let mut propagation = Propagation::new(WIRES, &rows);
    propagation.run(&[X], trusted);
    let named = |wire: u32| !propagation.rows_of[wire as usize].is_empty();
    let open = propagation.undetermined();
    let open = open.iter().filter(|found| named(found.wire));
    open.map(|found| (found.wire, found.only_times_zero))
        .collect()
}

fn boolean(wire: u32) -> Constraint {
    constraint(&[(wire, 1)], &[(wire, 1), (0, -1)], &[])
}

#[test]
fn a_chain_of_products_and_sums_is_determined() {
    let square = constraint(&[(X, 1)], &[(X, 1)], &[(Y, 1)]);
    let sum = constraint(&[], &[], &[(X, 1), (Y, 2), (Z, -3), (0, 7)]);
    let product = constraint(&[(Z, 1)], &[(Y, 1)], &[(V, 5)]);
    assert_eq!(open(&[product, sum, square]), []);
}

#[test]
fn a_root_is_not_determined() {
    let root = constraint(&[(Y, 1)], &[(Y, 1)], &[(X, 1)]);
    assert_eq!(open(&[root]), [(Y, false)]);
}

#[test]
fn a_sum_of_two_wires_determines_neither() {
    let sum = constraint(&[], &[], &[(X, 1), (Y, 2), (Z, -1)]);
    assert_eq!(open(&[sum]), [(Y, false), (Z, false)]);
}

#[test]
fn bits_are_determined_by_their_sum() {
    let sum = constraint(&[], &[], &[(X, -1), (Y, 1), (Z, 2), (V, 4)]);
    let bits = [sum, boolean(Y), boolean(Z), boolean(V)];
    assert_eq!(open(&bits), []);
    assert_eq!(open(&bits[..3]), [(Y, false), (Z, false), (V, false)]);
}

#[test]
fn a_wire_is_in_the_range_of_its_bits() {
    // x = 4 y + z, z = 2 v: z is in [0, 2], so that y, unbounded, could compensate it.
    let split = constraint(&[], &[], &[(X, -1), (Y, 4), (Z, 1)]);
    let range = constraint(&[], &[], &[(Z, -1), (V, 2)]);
    let mut constraints = vec![split, range, boolean(V)];
    assert_eq!(open(&constraints), [(Y, false), (Z, false), (V, false)]);
    constraints.push(boolean(Y));
    assert_eq!(open(&constraints), []);
}

#[test]
fn whether_a_wire_is_zero_is_determined_and_its_inverse_is_not() {
    let inverse = constraint(&[(X, -1)], &[(Y, 1)], &[(Z, 1), (0, -1)]);
    let zero = constraint(&[(X, 1)], &[(Z, 1)], &[]);
    assert_eq!(open(&[inverse.clone(), zero]), [(Y, true)]);
    assert_eq!(open(&[inverse]), [(Y, false), (Z, false)]);
}

#[test]
fn two_factors_do_not_make_one_case_distinction() {
    let inverse = constraint(&[(X, -1)], &[(Y, 1)], &[(Z, 1), (0, -1)]);
    let elsewhere = constraint(&[(X, 1), (0, 1)], &[(Z, 1)], &[]);
    assert_eq!(open(&[inverse, elsewhere]), [(Y, false), (Z, false)]);
}

#[test]
fn a_quotient_is_not_determined_where_its_divisor_may_be_zero() {
    let division = constraint(&[(X, 1)], &[(Y, 1)], &[(X, 3), (0, 5)]);
    assert_eq!(open(&[division]), [(Y, true)]);
}

#[test]
fn a_quotient_that_is_used_is_not_only_multiplied_by_zero() {
    let division = constraint(&[(X, 1)], &[(Y, 1)], &[(X, 3), (0, 5)]);
    let user = constraint(&[(Y, 1)], &[(Z, 1)], &[(V, 1)]);
    assert_eq!(
        open(&[division, user]),
        [(Y, false), (Z, false), (V, false)]
    );
}

#[test]
fn a_trusted_quotient_is_determined_and_so_is_what_follows() {
    let division = constraint(&[(X, 1)], &[(Y, 1)], &[(X, 3), (0, 5)]);
    let user = constraint(&[(Y, 1)], &[(Y, 1)], &[(Z, 1)]);
    let constraints = [user, division];
    assert_eq!(open_trusting(&[], &constraints), [(Y, false), (Z, false)]);
    assert_eq!(open_trusting(&[Y], &constraints), []);
}

#[test]
fn trusted_bits_are_determined_if_they_are_bits_of_something_determined() {
    let sum = constraint(&[], &[], &[(X, -1), (Y, 1), (Z, 1)]);
    let ambiguous = [sum.clone(), boolean(Y), boolean(Z)];
    assert_eq!(open_trusting(&[Y], &ambiguous), [(Y, false), (Z, false)]);
    assert_eq!(open_trusting(&[Y, Z], &ambiguous), []);
    assert_eq!(open_trusting(&[Y, Z], &[sum]), [(Y, false), (Z, false)]);
}

#[test]
fn a_trusted_wire_that_no_constraint_determines_stays_open() {
    let root = constraint(&[(Y, 1)], &[(Y, 1)], &[(X, 1)]);
    assert_eq!(open_trusting(&[Y], &[root]), [(Y, false)]);
}
