"""The Grain LFSR that draws Poseidon's constants (Poseidon paper, appendix E)."""

from collections.abc import Iterator
from itertools import islice

from sequencer.crypto.types import FIELD_MODULUS

FIELD_BITS = FIELD_MODULUS.bit_length()
STATE_BITS = 80
WARM_UP_CLOCKS = 160
PRIME_FIELD = 1
POWER_SBOX = 0


class Grain:
    """The bit stream of one set of parameters.

    Parameters
    ----------
    width
        Elements of the Poseidon state, t.
    full_rounds, partial_rounds
        R_F and R_P.
    """

    def __init__(self, width: int, full_rounds: int, partial_rounds: int) -> None:
        description = (
            f"{PRIME_FIELD:02b}{POWER_SBOX:04b}{FIELD_BITS:012b}{width:012b}"
            f"{full_rounds:010b}{partial_rounds:010b}" + "1" * 30
        )
        # Bit 0 of the register is the description's first bit.
        clocked = self._clocked(int(description[::-1], 2))
        self._bits = self._shrunk(islice(clocked, WARM_UP_CLOCKS, None))

    @staticmethod
    def _clocked(register: int) -> Iterator[int]:
        """Yield the register's new bits. The last tap is 62, so 16 new bits depend on old ones only."""
        while True:
            word = register
            for tap in (13, 23, 38, 51, 62):
                word ^= register >> tap
            word &= 0xFFFF
            register = register >> 16 | word << (STATE_BITS - 16)
            yield from (word >> position & 1 for position in range(16))

    @staticmethod
    def _shrunk(bits: Iterator[int]) -> Iterator[int]:
        """Of each pair of bits, yield the second if the first is set."""
        for keep in bits:
            bit = next(bits)
            if keep:
                yield bit

    def _integer(self) -> int:
        value = 0
        for _ in range(FIELD_BITS):
            value = value << 1 | next(self._bits)
        return value

    def round_constant(self) -> int:
        """Return the next candidate below p; larger ones are thrown away."""
        while (candidate := self._integer()) >= FIELD_MODULUS:
            pass
        return candidate

    def matrix_element(self) -> int:
        """Return the next candidate, reduced modulo p."""
        return self._integer() % FIELD_MODULUS
