"""Eighths and the Montgomery form of points."""

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.crypto import BASE8, FIELD_MODULUS, SUBGROUP_ORDER, montgomery, public_key
from sequencer.crypto.reference.babyjubjub import Point, add, multiply

SECRETS = st.integers(1, SUBGROUP_ORDER - 1)


@given(secret=SECRETS)
def test_eight_eighths_are_the_point(crypto: ModuleType, secret: int) -> None:
    point = public_key(secret)
    eighth = crypto.eighth(*point)
    assert multiply(8, Point(*eighth)).affine() == point
    assert multiply(SUBGROUP_ORDER, Point(*eighth)).affine() == (0, 1)


def test_the_identity_is_its_own_eighth(crypto: ModuleType) -> None:
    assert crypto.eighth(0, 1) == (0, 1)


def test_a_point_outside_the_subgroup_has_no_eighth(crypto: ModuleType, vectors: dict[str, Any]) -> None:
    torsion = [add(Point(*BASE8), Point(*point)).affine() for point in vectors["small_order_points"][1:]]
    for x, y in [*torsion, (1, 1), (BASE8.x + FIELD_MODULUS, BASE8.y), (BASE8.x, -BASE8.y)]:
        with pytest.raises(ValueError, match="the point is not in the prime subgroup"):
            crypto.eighth(x, y)


@given(secret=SECRETS)
def test_the_montgomery_form_leads_back_to_the_point(secret: int) -> None:
    x, y = public_key(secret)
    u, v = montgomery((x, y))
    assert (x * v - u) % FIELD_MODULUS == 0
    assert (y * (u + 1) - (u - 1)) % FIELD_MODULUS == 0
    assert (v * v - u * (u * u + 168698 * u + 1)) % FIELD_MODULUS == 0


@pytest.mark.parametrize("point", [(0, 1), (0, FIELD_MODULUS - 1)])
def test_two_points_have_no_montgomery_form(point: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="invertible"):
        montgomery(point)
