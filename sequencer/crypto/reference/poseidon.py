"""Poseidon over BN254 with the S-box x^5, as in circomlib (Grassi et al., USENIX Security 2021)."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sequencer.crypto.reference.grain import Grain
from sequencer.crypto.types import FIELD_MODULUS

FULL_ROUNDS = 8
PARTIAL_ROUNDS = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)
MAX_INPUTS = len(PARTIAL_ROUNDS)


class Parameters(NamedTuple):
    """The round constants, one row of t a round, and the t x t matrix M."""

    constants: list[list[int]]
    matrix: list[list[int]]


@cache
def parameters(width: int) -> Parameters:
    """Return the parameters of a state of 2 to 17 elements, drawn as the reference script draws them."""
    partial_rounds = PARTIAL_ROUNDS[width - 2]
    grain = Grain(width, FULL_ROUNDS, partial_rounds)
    constants = [[grain.round_constant() for _ in range(width)] for _ in range(FULL_ROUNDS + partial_rounds)]
    xs = [grain.matrix_element() for _ in range(width)]
    ys = [grain.matrix_element() for _ in range(width)]
    return Parameters(constants, [[pow(x + y, -1, FIELD_MODULUS) for y in ys] for x in xs])


def poseidon(inputs: Sequence[int]) -> int:
    """Return the Poseidon digest of 1 to 16 field elements.

    Raises
    ------
    ValueError
        If the number of inputs is another, or an input is not in [0, p).
    """
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise ValueError(
            f"Poseidon takes 1 to {MAX_INPUTS} inputs, not {len(inputs)}: "
            "hash longer data as a chain or a tree"
        )
    for position, value in enumerate(inputs):
        if not 0 <= value < FIELD_MODULUS:
            raise ValueError(f"input {position} is not a field element: give an integer from 0 to p - 1")
    return _permute([0, *inputs])[0]


def poseidon_permutation(state: Sequence[int]) -> list[int]:
    """Return the permutation of a state of 2 to 17 field elements; ValueError for another state."""
    if not 2 <= len(state) <= MAX_INPUTS + 1:
        raise ValueError(f"Poseidon's state has 2 to {MAX_INPUTS + 1} elements, not {len(state)}")
    for position, value in enumerate(state):
        if not 0 <= value < FIELD_MODULUS:
            raise ValueError(f"element {position} is not a field element: give an integer from 0 to p - 1")
    return _permute(list(state))


def poseidon_many(rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the Poseidon digest of each row."""
    return [poseidon(row) for row in rows]


def _permute(state: list[int]) -> list[int]:
    constants, matrix = parameters(len(state))
    partial_end = len(constants) - FULL_ROUNDS // 2
    for number, row in enumerate(constants):
        is_partial = FULL_ROUNDS // 2 <= number < partial_end
        boxes = 1 if is_partial else len(state)
        state = [element + constant for element, constant in zip(state, row, strict=True)]
        state[:boxes] = [pow(element, 5, FIELD_MODULUS) for element in state[:boxes]]
        state = [
            sum(factor * element for factor, element in zip(line, state, strict=True)) % FIELD_MODULUS
            for line in matrix
        ]
    return state
