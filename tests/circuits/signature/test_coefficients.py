"""The random numbers of the check are those of its seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.symbols import Values
from sequencer.batch.combination import coefficients
from sequencer.crypto import FIELD_MODULUS, poseidon_permutation
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

FEW, MANY = 3, 35


@pytest.fixture(scope="module")
def drawn() -> dict[int, CircuitTester]:
    return {count: CircuitTester("Coefficients", (count,)) for count in (FEW, MANY)}


Drawn = dict[int, CircuitTester]


def expected(seed: int, count: int) -> dict[str, Values]:
    of = coefficients(seed, count)
    shifted = [(z + (1 << 126) - 1) // 2 for z in of.z]
    return {
        "startBit": [of.start >> place & 1 for place in range(246)],
        "zBit": [[value >> place & 1 for place in range(126)] for value in shifted],
        "z": [to_field(z) for z in of.z],
    }


@settings(max_examples=5)
@given(seed=st.integers(0, FIELD_MODULUS - 1))
@pytest.mark.parametrize("count", [FEW, MANY])
def test_they_are_squeezed_from_the_seed(drawn: Drawn, count: int, seed: int) -> None:
    assert drawn[count].accepts({"seed": seed})
    assert drawn[count].witness({"seed": seed}) == expected(seed, count)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_each_is_odd_and_below_2_to_the_126(count: int) -> None:
    z = coefficients(7, count).z
    assert len(set(z)) == count
    assert all(each % 2 == 1 and abs(each) < 1 << 126 for each in z)
    assert min(z) < 0 < max(z)


def test_each_permutation_starts_from_a_number_of_its_own() -> None:
    """35 signatures take 19 words: 16, then 3 from a permutation of width 4."""
    first = poseidon_permutation([1, 7, *[0] * 15])[1:]
    second = poseidon_permutation([2, 7, 0, 0])[1:]
    words = first + second
    low = (1 << 126) - 1
    assert coefficients(7, 35).start == words[0] & (1 << 246) - 1
    assert coefficients(7, 35).z[34] == 2 * (words[18] & low) - low
    assert coefficients(7, 35).z[1] == 2 * (words[1] >> 126 & low) - low


@pytest.mark.parametrize("name", ["startBit[0]", "startBit[245]", "zBit[0][0]", "zBit[1][125]", "zBit[2][3]"])
def test_no_bit_can_be_chosen(drawn: Drawn, name: str) -> None:
    index = name.replace("[", " ").replace("]", "").split()
    value = expected(9, FEW)[index[0]]
    for place in index[1:]:
        assert isinstance(value, list)
        value = value[int(place)]
    assert isinstance(value, int)
    overrides = {f"main.{name}": 1 - value}
    assert not drawn[FEW].accepts_witness_with({"seed": 9}, overrides)


@pytest.mark.parametrize("place", range(FEW))
def test_no_coefficient_can_be_chosen(drawn: Drawn, place: int) -> None:
    assert not drawn[FEW].accepts_witness_with({"seed": 9}, {f"main.z[{place}]": 1})
