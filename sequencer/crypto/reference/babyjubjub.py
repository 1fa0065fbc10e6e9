"""Baby Jubjub as in circomlib (EIP-2494): 168700 x^2 + y^2 = 1 + 168696 x^2 y^2 over the BN254 scalar field.

Its order is 8 l. 168700 is a square and 168696 is not, so the addition law has no special case.
"""

from typing import Final, NamedTuple

from sequencer.crypto.types import FIELD_MODULUS, SUBGROUP_ORDER

A: Final = 168700
D: Final = 168696
COFACTOR: Final = 8


class Point(NamedTuple):
    """Projective coordinates: the affine point is (x / z, y / z) modulo p."""

    x: int
    y: int
    z: int = 1

    def affine(self) -> tuple[int, int]:
        """Return the affine coordinates in [0, p)."""
        inverse = pow(self.z, -1, FIELD_MODULUS)
        return self.x * inverse % FIELD_MODULUS, self.y * inverse % FIELD_MODULUS


IDENTITY: Final = Point(0, 1)


def is_on_curve(x: int, y: int) -> bool:
    """Return whether x and y are in [0, p) and satisfy the curve equation."""
    in_field = 0 <= x < FIELD_MODULUS and 0 <= y < FIELD_MODULUS
    xx, yy = x * x, y * y
    return in_field and (A * xx + yy - 1 - D * xx * yy) % FIELD_MODULUS == 0


def add(left: Point, right: Point) -> Point:
    """Return left + right (Bernstein, Birkner, Joye, Lange, Peters, "Twisted Edwards Curves", 2008)."""
    z = left.z * right.z % FIELD_MODULUS
    xx = left.x * right.x % FIELD_MODULUS
    yy = left.y * right.y % FIELD_MODULUS
    cross = (left.x + left.y) * (right.x + right.y) - xx - yy
    zz = z * z
    product = D * xx * yy
    minus, plus = (zz - product) % FIELD_MODULUS, (zz + product) % FIELD_MODULUS
    return Point(
        z * minus * cross % FIELD_MODULUS,
        z * plus * (yy - A * xx) % FIELD_MODULUS,
        minus * plus % FIELD_MODULUS,
    )


def multiply(multiplier: int, point: Point) -> Point:
    """Return multiplier * point for a multiplier of 0 or more, by double and add."""
    result = IDENTITY
    for bit in f"{multiplier:b}":
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def eighth(x: int, y: int) -> tuple[int, int]:
    """Return the Q of the prime subgroup with 8 Q = (x, y); ValueError for a point outside the subgroup."""
    quotient = (
        multiply(pow(COFACTOR, -1, SUBGROUP_ORDER), Point(x, y)).affine() if is_on_curve(x, y) else (0, 1)
    )
    if multiply(COFACTOR, Point(*quotient)).affine() != (x, y):
        raise ValueError("the point is not in the prime subgroup")
    return quotient
