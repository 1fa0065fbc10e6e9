"""The sum of the points, and why nobody may choose where it starts."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.crypto import SUBGROUP_ORDER
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import times

KEY_BITS, Z_BITS = 252, 126
MULTIPLIERS = st.integers(1, SUBGROUP_ORDER - 1)


def odd(value: int, width: int) -> list[int]:
    """The bits whose signs make an odd number."""
    shifted = (value + (1 << width) - 1) // 2
    return [shifted >> place & 1 for place in range(width)]


def inputs(
    start: int, keys: Sequence[int], e: Sequence[int], r8: Sequence[int], z: Sequence[int]
) -> dict[str, Nested]:
    """Points are given by their multiples of Base8."""
    return {
        "start": times(start),
        "key": [times(key) for key in keys],
        "keyBit": [odd(value, KEY_BITS) for value in e],
        "r8": [times(point) for point in r8],
        "zBit": [odd(value, Z_BITS) for value in z],
    }


@pytest.fixture(scope="module")
def two() -> CircuitTester:
    return CircuitTester("Combination", (2, 2))


@settings(max_examples=10)
@given(
    points=st.lists(MULTIPLIERS, min_size=5, max_size=5),
    e=st.lists(
        st.integers(-(1 << 251), (1 << 251) - 1).map(lambda half: 2 * half + 1), min_size=2, max_size=2
    ),
    z=st.lists(
        st.integers(-(1 << 125), (1 << 125) - 1).map(lambda half: 2 * half + 1), min_size=2, max_size=2
    ),
)
def test_the_sum_is_the_combination(
    two: CircuitTester, points: list[int], e: list[int], z: list[int]
) -> None:
    start, *others = points
    given = inputs(start, others[:2], e, others[2:], z)
    total = (start << KEY_BITS) + sum(m * p for m, p in zip([*e, *z], others, strict=True))
    assert two.accepts(given)
    assert two.witness(given) == {"sum": list(times(total))}


@pytest.mark.parametrize(
    "name", ["sum[0]", "sum[1]", "keyThrice[0][0]", "r8Thrice[1][1]", "partial[62][3][0]"]
)
def test_no_point_on_the_way_can_be_lied_about(two: CircuitTester, name: str) -> None:
    given = inputs(1234, [5, 6], [7, -9], [8, 9], [1, 3])
    assert not two.accepts_witness_with(given, {f"main.{name}": 3})


def test_a_start_that_meets_a_point_makes_the_sum_a_choice(two: CircuitTester) -> None:
    """Why the start is drawn last: as 4 x 3 = 3 x 4, the first addition is of P and P: its slope is free."""
    e = (1 << KEY_BITS) - 1
    given = inputs(3, [4, 6], [e, e], [8, 9], [1, 3])
    truth = times((3 << KEY_BITS) + 4 * e + 6 * e + 8 + 27)
    assert two.accepts(given)
    assert two.witness(given) != {"sum": list(truth)}


def test_a_start_that_meets_the_negative_of_a_point_has_no_witness(two: CircuitTester) -> None:
    e = (1 << KEY_BITS) - 1
    assert two.rejects(inputs(-3, [4, 6], [e, e], [8, 9], [1, 3]))
