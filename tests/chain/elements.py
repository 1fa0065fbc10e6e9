"""Seeded numbers where implementations differ: at zero, at the modulus, and around powers of two."""

from random import Random

from sequencer.model.constants import FIELD_MODULUS

WORD_BITS = 256


def number(chance: Random, bound: int) -> int:
    """A number below the bound; every third one stands at an edge."""
    if chance.randrange(3):
        return chance.randrange(bound)
    power = 1 << chance.randrange(bound.bit_length())
    return chance.choice([edge for edge in (0, 1, power - 1, power, bound - 1) if edge < bound])


def elements(chance: Random, count: int) -> list[int]:
    """So many field elements."""
    return [number(chance, FIELD_MODULUS) for _ in range(count)]


def words(chance: Random, count: int) -> list[int]:
    """So many words of 256 bits, field elements or not."""
    return [number(chance, 1 << WORD_BITS) for _ in range(count)]
