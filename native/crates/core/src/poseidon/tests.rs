use ark_ff::MontFp;

use super::*;
use parameters::generate;

/// The definition: dense matrices and all constants in every round.
fn permutation_by_definition(state: &[Fr]) -> Vec<Fr> {
    let width = state.len();
    let partial_rounds = PARTIAL_ROUNDS[width - 2];
    let (constants, mds) = generate(width, partial_rounds);
    let mut state = state.to_vec();
    for (round, row) in constants.iter().enumerate() {
        state = matrix::add(&state, row);
        let is_full = round < FULL_ROUNDS / 2 || round >= FULL_ROUNDS / 2 + partial_rounds;
        let boxes = if is_full { width } else { 1 };
        state[..boxes]
            .iter_mut()
            .for_each(|element| *element = sbox(*element));
        state = matrix::mul_vector(&mds, &state);
    }
    state
}

#[test]
fn two_inputs_hash_as_in_circomlib() {
    let expected =
        MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530");
    assert_eq!(hash(&[Fr::from(1), Fr::from(2)]), Ok(expected));
}

#[test]
fn the_recurrence_equals_the_definition_for_every_width() {
    for count in 1..=MAX_INPUTS as u64 {
        let inputs: Vec<Fr> = (0..count)
            .map(|position| Fr::from(7 * position + count))
            .collect();
        let state = permutation_by_definition(&[&[Fr::ZERO], &inputs[..]].concat());
        assert_eq!(hash(&inputs), Ok(state[0]), "{count} inputs");
    }
}

#[test]
fn every_element_of_the_state_is_permuted() {
    for width in 2..=MAX_INPUTS as u64 + 1 {
        let state: Vec<Fr> = (0..width).map(|place| Fr::from(5 * place + 3)).collect();
        assert_eq!(permutation(&state), Ok(permutation_by_definition(&state)));
    }
    for width in [0, 1, 18] {
        let state = vec![Fr::ZERO; width];
        assert_eq!(permutation(&state), Err(Error::StateWidth { width }));
    }
}

#[test]
fn no_input_and_seventeen_inputs_are_refused() {
    assert_eq!(hash(&[]), Err(Error::InputCount { count: 0 }));
    assert_eq!(hash(&[Fr::ZERO; 17]), Err(Error::InputCount { count: 17 }));
}
