"""The one check of a batch's signatures: random coefficients and scalars (docs/spec/signatures.md)."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sequencer.crypto import SUBGROUP_ORDER, poseidon, poseidon_permutation
from sequencer.model.words import to_field, unpack

LIMB_BITS: Final = 85
SCALAR_BITS: Final = 252
START_BITS: Final = 246
COEFFICIENT_BITS: Final = 126
WORDS_A_PERMUTATION: Final = 16


class Signed(Struct, frozen=True):
    """One slot of the check.

    Attributes
    ----------
    owner : int or None
        Index of the key that signed; None where nothing is signed and any (R8, S) with S Base8 = R8 stands.
    signature : tuple of (int, int, int)
        (R8.x, R8.y, S) with R8 of the prime subgroup, not 0.
    """

    owner: int | None
    message: int
    signature: tuple[int, int, int]

    def challenge(self, keys: Sequence[tuple[int, int]]) -> int:
        """Return h = Poseidon(R8, A, M), over the key (0, 0) where nothing is signed."""
        key = (0, 0) if self.owner is None else keys[self.owner]
        return poseidon((*self.signature[:2], *key, self.message))


class Coefficients(Struct, frozen=True):
    """The multiplier c of the start, and the odd z of each signature."""

    start: int
    z: tuple[int, ...]


class ReducedScalar(Struct, frozen=True):
    """A scalar modulo l in bits, and why it is congruent: quotient and carries, as field elements."""

    bits: list[int]
    quotient: list[int]
    carries: list[int]


def coefficients(seed: int, count: int) -> Coefficients:
    """Squeeze the coefficients of `count` signatures from a seed."""
    words: list[int] = []
    wanted = 1 + (count + 1) // 2
    for number, start in enumerate(range(0, wanted, WORDS_A_PERMUTATION)):
        width = min(WORDS_A_PERMUTATION, wanted - start)
        words += poseidon_permutation([1 + number, seed, *[0] * (width - 1)])[1:]
    pieces = [
        unpack(words[1 + place // 2], COEFFICIENT_BITS * (place % 2), COEFFICIENT_BITS)
        for place in range(count)
    ]
    return Coefficients(
        unpack(words[0], 0, START_BITS), tuple(2 * piece - (1 << COEFFICIENT_BITS) + 1 for piece in pieces)
    )


def scalars(
    drawn: Coefficients, slots: Sequence[Signed], challenges: Sequence[int], keys: int
) -> list[ReducedScalar]:
    """Return the scalar of each of `keys` keys, then the one of the base point."""
    of_key = [[0, 0, 0] for _ in range(keys)]
    of_base = [0, 0, 0]
    for z, slot, h in zip(drawn.z, slots, challenges, strict=True):
        _add(of_base, z, slot.signature[2])
        if slot.owner is not None:
            _add(of_key[slot.owner], z, h)
    for place, limb in enumerate(_limbs(drawn.start)):
        _add(of_base, limb, pow(2, SCALAR_BITS + LIMB_BITS * place, SUBGROUP_ORDER))
    return [reduced(limbs, signed=True) for limbs in of_key] + [reduced(of_base, signed=False)]


def reduced(limbs: Sequence[int], *, signed: bool) -> ReducedScalar:
    """Reduce a number of three limbs modulo l.

    Parameters
    ----------
    signed
        Whether the bits are the signs of an odd scalar, 2 bits - (2^252 - 1), or the scalar itself.
    """
    number = sum(limb << LIMB_BITS * place for place, limb in enumerate(limbs))
    scalar = number % SUBGROUP_ORDER
    bits, scalar_limbs = scalar, _limbs(scalar)
    if signed:
        scalar -= 0 if scalar % 2 else SUBGROUP_ORDER
        bits = (scalar + (1 << SCALAR_BITS) - 1) // 2
        ones = _limbs((1 << SCALAR_BITS) - 1)
        scalar_limbs = [2 * limb - one for limb, one in zip(_limbs(bits), ones, strict=True)]
    high, low = divmod((number - scalar) // SUBGROUP_ORDER, 1 << LIMB_BITS)
    order = _limbs(SUBGROUP_ORDER)
    first = (limbs[0] - low * order[0] - scalar_limbs[0]) >> LIMB_BITS
    second = (limbs[1] - low * order[1] - high * order[0] - scalar_limbs[1] + first) >> LIMB_BITS
    return ReducedScalar(
        bits=[bits >> place & 1 for place in range(SCALAR_BITS)],
        quotient=[low, to_field(high)],
        carries=[to_field(first), to_field(second)],
    )


def _add(limbs: list[int], factor: int, number: int) -> None:
    for place, limb in enumerate(_limbs(number)):
        limbs[place] += factor * limb


def _limbs(number: int) -> list[int]:
    return [unpack(number, 0, LIMB_BITS), unpack(number, LIMB_BITS, LIMB_BITS), number >> 2 * LIMB_BITS]
