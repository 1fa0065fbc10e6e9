"""Packing integers into field words, and signed integers into field elements."""

from collections.abc import Iterable

from sequencer.model.constants import FIELD_MODULUS


def pack(parts: Iterable[tuple[int, int, int]]) -> int:
    """Pack `(value, offset, width)` parts into one word.

    Raises
    ------
    ValueError
        If a value does not fit its width: packing must stay injective.
    """
    word = 0
    for value, offset, width in parts:
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit {width} bits at offset {offset}")
        word |= value << offset
    return word


def unpack(word: int, offset: int, width: int) -> int:
    """Return the `width` bits of `word` that start at bit `offset`."""
    return (word >> offset) & ((1 << width) - 1)


def to_field(value: int) -> int:
    """Return the field element of a signed integer: negatives count down from the modulus."""
    return value % FIELD_MODULUS


def from_field(element: int) -> int:
    """Return the signed integer of a field element; the inverse of `to_field` for |value| < p / 2."""
    return element - FIELD_MODULUS if element > FIELD_MODULUS // 2 else element
