"""The scalars of the combination, in limbs that are not yet reduced."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.crypto import SUBGROUP_ORDER
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import LIMB_BITS, limbs

COEFFICIENTS = st.integers(1 - (1 << 126), (1 << 126) - 1)
NUMBERS = st.integers(0, (1 << 254) - 1)
# The limbs of 2^252, 2^337 and 2^422 modulo l, by which the limbs of the start count.
POWERS = [limbs(pow(2, 252 + LIMB_BITS * place, SUBGROUP_ORDER)) for place in range(3)]


@pytest.fixture(scope="module")
def scalars() -> CircuitTester:
    return CircuitTester("Scalars", (2, 2))


def inputs(owners: list[int | None], z: list[int], h: list[int], s: list[int], start: int) -> dict[str, Any]:
    return {
        "owner": [[int(owner == key) for key in range(2)] for owner in owners],
        "z": [to_field(each) for each in z],
        "hLimb": [limbs(each) for each in h],
        "sLimb": [limbs(each) for each in s],
        "startLimb": limbs(start),
    }


@given(
    owners=st.lists(st.sampled_from((None, 0, 1)), min_size=2, max_size=2),
    z=st.lists(COEFFICIENTS, min_size=2, max_size=2),
    h=st.lists(NUMBERS, min_size=2, max_size=2),
    s=st.lists(NUMBERS, min_size=2, max_size=2),
    start=NUMBERS,
)
def test_each_key_has_its_challenges_and_the_base_point_the_rest(
    scalars: CircuitTester, owners: list[int | None], z: list[int], h: list[int], s: list[int], start: int
) -> None:
    given = inputs(owners, z, h, s, start)
    of_key = [
        [sum(z[i] * limbs(h[i])[place] for i in range(2) if owners[i] == key) for place in range(3)]
        for key in range(2)
    ]
    of_base = [
        sum(z[i] * limbs(s[i])[place] for i in range(2))
        + sum(limb * power[place] for limb, power in zip(limbs(start), POWERS, strict=True))
        for place in range(3)
    ]
    assert scalars.accepts(given)
    assert scalars.witness(given) == {
        "keyLimb": [[to_field(limb) for limb in row] for row in of_key],
        "baseLimb": [to_field(limb) for limb in of_base],
    }


@pytest.mark.parametrize(
    "lie",
    [
        ("keyLimb[0][1]",),
        ("baseLimb[2]",),
        ("owned[1][0][1]", "keyLimb[0][1]"),
        ("zh[0][2]", "owned[0][0][2]", "keyLimb[0][2]"),
        ("zs[1][0]", "baseLimb[0]"),
    ],
    ids="-".join,
)
def test_no_product_can_be_lied_about(scalars: CircuitTester, lie: tuple[str, ...]) -> None:
    """One more at each place on the way to the sum: only the product itself is wrong."""
    given = inputs([0, 0], [1, 1], [0, 0], [0, 0], 0)
    assert scalars.witness(given) == {"keyLimb": [[0] * 3] * 2, "baseLimb": [0] * 3}
    assert not scalars.accepts_witness_with(given, {f"main.{name}": 1 for name in lie})
