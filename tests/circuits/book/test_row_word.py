"""The packed fields of a row have one reading, even among fields that are not quite in range."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.circuits.book.case import NO_FIELDS, row_word
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester

BITS = dict(zip(NO_FIELDS, (2, 1, 33, 40, 20, 40, 20, 1), strict=True))
# By place in the word, and how far what a step sees may lie outside of the field: its comparisons bound it.
SPREAD = {
    "market": 0,
    "sentinel": 0,
    "reduceOnly": 0,
    "account": 0,
    "maxFee": 5 << 19,
    "rank": 1 << 33,
    "sequence": 1 << 40,
    "expiry": 1 << 40,
}
LARGEST = {name: (1 << bits) - 1 for name, bits in BITS.items()}


@pytest.fixture(scope="module")
def packing() -> CircuitTester:
    return CircuitTester("RowWord")


@pytest.fixture(scope="module")
def ranges() -> CircuitTester:
    return CircuitTester("RowFieldRanges")


@given(fields=st.fixed_dictionaries({name: st.integers(0, top) for name, top in LARGEST.items()}))
@settings(max_examples=30)
def test_fields_stand_side_by_side(packing: CircuitTester, fields: Tables) -> None:
    offset, expected = 0, 0
    for name, spread in SPREAD.items():
        furthest = (1 << BITS[name]) - 1 + spread
        expected, offset = expected + (fields[name] << offset), offset + furthest.bit_length()
    assert packing.witness({"fields": fields}) == {"word": expected}
    assert row_word(fields) == expected


def test_the_word_cannot_be_lied_about(packing: CircuitTester) -> None:
    assert not packing.accepts_witness_with({"fields": NO_FIELDS}, {"main.word": 1})


def test_the_smallest_and_largest_fields_are_in_range(ranges: CircuitTester) -> None:
    assert ranges.accepts({"fields": NO_FIELDS})
    assert ranges.accepts({"fields": LARGEST})


@pytest.mark.parametrize("name", BITS)
@pytest.mark.parametrize("beyond", [-1, 1])
def test_a_field_that_spills_into_its_neighbour_is_rejected(
    ranges: CircuitTester, name: str, beyond: int
) -> None:
    value = -1 if beyond < 0 else 1 << BITS[name]
    assert ranges.rejects({"fields": NO_FIELDS | {name: value}})
