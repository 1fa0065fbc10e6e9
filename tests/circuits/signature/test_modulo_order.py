"""A scalar is congruent modulo l to the number that it stands for, and every hint of that is in its range."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.batch.combination import reduced
from sequencer.crypto import SUBGROUP_ORDER
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

LIMB = 85
MASK = (1 << LIMB) - 1
ORDER = (SUBGROUP_ORDER & MASK, SUBGROUP_ORDER >> LIMB & MASK, SUBGROUP_ORDER >> 2 * LIMB)
LARGEST = 63 << 126  # 63 signatures, |z| < 2^126
LIMBS = st.tuples(*[st.integers(-LARGEST << bits, LARGEST << bits) for bits in (85, 85, 84)])
SIGNED = (False, True)


@pytest.fixture(scope="module")
def modulo() -> dict[bool, CircuitTester]:
    return {signed: CircuitTester("ModuloOrder", (int(signed),)) for signed in SIGNED}


Modulo = dict[bool, CircuitTester]


def fitting(
    bits: Sequence[int], quotient: tuple[int, int], carry: tuple[int, int], signed: bool
) -> dict[str, Any]:
    """Hints of any size, with the limbs for which every row of the equation holds."""
    magnitude = sum(bit << place for place, bit in enumerate(bits))
    e = [magnitude & MASK, magnitude >> LIMB & MASK, magnitude >> 2 * LIMB]
    if signed:
        e = [2 * e[0] - MASK, 2 * e[1] - MASK, 2 * e[2] - (1 << 82) + 1]
    (low, high), (first, second) = quotient, carry
    limbs = [
        low * ORDER[0] + e[0] + (first << LIMB),
        low * ORDER[1] + high * ORDER[0] + e[1] - first + (second << LIMB),
        low * ORDER[2] + high * ORDER[1] + e[2] - second + (high * ORDER[2] << LIMB),
    ]
    return {"limb": limbs, "bit": bits, "quotient": quotient, "carry": carry}


ONES = [1] * 252


@given(limbs=LIMBS, signed=st.booleans())
def test_every_number_has_its_scalar(modulo: Modulo, limbs: tuple[int, ...], signed: bool) -> None:
    hint = reduced(limbs, signed=signed)
    given: dict[str, Any] = {
        "limb": limbs,
        "bit": hint.bits,
        "quotient": hint.quotient,
        "carry": hint.carries,
    }
    scalar = sum((2 * bit - 1 if signed else bit) << place for place, bit in enumerate(hint.bits))
    number = sum(limb << LIMB * place for place, limb in enumerate(limbs))
    assert (number - scalar) % SUBGROUP_ORDER == 0
    assert modulo[signed].accepts(given)
    for name, values in (("limb", limbs), ("quotient", hint.quotient), ("carry", hint.carries)):
        for place, value in enumerate(values):
            assert modulo[signed].rejects(
                given | {name: [*values[:place], to_field(value + 1), *values[place + 1 :]]}
            )
    for place in (0, 84, 85, 170, 251):
        flipped = [bit ^ (at == place) for at, bit in enumerate(hint.bits)]
        assert modulo[signed].rejects(given | {"bit": flipped})


@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize(
    ("quotient", "carry"),
    [
        ((0, 0), (0, 0)),
        ((MASK, (1 << 51) - 1), (0, 0)),
        ((0, -(1 << 51)), (0, 0)),
        ((5, 5), ((1 << 132) - 1, -(1 << 132))),
        ((5, 5), (-(1 << 132), (1 << 132) - 1)),
    ],
)
def test_a_hint_may_be_on_the_edge_of_its_range(
    modulo: Modulo, quotient: tuple[int, int], carry: tuple[int, int], signed: bool
) -> None:
    assert modulo[signed].accepts(fitting(ONES, quotient, carry, signed))


@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize(
    ("quotient", "carry"),
    [
        ((MASK + 1, 0), (0, 0)),
        ((-1, 0), (0, 0)),
        ((0, 1 << 51), (0, 0)),
        ((0, -(1 << 51) - 1), (0, 0)),
        ((0, 0), (1 << 132, 0)),
        ((0, 0), (-(1 << 132) - 1, 0)),
        ((0, 0), (0, 1 << 132)),
        ((0, 0), (0, -(1 << 132) - 1)),
    ],
)
def test_a_hint_beyond_its_range_is_rejected_though_the_rows_hold(
    modulo: Modulo, quotient: tuple[int, int], carry: tuple[int, int], signed: bool
) -> None:
    assert modulo[signed].rejects(fitting(ONES, quotient, carry, signed))


@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize("place", [0, 100, 251])
def test_a_digit_is_a_bit(modulo: Modulo, place: int, signed: bool) -> None:
    """2 in one place is 1 in the next: the number is the same, the digit's point is not."""
    bits = [0] * 252
    bits[place] = 2
    given = fitting([0] * 252, (0, 0), (0, 0), signed)
    factor = 2 if signed else 1
    limbs = list(given["limb"])
    limbs[place // LIMB] += factor * 2 << place % LIMB
    assert modulo[signed].rejects(given | {"bit": bits, "limb": limbs})
