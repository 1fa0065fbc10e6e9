from types import ModuleType
from typing import Any

import pytest

from sequencer.crypto import FIELD_MODULUS


def test_digests_equal_circomlibjs_for_1_to_16_inputs(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    cases = vectors["poseidon"]
    assert {len(case["inputs"]) for case in cases} == set(range(1, 17))
    for case in cases:
        assert crypto.poseidon(case["inputs"]) == case["digest"]


def test_many_rows_of_different_lengths_hash_in_order(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    cases = vectors["poseidon"]
    digests = crypto.poseidon_many([case["inputs"] for case in cases])
    assert digests == [case["digest"] for case in cases]


def test_the_permutation_equals_circomlibjs_for_every_width(
    crypto: ModuleType, vectors: dict[str, Any]
) -> None:
    cases = vectors["permutation"]
    assert [len(case["state"]) for case in cases] == list(range(2, 18))
    for case in cases:
        assert crypto.poseidon_permutation(case["state"]) == case["permuted"]
    assert crypto.poseidon_permutation([0, 1, 2])[0] == crypto.poseidon([1, 2])


@pytest.mark.parametrize("width", [0, 1, 18])
def test_a_state_of_another_width_is_refused(crypto: ModuleType, width: int) -> None:
    with pytest.raises(ValueError, match=f"2 to 17 elements, not {width}"):
        crypto.poseidon_permutation([0] * width)


@pytest.mark.parametrize("outside", [-1, FIELD_MODULUS])
def test_an_element_outside_the_field_is_refused_and_named(crypto: ModuleType, outside: int) -> None:
    with pytest.raises(ValueError, match="element 1 is not a field element"):
        crypto.poseidon_permutation([0, outside])


@pytest.mark.parametrize("count", [0, 17])
def test_a_wrong_number_of_inputs_is_refused(crypto: ModuleType, count: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 16 inputs, not {count}"):
        crypto.poseidon([0] * count)


@pytest.mark.parametrize("outside", [-1, FIELD_MODULUS, 2**256, -(2**300)])
def test_an_input_outside_the_field_is_refused_and_named(crypto: ModuleType, outside: int) -> None:
    with pytest.raises(ValueError, match="input 2 is not a field element"):
        crypto.poseidon([0, FIELD_MODULUS - 1, outside])
    with pytest.raises(ValueError, match="input 1 is not a field element"):
        crypto.poseidon_many([[1], [2, outside]])
