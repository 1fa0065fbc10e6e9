"""Fingerprints of multisets: order and absent elements do not matter, everything else does."""

import itertools

import pytest

from sequencer.crypto import FIELD_MODULUS
from tests.circuits.harness import CircuitTester

CHALLENGE = 0xC0FFEE << 200


@pytest.fixture(scope="module")
def product() -> CircuitTester:
    return CircuitTester("MultisetProduct", (3,))


def fingerprint(present: list[int], elements: list[int]) -> int:
    value = 1
    for there, element in zip(present, elements, strict=True):
        value = value * (CHALLENGE + element if there else 1) % FIELD_MODULUS
    return value


def inputs(present: list[int], elements: list[int]) -> dict[str, int | list[int]]:
    return {"challenge": CHALLENGE, "present": present, "elements": elements}


@pytest.mark.parametrize("present", list(itertools.product((0, 1), repeat=3)))
def test_the_fingerprint_is_the_product_over_present_elements(
    product: CircuitTester, present: tuple[int, ...]
) -> None:
    values = inputs(list(present), [0, FIELD_MODULUS - 1, 1 << 201])
    assert product.accepts(values)
    assert product.witness(values) == {"out": fingerprint(list(present), [0, -1, 1 << 201])}


def test_order_does_not_matter(product: CircuitTester) -> None:
    assert product.witness(inputs([1, 1, 0], [4, 9, 5])) == product.witness(inputs([1, 0, 1], [9, 8, 4]))


@pytest.mark.parametrize("other", [[4, 4, 9], [4, 9, 9], [4, 9, 0]])
def test_how_often_an_element_stands_there_matters(product: CircuitTester, other: list[int]) -> None:
    pair = product.witness(inputs([1, 1, 0], [4, 9, 9]))
    assert pair != product.witness(inputs([1, 1, 1], other))


@pytest.mark.parametrize("signal", ["main.out", "main.factor[1]", "main.product[2]"])
def test_no_factor_can_be_made_up(product: CircuitTester, signal: str) -> None:
    assert not product.accepts_witness_with(inputs([1, 1, 1], [2, 3, 4]), {signal: 1})


def test_a_present_element_cannot_be_left_out(product: CircuitTester) -> None:
    """Every later product agrees with the lie."""
    lie = {
        "main.factor[1]": 1,
        "main.product[2]": fingerprint([1, 0, 0], [2, 3, 4]),
        "main.out": fingerprint([1, 0, 1], [2, 3, 4]),
    }
    assert not product.accepts_witness_with(inputs([1, 1, 1], [2, 3, 4]), lie)
