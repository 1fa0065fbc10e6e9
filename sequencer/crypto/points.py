"""Forms of a point of Baby Jubjub."""

from sequencer.crypto.types import FIELD_MODULUS


def montgomery(point: tuple[int, int]) -> tuple[int, int]:
    """Return ((1 + y) / (1 - y), (1 + y) / (x (1 - y))): the point on the Montgomery form of the curve.

    Raises
    ------
    ValueError
        If x is 0: the two points with it have no such form.
    """
    x, y = point
    inverse = pow(x * (1 - y), -1, FIELD_MODULUS)
    v = (1 + y) * inverse % FIELD_MODULUS
    return v * x % FIELD_MODULUS, v
